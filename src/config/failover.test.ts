// What streams.yaml says about sources that fail: good values, and the exact report for bad ones.

import { describe, expect, it } from 'vitest';

import { parseConfig } from './load.ts';

const parse = (text: string) =>
  parseConfig(text, { path: '/etc/iptv/streams.yaml', env: { TOKEN: 'tok-123456' }, readSecretFile: () => undefined });

function report(text: string): readonly string[] {
  const parsed = parse(text);
  return parsed.ok
    ? []
    : parsed.diagnostics.map(({ path, message, suggestion }) => `${path}: ${message}${suggestion === undefined ? '' : ` [${suggestion}]`}`);
}

function config(text: string) {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.config;
}

const withSource = (source: string, top = ''): string => `version: 1\n${top}streams:\n  - id: news\n    source: ${source}\n`;
const withKey = (line: string): string => `version: 1\nstreams:\n  - id: news\n    source: "test:"\n    ${line}\n`;

describe('failover', () => {
  it('is taken from the stream, then from the defaults', () => {
    const text =
      'version: 1\ndefaults:\n  failover: { retries: 3, failBack: off, startGrace: 30s }\nstreams:\n  - { id: a, source: "test:" }\n  - { id: b, source: "test:", failover: { failBack: 10m, cooldown: 5s, pause: 0s, window: 2m } }\n';
    const [a, b] = config(text).streams.map((stream) => stream.failover);
    expect(a).toEqual({ retries: 3, windowMs: 60_000, cooldownMs: 30_000, pauseMs: 1000, startGraceMs: 30_000 });
    expect(b).toEqual({ retries: 3, windowMs: 120_000, cooldownMs: 5000, pauseMs: 0, failBackAfterMs: 600_000, startGraceMs: 30_000 });
  });

  it.each<[string, string]>([
    [
      'failover: { failBack: never }',
      'streams[0].failover.failBack: expected off, or how long a better source must be good, such as 2m, got "never"',
    ],
    ['failover: { failBack: 10ms }', 'streams[0].failover.failBack: must be between 1s and 24h, got "10ms"'],
    [
      'failover: { retries: -1 }',
      'streams[0].failover.retries: expected a number of retries, a whole number from 0 to 20, got the number -1',
    ],
    ['failover: { cooldown: 0s }', 'streams[0].failover.cooldown: must be between 1s and 1h, got "0s"'],
    ['failover: { startGrace: 1s }', 'streams[0].failover.startGrace: must be between 2s and 10m, got "1s"'],
    ['failover: { failback: off }', 'streams[0].failover.failback: unknown key [failBack]'],
    ['failover: 2', 'streams[0].failover: expected a group of keys, got the number 2'],
  ])('refuses %s', (line, message) => {
    expect(report(withKey(line))).toEqual([message]);
  });
});

describe('providers', () => {
  const top =
    'providers:\n  x: { maxConnections: 2, releaseDelay: 5s, hosts: [TV.example.com, "*.cdn.example"], userAgent: VLC }\n  y: {}\n';

  it('are counted connections, found by name or by host', () => {
    const text = `version: 1\n${top}streams:\n  - id: news\n    sources: ["http://tv.example.com/a.ts", { url: "rtmp://other.example/live/a", provider: y }, "http://a.cdn.example/a.m3u8", "http://cdn.example/a.ts"]\n`;
    const { providers, streams } = config(text);
    expect(providers).toEqual([
      { name: 'x', maxConnections: 2, releaseDelayMs: 5000 },
      { name: 'y', releaseDelayMs: 3000 },
    ]);
    expect(streams[0]?.sources.map(({ provider, userAgent }) => [provider, userAgent])).toEqual([
      ['x', 'VLC'],
      ['y', undefined],
      ['x', 'VLC'],
      [undefined, undefined],
    ]);
  });

  it("lend their headers to their sources; a source's own win, and values are secret", () => {
    const headers = 'providers:\n  x: { hosts: [h], headers: { Authorization: "Bearer abcdef123", Accept: a/b } }\n';
    const found = config(withSource('{ url: "http://h/x.ts", headers: { accept: c/d } }', headers));
    expect(found.streams[0]?.sources[0]?.headers).toEqual({ Authorization: 'Bearer abcdef123', accept: 'c/d' });
    expect(found.secrets).toContain('abcdef123');
  });

  it.each<[string, string, string]>([
    ['{ url: "http://h/x", provider: other }', top, 'streams[0].source.provider: expected one of x, y'],
    ['{ url: "http://h/x", provider: other }', '', 'streams[0].source.provider: there is no group providers at the top of the file'],
    [
      '"test:"',
      'providers: { x: { maxConnections: 0 } }\n',
      'providers.x.maxConnections: expected a number of connections, a whole number from 1 to 10000, got the number 0',
    ],
    ['"test:"', 'providers: { x: { max_connections: 1 } }\n', 'providers.x.max_connections: unknown key [maxConnections]'],
    ['"test:"', 'providers: { "x y": {} }\n', 'providers["x y"]: a name may hold only letters, digits, - and _'],
    [
      '"test:"',
      'providers: { x: { hosts: ["http://h/"] } }\n',
      'providers.x.hosts[0]: expected a host name such as tv.example.com or *.example.com, without scheme, port and path',
    ],
  ])('refuse %s with %s', (source, providers, message) => {
    expect(report(withSource(source, providers))).toEqual([message]);
  });
});

