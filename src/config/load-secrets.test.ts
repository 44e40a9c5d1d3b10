// Whatever a secret looks like and wherever it stands: it is known, and never shown.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactText } from '../core/redact.ts';
import { parseConfig } from './load.ts';

/** Characters that mean something in URLs, headers, YAML or ffmpeg; `zq` keeps it from occurring by chance. */
const secret = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019@:/?#[]!$&()*+,;=%~._-| "\\\'{}<>`^\n\r\t\u0007é'), minLength: 4, maxLength: 24 })
  .map((text) => `zq${text}zq`);
const urlSecret = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019!$&*+,;=%~._-'), minLength: 4, maxLength: 24 })
  .map((text) => `zq${text}zq`);

function parse(text: string, value: string) {
  return parseConfig(text, { path: '/f/streams.yaml', env: { SECRET: value }, readSecretFile: () => `${value}\n` });
}

const places: readonly string[] = [
  'source: http://joe:REF@h.example/x.ts',
  'source: http://REF@h.example/x.ts',
  'source: http://h.example/live/joe/REF/1.ts',
  'source: http://h.example/x.m3u8?token=REF',
  'source: http://h.example/x.m3u8?whatever=REF',
  'source: "REF"',
  'source: rtmp://h.example/app/REF',
  'source: srt://h.example:9000?passphrase=REF',
  'source: { url: http://h.example/x, headers: { Authorization: "Bearer REF" } }',
  'source: { url: http://h.example/x, headers: { X-Anything: "REF" } }',
  'source: { url: http://h.example/x, userAgent: "REF" }',
  'source: { url: http://h.example/x, kind: "REF" }',
  'source: { url: "srt://h.example:1", inputOptions: { passphrase: "REF" } }',
  'source: { url: http://h.example/x, inputOptions: { probesize: "REF" } }',
  'source: "test:"\n    output: { segment: "REF" }',
  'source: "test:"\n    tags: ["REF"]',
  'source: "test:"\n    logo: "REF"',
  'source: "test:"\n    enabled: "REF"',
  'source: "REF:x"',
  'source: "test:?fps=REF"',
];

describe('a secret from a reference', () => {
  it.each(places)('%s', (place) => {
    for (const reference of ['${SECRET}', '${file:/run/secrets/x}']) {
      const text = `version: 1\nstreams:\n  - id: news\n    ${place.replace('REF', () => reference)}\n    nmae: x\n`;
      fc.assert(
        fc.property(secret, (value) => {
          // With one deliberate mistake: the report must not show it ...
          const broken = parse(text, value);
          expect(broken.ok).toBe(false);
          expectHidden(broken, value);
          // ... and without it, what is printed must not either.
          const parsed = parse(text.replace('    nmae: x\n', ''), value);
          if (!parsed.ok) return expectHidden(parsed, value);
          const shown = parsed.config.streams.flatMap((stream) => stream.sources.map(({ display }) => display));
          expectHidden(shown, value);
          const printed = parsed.config.streams.flatMap(({ sources }) =>
            sources.flatMap(({ url, headers }) => [url, ...Object.values(headers)]),
          );
          expectHidden(
            printed.map((line) => redactText(line, parsed.config.secrets)),
            value,
          );
        }),
        // A path with a doubled slash is shown without it (found by an earlier run).
        { numRuns: 25, examples: [['zq//aaazq'], ['zq/./../b/aaazq']] },
      );
    }
  });
});

describe('a secret written in the file', () => {
  it.each([
    'source: "http://joe:REF@h.example/x.ts"',
    'source: "http://h.example/x.m3u8?token=REF&n=1"',
    'source: { url: "http://h.example/x", headers: { Authorization: "Basic REF" } }',
    'source: { url: "http://h.example/x", headers: { Cookie: "session=REF" } }',
    'source: { url: "srt://h.example:1", inputOptions: { passphrase: "REF" } }',
    'source: "htpp://joe:REF@h.example/x.ts"',
  ])('%s', (place) => {
    fc.assert(
      fc.property(
        urlSecret.filter((value) => !/[&;]/.test(value)),
        (value) => {
          const text = `version: 1\nstreams:\n  - id: news\n    ${place.replace('REF', () => value)}\n`;
          const parsed = parse(text, 'unused');
          if (!parsed.ok) return expectHidden(parsed, value);
          expectHidden(
            parsed.config.streams.map(({ sources }) => sources.map(({ display }) => display)),
            value,
          );
          expectHidden(redactText(`ffmpeg said: ${value}`, parsed.config.secrets), value);
          expectHidden(parse(`${text}    nmae: x\n`, 'unused'), value);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Everything between the marks counts: also a part of the secret would give it away. */
function expectHidden(shown: unknown, value: string): void {
  const text = JSON.stringify(shown);
  expect(text).not.toContain('zq');
  expect(text).not.toContain(JSON.stringify(value).slice(1, -1));
}
