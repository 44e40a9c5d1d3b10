import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Config } from '../core/config.ts';
import { resolveEndpoints } from '../core/endpoints.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { localNginxValues, renderNginxConf, type NginxConfValues } from './nginx-conf.ts';

const docker = join(import.meta.dirname, '../../docker/nginx');
const template = readFileSync(join(docker, 'nginx.conf.template'), 'utf8');

const output = { segmentSeconds: 2, windowSegments: 10, video: 'auto', audio: 'auto' } as const;
const stream = (overrides: Partial<Config['streams'][number]['output']>): Config['streams'][number] => ({
  id: 'news',
  name: 'News',
  sources: [],
  output: { ...output, ...overrides },
  failover: { retries: 1, windowMs: 60_000, cooldownMs: 30_000, pauseMs: 1000 },
  restart: { minDelayMs: 1000, maxDelayMs: 60_000, stableAfterMs: 60_000 },
  slate: { enabled: true },
  checks: { blackAfterMs: null, frozenAfterMs: null, silentAfterMs: null, missingAfterMs: null },
  enabled: true,
  tags: [],
});

function configOf(server: Partial<Config['server']> = {}, streams: Config['streams'] = []): Config {
  return {
    path: '/etc/iptv/streams.yaml',
    secrets: [],
    streams,
    server: {
      runtime: 'local',
      publicUrl: 'http://localhost:8088',
      hlsDirectory: '/tmp/hls',
      permissions: 'compat',
      ports: { rtmp: 1935, http: 8000, publicHttp: 8088 },
      segmentSeconds: 2,
      windowSegments: 10,
      ...server,
    },
  };
}

function valuesOf(config: Config, options: { runAsRoot?: boolean; stateDirectory?: string } = {}): NginxConfValues {
  return localNginxValues(config, resolveEndpoints(config.server, 'local'), {
    runAsRoot: false,
    stateDirectory: '/var/lib/iptv/nginx',
    modulePath: '/usr/lib/nginx/modules/ngx_rtmp_module.so',
    webSocket: '/run/iptv-web.sock',
    ...options,
  });
}

