import { expect, it } from 'vitest';
import { recordedFacts } from '../../tests/helpers/ffmpeg-fixtures.ts';
import { sourceOf } from '../../tests/helpers/streams.ts';
import { probeArgv } from './probe.ts';

it('asks with the input options of the job, without those that set a pace', () => {
  const facts = recordedFacts('7.1');
  expect(probeArgv(sourceOf('rtsp', 'rtsp://u:p@h/x'), facts).join(' ')).toBe(
    '-hide_banner -loglevel level+warning -show_streams -of json -protocol_whitelist rtsp,rtp,rtcp,udp,tcp,tls -rtsp_transport tcp -timeout 10000000 -fflags +genpts -analyzeduration 3000000 -probesize 3000000 -i rtsp://u:p@h/x',
  );
  expect(probeArgv(sourceOf('file', '/a.ts'), facts).join(' ')).toMatch(
    /json -protocol_whitelist file,crypto,data -fflags \+genpts -i file:\/a\.ts$/,
  );
});
