import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Config, SourceConfig } from '../core/config.ts';
import { resolveEndpoints } from '../core/endpoints.ts';
import { parseConfig } from './load.ts';

function load(text: string, path = '/etc/iptv/streams.yaml'): Config {
  const readSecretFile = (file: string): string | undefined => (file === '/etc/iptv/secrets/token' ? 'file-secret\n' : undefined);
  const parsed = parseConfig(text, { path, env: { TOKEN: 'tok-123456' }, readSecretFile });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics, undefined, 2));
  return parsed.config;
}

function sourceOf(config: Config, id: string, index = 0): SourceConfig {
  const source = config.streams.find((stream) => stream.id === id)?.sources[index];
  if (source === undefined) throw new Error(`no source ${index} of ${id}`);
  return source;
}

describe('the shipped streams.yaml', () => {
  const text = readFileSync('streams.yaml', 'utf8');

  it('has two enabled test streams that need no internet', () => {
    const config = load(text);
    expect(config.streams.map(({ id, enabled, sources }) => [id, enabled, sources.map(({ kind }) => kind)])).toEqual([
      ['news', true, ['test']],
      ['sport', true, ['test']],
    ]);
    expect(new Set(config.streams.map(({ sources }) => sources[0]?.url)).size).toBe(2);
    expect(config.secrets).toEqual([]);
  });

  it('names the schema in its first line', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./docs/streams.schema.json');
  });

  it('has examples that are valid when their comment signs are taken away', () => {
    const uncommented = text.replaceAll(/^ {2}# (?= *(?:- id|\w+:|- ))/gm, '  ').replaceAll(/^# ?(?=server:|providers:| {2}\w+:)/gm, '');
    const parsed = parseConfig(uncommented, {
      path: '/etc/iptv/streams.yaml',
      env: { TV_USER: 'joe', TV_PASSWORD: 'hunter22', SRT_PASSPHRASE: 'long-passphrase' },
      readSecretFile: () => 'file-secret',
    });
    expect(parsed).toMatchObject({ ok: true });
    if (!parsed.ok) return;
    expect(parsed.config.server).toEqual(load(text).server);
    const kinds = parsed.config.streams.flatMap(({ sources }) => sources.map(({ kind }) => kind));
    expect(kinds).toEqual(['test', 'test', 'hls', 'http-ts', 'hls', 'hls', 'rtsp', 'srt', 'udp', 'file']);
  });
});

describe('defaults', () => {
  const config = load(readFileSync('tests/fixtures/streams/minimal.yaml', 'utf8'));

  it('are those of the seed', () => {
    expect(config).toEqual({
      path: '/etc/iptv/streams.yaml',
      server: {
        runtime: 'auto',
        publicUrl: 'http://localhost:8088',
        hlsDirectory: '/tmp/hls',
        permissions: 'compat',
        ports: { rtmp: 1935, http: 8000, publicHttp: 8088 },
        segmentSeconds: 2,
        windowSegments: 10,
        disk: { warnPercent: 80, shedPercent: 90 },
      },
      streams: [
        {
          id: 'news',
          name: 'news',
          sources: [
            {
              kind: 'hls',
              url: 'http://tv.example.com/news.m3u8',
              display: 'http://tv.example.com/news.m3u8',
              headers: {},
              reconnect: { enabled: true, maxDelaySeconds: 4, timeoutSeconds: 10 },
              inputOptions: {},
            },
          ],
          output: { segmentSeconds: 2, windowSegments: 10, video: 'auto', audio: 'auto' },
          restart: { minDelayMs: 1000, maxDelayMs: 60_000, stableAfterMs: 60_000 },
          slate: { enabled: true },
          checks: { blackAfterMs: 30_000, frozenAfterMs: 60_000, silentAfterMs: 60_000, missingAfterMs: 30_000 },
          failover: { retries: 1, windowMs: 60_000, cooldownMs: 30_000, pauseMs: 1000, failBackAfterMs: 120_000 },
          enabled: true,
          tags: [],
        },
      ],
      providers: [],
      secrets: [],
    });
  });

  it('lead to the addresses of the seed', () => {
    const { rtmpUrl, hlsUrl, publicHlsUrl } = resolveEndpoints(config.server, 'docker');
    expect([rtmpUrl, hlsUrl, publicHlsUrl]).toEqual([
      'rtmp://nginx-rtmp:1935/live',
      'http://nginx-rtmp:8000/hls',
      'http://localhost:8088/hls',
    ]);
  });

  it('follow the public port', () => {
    expect(load('version: 1\nserver: { ports: { public: 9000 } }\nstreams: []\n').server.publicUrl).toBe('http://localhost:9000');
  });
});