describe('resolve', () => {
  it('is a command: its program is found beside streams.yaml when it is a path', () => {
    const { streams, secrets } = config(
      withSource('{ kind: hls, resolve: { command: [bin/get-url, news, "${TOKEN}"], ttl: 2h, renew: restart } }'),
    );
    expect(streams[0]?.sources[0]).toMatchObject({
      kind: 'hls',
      url: 'http://resolved-at-start.invalid/index.m3u8',
      display: 'hls from bin/get-url',
      resolve: { command: ['/etc/iptv/bin/get-url', 'news', 'tok-123456'], ttlMs: 7_200_000, timeoutMs: 10_000, renew: 'restart' },
    });
    expect(secrets).toContain('tok-123456');
  });

  it('is a URL: its secrets are not shown', () => {
    const { streams } = config(
      withSource('{ kind: http-ts, resolve: { url: "https://api.example.com/url?token=${TOKEN}", field: data.url } }'),
    );
    const source = streams[0]?.sources[0];
    expect(source?.display).toBe('http-ts from https://api.example.com/url?token=***');
    expect(source?.resolve).toMatchObject({ url: 'https://api.example.com/url?token=tok-123456', field: 'data.url', headers: {} });
  });

  it.each<[string, readonly string[]]>([
    [
      '{ resolve: { command: [get] } }',
      ['streams[0].source.kind: is missing: an address that is resolved needs its kind: hls, http-ts, rtmp, rtsp, srt, udp, rtp'],
    ],
    [
      '{ kind: file, resolve: { command: [get] } }',
      ['streams[0].source.kind: an address that is resolved can be hls, http-ts, rtmp, rtsp, srt, udp, rtp'],
    ],
    ['{ kind: hls, resolve: {} }', ['streams[0].source.resolve: needs command or url']],
    ['{ kind: hls, resolve: { command: [] } }', ['streams[0].source.resolve.command: the list is empty']],
    [
      '{ kind: hls, resolve: { command: "get it" } }',
      ['streams[0].source.resolve.command: expected a list (lines that start with "- "), got "get it"'],
    ],
    [
      '{ kind: hls, resolve: { command: [get], url: "http://h/" } }',
      ['streams[0].source.resolve.url: use either command or url, not both'],
    ],
    ['{ kind: hls, resolve: { command: [get], field: url } }', ['streams[0].source.resolve.field: works only with url']],
    ['{ kind: hls, resolve: { url: "file:///etc/passwd" } }', ['streams[0].source.resolve.url: expected an http or https URL']],
    [
      '{ kind: hls, resolve: { url: "http://h/", field: "a..b" } }',
      ['streams[0].source.resolve.field: expected names with dots between, such as data.url'],
    ],
    [
      '{ kind: hls, resolve: { url: "http://h/", timeout: 60s } }',
      ['streams[0].source.resolve.timeout: must be between 1s and 25s, got "60s"'],
    ],
    ['{ kind: hls, url: "http://h/x", resolve: { url: "http://h/" } }', ['streams[0].source.url: use either url or resolve, not both']],
    [
      '{ kind: rtmp, userAgent: x, resolve: { command: [get] } }',
      ['streams[0].source.userAgent: works only with hls, http-ts, rtsp sources, and this one is rtmp'],
    ],
  ])('refuses %s', (source, messages) => {
    expect(report(withSource(source))).toEqual(messages);
  });
});
