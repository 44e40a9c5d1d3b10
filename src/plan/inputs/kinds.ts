// The list of source kinds: a new kind is one file and one line here.

import type { SourceKind } from '../../core/config.ts';
import { file } from './file.ts';
import { hls } from './hls.ts';
import { httpTs } from './http-ts.ts';
import type { InputKind } from './input-kind.ts';
import { rtmp } from './rtmp.ts';
import { rtp } from './rtp.ts';
import { rtsp } from './rtsp.ts';
import { srt } from './srt.ts';
import { testSource } from './test-source.ts';
import { udp } from './udp.ts';

export const inputKinds: Readonly<Record<SourceKind, InputKind>> = {
  hls,
  'http-ts': httpTs,
  rtmp,
  rtsp,
  srt,
  udp,
  rtp,
  file,
  test: testSource,
};
