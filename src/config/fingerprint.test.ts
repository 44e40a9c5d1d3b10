import { describe, expect, it } from 'vitest';
import type { StreamConfig } from '../core/config.ts';
import { streamFingerprint } from './fingerprint.ts';
import { parseConfig } from './load.ts';

function stream(lines: string): StreamConfig {
  const parsed = parseConfig(`version: 1\nstreams:\n  - id: news\n    ${lines}\n`, {
    path: '/f',
    env: {},
    readSecretFile: () => undefined,
  });
  const first = parsed.ok ? parsed.config.streams[0] : undefined;
  if (first === undefined) throw new Error(JSON.stringify(parsed));
  return first;
}

const base = 'source: { url: http://h/x, headers: { A: "1", B: "2" } }';

describe('streamFingerprint', () => {
  it.each([
    ['source: { headers: { B: "2", A: "1" }, url: http://h/x }', 'the order of keys'],
    [`${base}\n    name: Other`, 'the name'],
    [`${base}\n    tags: [a]\n    group: G\n    logo: http://h/x.png\n    tvgId: x\n    enabled: false`, 'what lists show'],
    [`${base}\n    restart: { minDelay: 5s }`, 'the restart policy'],
    [`${base}\n    output: { segment: 2s }`, 'a default written out'],
  ])('%s: stays with %s', (lines) => {
    expect(streamFingerprint(stream(lines))).toBe(streamFingerprint(stream(base)));
  });

  it.each([
    'source: { url: http://h/y, headers: { A: "1", B: "2" } }',
    'source: { url: http://h/x, headers: { A: "1", B: "3" } }',
    `${base}\n    output: { segment: 4s }`,
    `${base}\n    output: { audio: none }`,
    `${base}\n    reconnect: { timeout: 5s }`,
    `${base}\n    userAgent: x`,
    'sources: [{ url: http://h/x, headers: { A: "1", B: "2" } }, "test:"]',
    'source: { url: http://h/x, headers: { A: "1", B: "2" }, inputOptions: { probesize: 5M } }',
  ])('%s: changes', (lines) => {
    expect(streamFingerprint(stream(lines))).not.toBe(streamFingerprint(stream(base)));
  });
});
