// What cannot be made for real on every machine: a source without a route to it, and files that stay.

import { expect, it } from 'vitest';

import { sourceOf, streamOf } from '../../../tests/helpers/streams.ts';
import type { RunResult } from '../../core/ports.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import type { Argv } from '../place.ts';
import { endToEndCheck } from './e2e.ts';
import { sourcesCheck } from './sources.ts';

const stream = streamOf(sourceOf('http-ts', 'http://tv.example/x.ts'));

function contextOf(stderr: string, names: () => readonly string[]): DoctorContext {
  const run = async (argv: Argv): Promise<RunResult> =>
    argv[0] === 'rm'
      ? { exitCode: 1, stdout: '', stderr: 'Operation not permitted', timedOut: false, missing: false }
      : { exitCode: 1, stdout: '', stderr, timedOut: false, missing: false };
  const folder = async () => ({ entries: names().map((name) => ({ name })) });
  const place = { unreachable: undefined, run, folder, describe: (argv: Argv) => argv.join(' ') };
  return {
    runtime: 'docker',
    config: { path: '/etc/iptv/streams.yaml', secrets: [], server: { hlsDirectory: '/tmp/hls', segmentSeconds: 1 }, streams: [stream] },
    endpoints: { rtmpUrl: 'rtmp://nginx-rtmp:1935/live', hlsUrl: 'http://nginx-rtmp:8000/hls' },
    originUrl: 'http://127.0.0.1:8088',
    asked: new Set(),
    places: { backend: place, origin: place },
    ports: {
      clock: { random: () => 0.5, monotonic: () => 0, after: (_ms: number, then: () => void) => setTimeout(then, 0) },
      net: { get: async () => undefined },
    },
  } as unknown as DoctorContext;
}

const facts = { status: async () => undefined, ffmpeg: async () => undefined } as unknown as DoctorFacts;
const codesOf = (findings: readonly { readonly status: string; readonly code: string }[]): readonly string[] =>
  findings.map(({ status, code }) => `${status} ${code}`);

it('there is no way to the network of a source', async () => {
  const context = contextOf('http://tv.example/x.ts: No route to host', () => []);
  expect(codesOf(await sourcesCheck.run(context, facts))).toEqual(['fail source-unreachable']);
});

it('files of the test stream stay', async () => {
  const context = contextOf('Server error: Already publishing', () => ['iptv-doctor-89oqgw-1.ts', 'iptv-doctor-89oqgw-2.ts', 'news-1.ts']);
  const found = await endToEndCheck.run(context, facts);
  expect(codesOf(found)).toEqual(['fail publish-refused', 'fail files-left']);
  expect(found[1]?.evidence).toEqual(['iptv-doctor-89oqgw-1.ts', 'iptv-doctor-89oqgw-2.ts']);
});
