import { expect, it } from 'vitest';

import { configOf } from '../tests/fakes/command-context.ts';
import { createMemoryFiles, type MemoryFiles } from '../tests/fakes/memory-files.ts';
import { channelOf } from '../tests/helpers/streams.ts';
import type { Config } from './core/config.ts';
import { createLastList, type LastList } from './last-list.ts';

const config: Config = { ...configOf([channelOf('news')]), path: '/streams.yaml', secrets: ['hidden'] };
const files: MemoryFiles = createMemoryFiles({ now: () => 0 });
const said: string[] = [];
const open = (more: { readonly version?: string; readonly configPath?: string } = {}): LastList =>
  createLastList({
    files,
    path: '/state/list.json',
    version: '1.0.0',
    configPath: '/streams.yaml',
    onError: (text) => said.push(text),
    ...more,
  });

it('is the list that was kept, for the same file and the same version of iptv alone', async () => {
  expect(await open().read()).toBeUndefined();
  const list = open();
  list.keep({ ...config, streams: [] });
  list.keep(config);
  await expect.poll(() => open().read()).toEqual(config);
  expect(await open({ version: '2.0.0' }).read()).toBeUndefined();
  expect(await open({ configPath: '/other.yaml' }).read()).toBeUndefined();
  files.put('/state/list.json', '{"version":"1.0.0","config":{"path":"/streams.yaml"');
  expect(await open().read()).toBeUndefined();
});

it('says so when the disk refuses it', async () => {
  files.writeError = new Error('ENOSPC');
  open().keep(config);
  await expect.poll(() => said).toEqual(['cannot keep the list in force: Error: ENOSPC']);
});
