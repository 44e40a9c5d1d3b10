import { parseEnv } from 'node:util';

import { describe, expect, it } from 'vitest';

import { createMemoryFiles } from '../../tests/fakes/memory-files.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FileStat } from '../core/ports.ts';
import { findConfigFile, loadConfig, type ConfigPlace } from './load-config.ts';

const files = (texts: Readonly<Record<string, string>>) => {
  const made = createMemoryFiles({ now: () => 0 });
  for (const [path, text] of Object.entries(texts)) made.put(path, text);
  return made;
};

const place = (paths: readonly string[], more: Partial<ConfigPlace> = {}): ConfigPlace => ({
  env: { HOME: '/home/me' },
  cwd: '/tv',
  flag: undefined,
  files: files(Object.fromEntries(paths.map((path) => [path, '']))),
  ...more,
});

const everywhere = [
  '/flag.yaml',
  '/env.yaml',
  '/tv/streams.yaml',
  '/xdg/iptv/streams.yaml',
  '/home/me/.config/iptv/streams.yaml',
  '/etc/iptv/streams.yaml',
];

describe('a .env beside the list', () => {
  const list = 'version: 1\nstreams:\n  - id: news\n    source: http://tv.example/${TOKEN}/x.ts\n';

  it('gives values, and what is exported wins over it', async () => {
    const made = files({ '/tv/streams.yaml': list, '/tv/.env': 'TOKEN=from-file\n' });
    expect((await loadConfig(place([], { files: made }), parseEnv)).streams[0]?.sources[0]?.url).toContain('from-file');
    const exported = place([], { files: made, env: { TOKEN: 'exported' } });
    expect((await loadConfig(exported, parseEnv)).streams[0]?.sources[0]?.url).toContain('exported');
  });
});

describe('the search', () => {
  it.each([
    ['--config', { flag: '/flag.yaml', env: { IPTV_CONFIG: '/env.yaml' } }, '/flag.yaml'],
    ['$IPTV_CONFIG', { env: { IPTV_CONFIG: '/env.yaml' } }, '/env.yaml'],
    ['the working folder', {}, '/tv/streams.yaml'],
    ['a relative flag', { flag: './streams.yaml' }, '/tv/streams.yaml'],
    ['$XDG_CONFIG_HOME', { cwd: '/else', env: { XDG_CONFIG_HOME: '/xdg', HOME: '/home/me' } }, '/xdg/iptv/streams.yaml'],
    ['~/.config', { cwd: '/else' }, '/home/me/.config/iptv/streams.yaml'],
    ['/etc', { cwd: '/else', env: {} }, '/etc/iptv/streams.yaml'],
  ])('%s', async (_title, more, expected) => {
    expect(await findConfigFile(place(everywhere, more))).toBe(expected);
  });

  it('says where it looked', async () => {
    await expect(findConfigFile(place([]))).rejects.toMatchObject({
      exitCode: 78,
      code: 'no-config',
      next: 'iptv init',
      evidence: ['not at /tv/streams.yaml', 'not at /home/me/.config/iptv/streams.yaml', 'not at /etc/iptv/streams.yaml'],
    });
  });

  it('does not fall back when a file was named', async () => {
    await expect(findConfigFile(place(everywhere, { flag: 'gone.yaml' }))).rejects.toMatchObject({
      message: 'there is no file /tv/gone.yaml',
      next: 'ls /tv',
    });
    const folder = { ...files({}), stat: async () => ({ isDirectory: true }) as FileStat };
    await expect(findConfigFile(place([], { flag: 'lists', files: folder }))).rejects.toMatchObject({
      exitCode: 78,
      message: '/tv/lists is a folder, not a file',
      next: 'ls /tv/lists',
    });
  });
});

describe('loading', () => {
  const list =
    'version: 1\nstreams:\n  - id: news\n    source:\n      url: http://tv.example.com/a.ts\n      headers: { X-Token: "${file:/run/secrets/token}" }\n';

  it('reads the files that secrets refer to', async () => {
    const made = files({ '/tv/streams.yaml': list, '/run/secrets/token': 'swordfish\n' });
    const config = await loadConfig(place([], { files: made }), parseEnv);
    expect(config.streams[0]?.sources[0]?.headers).toEqual({ 'X-Token': 'swordfish' });
    expect(config.secrets).toContain('swordfish');
  });

  it('reports every problem of a broken file', async () => {
    const made = files({ '/tv/streams.yaml': 'version: 1\nstreems: []\n' });
    await expect(loadConfig(place([], { files: made }), parseEnv)).rejects.toMatchObject({ exitCode: 78, next: 'iptv validate' });
  });

  it.each([
    ['streams.yaml', 'iptv validate streams.yaml'],
    ["my 'list'.yaml", String.raw`iptv validate 'my '\''list'\''.yaml'`],
  ])('names %s in the next step when it was named', async (flag, next) => {
    const made = files({ [`/tv/${flag}`]: 'version: 1\nstreems: []\n' });
    await expect(loadConfig(place([], { flag, files: made }), parseEnv)).rejects.toMatchObject({ exitCode: 78, next });
  });

  it('says how to look at a file that may not be read', async () => {
    const made = files({ '/tv/streams.yaml': list });
    const refused = new AppError({ exitCode: ExitCode.permission, code: 'permission-denied', message: 'no', evidence: ['EACCES'] });
    const forbidden = { ...made, readText: () => Promise.reject(refused) };
    await expect(loadConfig(place([], { files: forbidden }), parseEnv)).rejects.toMatchObject({
      exitCode: 77,
      code: 'permission-denied',
      evidence: ['EACCES'],
      next: 'ls -l /tv/streams.yaml',
    });
  });
});