describe('every key and kind', () => {
  const config = load(readFileSync('tests/fixtures/streams/all-kinds.yaml', 'utf8'));

  it('reads the server', () => {
    expect(config.server).toEqual({
      runtime: 'local',
      rtmpUrl: 'rtmp://127.0.0.1:1936/live',
      hlsUrl: 'http://127.0.0.1:8089/hls',
      publicUrl: 'https://tv.example.com/channels',
      hlsDirectory: '/srv/iptv/hls',
      permissions: 'hardened',
      ports: { rtmp: 1936, http: 8001, publicHttp: 8089 },
      segmentSeconds: 4,
      windowSegments: 6,
      disk: { warnPercent: 80, shedPercent: 90 },
    });
  });

  it.each([
    ['many', 'hls', 'https://tv.example.com/many/index.m3u8?token=tok-123456', 'https://tv.example.com/many/index.m3u8?token=***'],
    ['rtmp', 'rtmp', 'rtmp://tv.example.com/app/tok-123456', 'rtmp://tv.example.com/app/${TOKEN}'],
    ['camera', 'rtsp', 'rtsps://user:camera-pass@10.0.0.5:8554/one', 'rtsps://***@10.0.0.5:8554/one'],
    ['srt', 'srt', 'srt://10.0.0.6:9000?mode=caller', 'srt://10.0.0.6:9000?mode=caller'],
    ['srt-listener', 'srt', 'srt://:9001?mode=listener', 'srt://:9001?mode=listener'],
    ['multicast', 'udp', 'udp://@239.1.1.1:1234', 'udp://@239.1.1.1:1234'],
    ['rtp', 'rtp', 'rtp://@[ff15::1]:5004', 'rtp://@[ff15::1]:5004'],
    ['relative-file', 'file', '/etc/iptv/media/trailer one.mp4', '/etc/iptv/media/trailer one.mp4'],
    ['file-url', 'file', '/srv/media/trailer two.ts', '/srv/media/trailer two.ts'],
    ['plain-file-url', 'file', '/etc/iptv/clips/three.ts', '/etc/iptv/clips/three.ts'],
    ['picture', 'test', 'test:?size=1280x720&fps=50&tone=440', 'test:?size=1280x720&fps=50&tone=440'],
    ['picture-default', 'test', 'test:?size=640x360&fps=25&tone=440', 'test:?size=640x360&fps=25&tone=440'],
  ])('%s is %s', (id, kind, url, display) => {
    expect(sourceOf(config, id)).toMatchObject({ kind, url, display });
  });

  it('lets a stream win over the defaults and a source over its stream, key by key', () => {
    const many = config.streams[0];
    expect(many).toMatchObject({
      tags: ['own', 'Two-2'],
      group: 'Own',
      enabled: false,
      output: { segmentSeconds: 6, windowSegments: 8, cushionSeconds: 24, video: 'transcode', audio: 'copy' },
      restart: { minDelayMs: 500, maxDelayMs: 3_600_000, stableAfterMs: 90_000, stallAfterMs: 30_000 },
    });
    expect(config.streams[1]).toMatchObject({ tags: ['common'], group: 'Everything', enabled: true, output: { segmentSeconds: 4 } });
    expect(sourceOf(config, 'many', 0)).toMatchObject({
      userAgent: 'Stream/1.0',
      headers: { Accept: '*/*', 'x-common': 'stream' },
      reconnect: { enabled: true, maxDelaySeconds: 8, timeoutSeconds: 20 },
    });
    expect(sourceOf(config, 'many', 1)).toMatchObject({
      kind: 'hls',
      userAgent: 'Own/1.0',
      referer: 'https://own.example.com/',
      headers: { Accept: '*/*', 'x-common': 'stream', Authorization: 'Bearer file-secret' },
      reconnect: { enabled: false, maxDelaySeconds: 8, timeoutSeconds: 20 },
    });
  });

  it('keeps common settings away from kinds that have no use for them', () => {
    expect(sourceOf(config, 'rtmp')).toMatchObject({ headers: {} });
    expect(sourceOf(config, 'rtmp')).not.toHaveProperty('userAgent');
    expect(sourceOf(config, 'camera')).toMatchObject({ userAgent: 'Common/1.0', transport: 'udp' });
    expect(sourceOf(config, 'camera')).not.toHaveProperty('referer');
    expect(sourceOf(config, 'many')).not.toHaveProperty('transport');
  });

  it('gives input options in the units of ffmpeg', () => {
    expect(sourceOf(config, 'many', 1).inputOptions).toEqual({
      probesize: '5000000',
      analyzeduration: '3000000',
      live_start_index: '-3',
      http_seekable: '-1',
      allowed_segment_extensions: 'ts,m4s',
    });
    expect(sourceOf(config, 'camera').inputOptions).toEqual({ rtsp_flags: 'prefer_tcp', buffer_size: '65536', max_delay: '500000' });
    expect(sourceOf(config, 'srt').inputOptions).toEqual({ latency: '200000', passphrase: 'long-passphrase', streamid: '12345' });
    expect(sourceOf(config, 'multicast').inputOptions).toMatchObject({ overrun_nonfatal: '1', fflags: '+genpts+discardcorrupt' });
  });

  it('knows every secret', () => {
    expect(new Set(config.secrets)).toEqual(
      new Set([
        'tok-123456',
        'file-secret',
        'Bearer file-secret',
        'session=abcdef; theme=dark',
        'abcdef',
        'pa55word',
        'camera-pass',
        'long-passphrase',
        '12345',
      ]),
    );
  });
});

