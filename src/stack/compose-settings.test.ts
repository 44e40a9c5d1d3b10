// What Docker Compose is told, and that docker-compose.yml asks for nothing else.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { parseConfig } from '../config/load.ts';
import type { Config } from '../core/config.ts';
import { seedDefaults } from '../core/endpoints.ts';
import { composeArguments, composeVariables, projectName } from './compose-settings.ts';

const docker = join(import.meta.dirname, '../../docker');

function configOf(text: string, path = '/srv/tv/streams.yaml'): Config {
  const parsed = parseConfig(text, { path, env: {}, readSecretFile: () => undefined });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.config;
}

const plain = configOf('version: 1\nstreams: []\n');

describe('composeVariables', () => {
  it('carries the settings of the list over', () => {
    const server = 'permissions: hardened\n  ports: { rtmp: 1936, http: 8001, public: 9000 }\n  segment: 1.5s\n  window: 8';
    const streams = '- { id: news, source: "test:", output: { segment: 4s, window: 30 } }';
    const config = configOf(`version: 1\nserver:\n  ${server}\nstreams:\n  ${streams}\n`, '/srv/tv/my.yaml');
    expect(composeVariables(config, { TZ: 'Europe/Vienna', HOME: '/root' }, '1.2.3')).toEqual({
      IPTV_VERSION: '1.2.3',
      IPTV_CONFIG_DIR: '/srv/tv',
      IPTV_CONFIG_NAME: 'my.yaml',
      IPTV_PUBLIC_PORT: '9000',
      IPTV_HTTP_PORT: '8001',
      IPTV_RTMP_PORT: '1936',
      IPTV_HLS_DIR: '/tmp/hls',
      IPTV_SEGMENT_SECONDS: '1.5',
      IPTV_WINDOW_SEGMENTS: '8',
      IPTV_LONGEST_WINDOW_SECONDS: '120',
      IPTV_METRICS_FROM: '',
      TZ: 'Europe/Vienna',
    });
  });

  it('knows a list in the root folder', () => {
    expect(composeVariables(configOf('version: 1\nstreams: []\n', '/streams.yaml'), {}, undefined)['IPTV_CONFIG_DIR']).toBe('/');
  });

  it('names every variable that docker-compose.yml asks for, and has the same defaults', () => {
    const text = ['docker-compose.yml', 'docker-compose.hardened.yml'].map((name) => readFileSync(join(docker, name), 'utf8')).join('\n');
    const asked = new Map(Array.from(text.matchAll(/\$\{(\w+):-([^}]*)\}/g), ([, name, value]) => [name ?? '', value ?? '']));
    const edge = configOf('version: 1\nserver: { edge: { upstream: "http://a:1" } }\nstreams: []\n');
    const { COMPOSE_PROFILES: profiles, ...given } = composeVariables(
      edge,
      { IPTV_PUBLISH_FROM: '', IPTV_EDGE_REPORT: 'backend', TZ: 'UTC', COMPOSE_PROFILES: 'monitoring' },
      'unknown',
    );
    expect(profiles).toBe('monitoring,edge');
    expect([...asked.keys()].filter((name) => name !== 'COMPOSE_PROJECT_NAME').sort()).toEqual(Object.keys(given).sort());
    const differing = [...asked].filter(([name, value]) => name in given && given[name] !== value).map(([name]) => name);
    // Bytes there, units here; by default the edge asks our own origin.
    expect(differing).toEqual(['IPTV_CONFIG_DIR', 'IPTV_EDGE_UPSTREAM', 'IPTV_EDGE_MEMORY', 'IPTV_EDGE_DISK']);
    expect([given['IPTV_EDGE_UPSTREAM'], given['IPTV_EDGE_MEMORY'], given['IPTV_EDGE_DISK']]).toEqual([
      'http://a:1',
      '409600000',
      '1000000000',
    ]);
    expect(asked.get('IPTV_EDGE_PORT')).toBe(String(seedDefaults.edgePort));
    expect(Object.keys(composeVariables(plain, {}, undefined)).filter((name) => /EDGE|PROFILES/.test(name))).toEqual([]);
    expect(asked.get('IPTV_PUBLIC_PORT')).toBe(String(seedDefaults.publicHttpPort));
    expect(asked.get('COMPOSE_PROJECT_NAME')).toBe(projectName({}));
  });
});

describe('composeArguments', () => {
  it('puts the hardened file over the plain one', () => {
    expect(composeArguments('/opt/iptv', 'tv', 'hardened').slice(-6)).toEqual([
      '-p',
      'tv',
      '-f',
      '/opt/iptv/docker/docker-compose.yml',
      '-f',
      '/opt/iptv/docker/docker-compose.hardened.yml',
    ]);
    expect(composeArguments('/opt/iptv', 'tv', 'compat')).not.toContain('/opt/iptv/docker/docker-compose.hardened.yml');
  });
});

it.each([
  [{}, 'iptv'],
  [{ COMPOSE_PROJECT_NAME: '' }, 'iptv'],
  [{ COMPOSE_PROJECT_NAME: 'tv' }, 'tv'],
])('names the project for %j', (env, name) => {
  expect(projectName(env)).toBe(name);
});