describe('localNginxValues', () => {
  it('keeps RTMP on loopback and HTTP open to viewers', () => {
    expect(valuesOf(configOf({ ports: { rtmp: 21935, http: 8000, publicHttp: 28088 } }))).toEqual({
      IPTV_LOAD_MODULE: 'load_module "/usr/lib/nginx/modules/ngx_rtmp_module.so";',
      IPTV_USER: '',
      IPTV_PID: '/var/lib/iptv/nginx/nginx.pid',
      IPTV_ERROR_LOG: 'stderr',
      IPTV_RTMP_LISTEN: 'listen 127.0.0.1:21935;',
      IPTV_HTTP_LISTEN: 'listen 28088;',
      IPTV_HLS_DIR: '/tmp/hls',
      IPTV_WEB_ROOT: '/tmp',
      IPTV_HLS_FRAGMENT: '2000ms',
      IPTV_HLS_PLAYLIST_LENGTH: '20000ms',
      IPTV_CLEANER_LENGTH: '600s',
      IPTV_ALLOW_PUBLISH: 'allow publish 127.0.0.1; deny publish all;',
      IPTV_ALLOW_PLAY: 'allow play 127.0.0.1; deny play all;',
      IPTV_ALLOW_CONTROL: 'allow 127.0.0.1; deny all;',
      IPTV_TEMP_DIR: '/var/lib/iptv/nginx/temp',
      IPTV_ACCESS_LOG: 'syslog:server=127.0.0.1:28088,nohostname,tag=iptv',
      IPTV_ALLOW_METRICS: expect.stringMatching(/^allow 127\.0\.0\.0\/8; allow ::1; .*deny all;$/),
      IPTV_METRICS_PASS: 'proxy_pass "http://unix:/run/iptv-web.sock:/metrics";',
      IPTV_LISTING_PASS: 'proxy_pass "http://unix:/run/iptv-web.sock:/hls/";',
      IPTV_ONDEMAND_PASS: 'proxy_pass "http://unix:/run/iptv-web.sock";',
      IPTV_STREAM_BLOCK: '',
      IPTV_EDGE: '',
    });
    expect(valuesOf(configOf({ metricsFrom: ['10.1.0.0/16', 'all'] })).IPTV_ALLOW_METRICS).toBe('allow 10.1.0.0/16; allow all; deny all;');
  });

  it('names the worker only as root', () => {
    expect(valuesOf(configOf(), { runAsRoot: true }).IPTV_USER).toBe('user nobody nogroup;');
  });

  it('writes fractions of a second as milliseconds', () => {
    const values = valuesOf(configOf({ segmentSeconds: 1.5, windowSegments: 7 }));
    expect([values.IPTV_HLS_FRAGMENT, values.IPTV_HLS_PLAYLIST_LENGTH]).toEqual(['1500ms', '10500ms']);
  });

  it('serves a top-level /hls from the root folder', () => {
    expect(valuesOf(configOf({ hlsDirectory: '/hls' })).IPTV_WEB_ROOT).toBe('/');
  });

  it.each([
    ['the server', configOf({ segmentSeconds: 6, windowSegments: 200 }), '2400s'],
    ['one stream', configOf({}, [stream({}), stream({ segmentSeconds: 10, windowSegments: 360 })]), '7200s'],
    ['nobody', configOf({}, [stream({ windowSegments: 100 })]), '600s'],
  ])('keeps the cleaner slower than the window of %s', (_who, config, length) => {
    expect(valuesOf(config).IPTV_CLEANER_LENGTH).toBe(length);
  });

  it.each([
    ['no folder called hls', { hlsDirectory: '/srv/tv' }, {}],
    ['a quote in the HLS directory', { hlsDirectory: '/srv/a"b/hls' }, {}],
    ['a variable in the HLS directory', { hlsDirectory: '/srv/$host/hls' }, {}],
    ['a line break in the state folder', {}, { stateDirectory: '/srv/a\nb' }],
    ['a relative state folder', {}, { stateDirectory: 'state' }],
  ])('refuses %s', (_what, server, options) => {
    expect(() => valuesOf(configOf(server), options)).toThrow(expect.objectContaining({ exitCode: ExitCode.configInvalid }));
  });
});

describe('renderNginxConf', () => {
  it('fills in every placeholder of the template and leaves the variables of nginx alone', () => {
    const text = renderNginxConf(template, valuesOf(configOf()));
    expect(text.replace(/^\s*#.*$/gm, '')).not.toContain('IPTV_');
    expect(text).toContain('hls_path "/tmp/hls";');
    expect(text).toContain('try_files $uri /hls/$iptv_id-$iptv_number.ts =404;');
  });

  it('gives every value to the template, and so does the container', () => {
    const asked = new Set(Array.from(template.matchAll(/\$\{(IPTV_[A-Z_]+)\}/g), ([, name]) => name ?? ''));
    const values = valuesOf(configOf());
    expect([...asked].sort()).toEqual(Object.keys(values).sort());
    const start = readFileSync(join(docker, 'start.sh'), 'utf8');
    const exported = /^export ((?:.*\\\n)*.*)$/m.exec(start)?.[1] ?? '';
    expect(exported.split(/[\s\\]+/).sort()).toEqual([...asked].sort());
  });

  it('does not read a value as a pattern', () => {
    expect(renderNginxConf('${IPTV_PID}', { ...valuesOf(configOf()), IPTV_PID: '$& $1 ${IPTV_USER}' })).toBe('$& $1 ${IPTV_USER}');
  });

  it('says that a template which asks for more is a bug', () => {
    expect(() => renderNginxConf('${IPTV_COLOUR}', valuesOf(configOf()))).toThrow(
      expect.objectContaining({ exitCode: ExitCode.bug, code: 'nginx-template' }),
    );
  });

  it('holds no word that nginx would find too long', () => {
    // Its configuration buffer is 4096 bytes (ngx_conf_file.c); the style sheet of /stat is the longest word.
    const words = template.match(/'[^']*'/g) ?? [];
    expect(Math.max(...words.map((word) => Buffer.byteLength(word)))).toBeLessThan(4000);
  });
});