describe('slate', () => {
  const slateOf = (own: string, common = ''): unknown =>
    load(`version: 1\ndefaults: { ${common} }\nstreams:\n  - id: news\n    source: "test:"\n    ${own}\n`).streams[0]?.slate;

  it('is on, and can be switched off for one stream or for all', () => {
    expect(slateOf('')).toEqual({ enabled: true });
    expect(slateOf('slate: off')).toEqual({ enabled: false });
    expect(slateOf('', 'slate: off')).toEqual({ enabled: false });
    expect(slateOf('slate: on', 'slate: off')).toEqual({ enabled: true });
  });

  it('takes a text, and a clip relative to the list', () => {
    expect(slateOf('slate: { text: Back soon, clip: clips/soon.mp4 }')).toEqual({
      enabled: true,
      text: 'Back soon',
      clip: '/etc/iptv/clips/soon.mp4',
    });
    expect(slateOf('slate: { text: Own }', 'slate: { clip: /srv/a.mp4 }')).toEqual({ enabled: true, text: 'Own' });
  });
});

describe('text forms', () => {
  it('does not mind a byte order mark and CRLF', () => {
    const text = readFileSync('tests/fixtures/streams/minimal.yaml', 'utf8');
    expect(load(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual(load(text));
  });

  it('follows aliases', () => {
    const config = load(
      'version: 1\nstreams:\n  - { id: a, source: "test:", tags: &t [x, y] }\n  - { id: b, source: "test:", tags: *t }\n',
    );
    expect(config.streams.map(({ tags }) => tags)).toEqual([
      ['x', 'y'],
      ['x', 'y'],
    ]);
  });

  it('accepts an empty list and JSON', () => {
    expect(load('version: 1\nstreams: []\n').streams).toEqual([]);
    expect(load('{"version": 1, "streams": [{"id": "a", "source": "test:"}]}').streams).toHaveLength(1);
  });

  it('resolves relative files from the folder of the file', () => {
    const config = load('version: 1\nstreams: [{ id: a, source: ../clips/a.ts }]\n', '/home/joe/tv/streams.yaml');
    expect(sourceOf(config, 'a').url).toBe('/home/joe/clips/a.ts');
  });

  it('reads thousands of streams in reasonable time', () => {
    const streams = Array.from(
      { length: 3000 },
      (_, index) => `  - id: c${index}\n    source: http://u:password${index}@h.example/${index}/x.ts\n`,
    );
    const started = performance.now();
    const config = load(`version: 1\nstreams:\n${streams.join('')}`);
    expect(config.streams).toHaveLength(3000);
    expect(config.secrets).toHaveLength(3000);
    // A liveness bound only: crowded machines run this, too.
    expect(performance.now() - started).toBeLessThan(45_000);
  });
});
