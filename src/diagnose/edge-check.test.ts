import { expect, it } from 'vitest';

import { parseConfig } from '../config/load.ts';
import type { HttpAnswer } from '../core/ports.ts';
import { edgeCheck } from './checks/edge.ts';
import type { DoctorContext } from './context.ts';
import type { DoctorFacts } from './doctor-facts.ts';

function contextOf(answer: Partial<HttpAnswer> | undefined, edge = '{}', inside = false) {
  const parsed = parseConfig(`version: 1\nserver: { edge: ${edge} }\nstreams: []\n`, {
    path: '/srv/streams.yaml',
    env: {},
    readSecretFile: () => undefined,
  });
  if (!parsed.ok) throw new Error('the list is not valid');
  const asked: string[] = [];
  const net = {
    get: async (url: string) => {
      asked.push(url);
      return answer === undefined ? undefined : { status: 404, headers: {}, body: '', ...answer };
    },
  };
  const context = { config: parsed.config, runtime: 'local', inside, paths: { edge: '/var/lib/iptv/edge' }, ports: { net } };
  return { context: context as unknown as DoctorContext, asked };
}

it.each([
  ['ok', { headers: { 'x-cache': 'MISS' } }],
  ['edge-silent', undefined],
  ['edge-no-origin', { status: 502 }],
  ['edge-no-origin', { status: 504 }],
  ['edge-full', { headers: { 'x-cache': 'PASS' } }],
])('finds %s', async (code, answer) => {
  const { context, asked } = contextOf(answer);
  const findings = await edgeCheck.run(context, {} as DoctorFacts);
  expect(findings.map((finding) => finding.code)).toEqual([code]);
  expect(asked).toEqual(['http://127.0.0.1:8089/live/iptv-doctor/index.m3u8']);
});

it('names the origins that do not answer', async () => {
  const { context } = contextOf({ status: 502 }, '{ upstream: ["http://a:1", "http://b:2"] }');
  const [finding] = await edgeCheck.run(context, {} as DoctorFacts);
  expect([finding?.what, finding?.next]).toEqual(['the edge answers, and none of its origins does', 'curl -si http://a:1/healthz']);
});

it('asks the service from inside a container, and nobody where there is no edge', async () => {
  const { context, asked } = contextOf({}, '{}', true);
  await edgeCheck.run(context, {} as DoctorFacts);
  expect(asked[0]).toMatch(/^http:\/\/nginx-edge:8000\//);
  const { edge: _edge, ...server } = context.config.server;
  expect(edgeCheck.notHere?.({ ...context, config: { ...context.config, server } })).toBe('streams.yaml has no server.edge');
});
