import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createRedactor } from '../core/redact.ts';
import { addressSecrets, readAnswer, shownAddress } from './resolved-address.ts';

const problem = (text: string, kind: Parameters<typeof readAnswer>[1] = 'hls', field?: string): string => {
  const answer = readAnswer(text, kind, field);
  return answer.ok ? `accepted ${answer.address.url}` : answer.problem;
};

describe('an answer of a resolver', () => {
  it('is one address, or JSON with headers and time to live', () => {
    expect(readAnswer(' https://h/x.m3u8?t=1\n', 'hls', undefined)).toMatchObject({ ok: true, address: { url: 'https://h/x.m3u8?t=1' } });
    const json = '{"url":"HTTP://h/x","headers":{"Authorization":"Bearer z"},"userAgent":"VLC","ttl":90}';
    expect(readAnswer(json, 'http-ts', undefined)).toEqual({
      ok: true,
      address: { url: 'http://h/x', headers: { Authorization: 'Bearer z' }, userAgent: 'VLC', ttlMs: 90_000 },
    });
    expect(readAnswer('{"data":{"url":"http://h/x"},"expires_in":60}', 'hls', 'data.url')).toMatchObject({
      ok: true,
      address: { ttlMs: 60_000 },
    });
    expect(readAnswer('{"data":{"url":"http://h/x","ttl":1}}', 'hls', 'data')).toMatchObject({ ok: true, address: { ttlMs: 10_000 } });
  });

  it.each<[string, string]>([
    ['', 'the answer is empty'],
    ['file:///etc/passwd', 'the scheme of the address does not fit a source of kind hls: expected http or https'],
    ['concat:http://h/a', 'the answer is not an address with a scheme'],
    ['/etc/passwd', 'the answer is not an address with a scheme'],
    ['rtmp://h/live/x', 'the scheme of the address does not fit a source of kind hls: expected http or https'],
    ['http://h/x\nhttp://h/y', 'the answer has more than one line'],
    ['http://h/x|onfail=abort', 'the address holds characters that must be percent-encoded'],
    ['http://h/x y', 'the address holds characters that must be percent-encoded'],
    ['http://h/\u0007', 'the address holds characters that must be percent-encoded'],
    ['http:///x', 'the address has no valid host'],
    [`http://h/${'x'.repeat(9000)}`, 'the address is longer than 8000 characters'],
    ['{"url":1}', 'the answer has no text at its key url'],
    ['{"url":', 'the answer looks like JSON and is none'],
    ['{"url":"http://h/x","headers":{"A\\nB":"c"}}', 'one of its headers has no valid name (RFC 9110)'],
    ['{"url":"http://h/x","headers":{"A":"b\\r\\nC: d"}}', 'its header A is not one line of text'],
    ['{"url":"http://h/x","headers":{"Host":"b"}}', 'it must not set the header Host'],
    ['{"url":"http://h/x","userAgent":"a\\nb"}', 'its userAgent is not one line of text'],
    ['[]', 'the answer has no text at its key url'],
    ['null', 'the answer is not an address with a scheme'],
  ])('%j is refused', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  it('is refused when the field is missing or the answer is no JSON', () => {
    expect(problem('{"a":1}', 'hls', 'data.url')).toBe('the answer has no field data.url');
    expect(problem('http://h/x', 'hls', 'data.url')).toBe('the answer is no JSON, and a field of it is asked for');
    expect(problem('{"__proto__":{"url":"http://h/x"}}', 'hls', 'constructor.name')).toBe('the answer has no field constructor.name');
  });

  it('has the scheme of its kind, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.json()), (text) => {
        const answer = readAnswer(text, 'rtsp', undefined);
        if (answer.ok) expect(answer.address.url).toMatch(/^rtsps?:\/\/[^\s|]+$/);
      }),
    );
  });
});

describe('what is secret in an address', () => {
  const url = 'https://user:pass123@cdn.example/live/AbCd1234efgh/index.m3u8?exp=1700000000&hmac=0123456789abcdef';

  it('is everything behind the host, in every line that carries a part of it', () => {
    const redact = createRedactor(addressSecrets({ url, headers: { 'X-Key': 'header-value-1' } }));
    const lines = [
      url,
      `Opening 'https://cdn.example/live/AbCd1234efgh/seg7.ts' for reading`,
      'hmac is 0123456789abcdef',
      'pass123',
      'X-Key header-value-1',
    ];
    for (const line of lines) expect(redact(line)).not.toMatch(/AbCd1234efgh|0123456789abcdef|pass123|header-value-1/);
  });

  it('is not the host, nor a common word of the path', () => {
    expect(shownAddress(url)).toBe('https://cdn.example/***');
    const redact = createRedactor(addressSecrets({ url: 'http://h.example/live/news/index.m3u8', headers: {} }));
    expect(redact('the live news of h.example are at index.m3u8')).toBe('the live news of h.example are at index.m3u8');
  });
});
