import { expect, it } from 'vitest';

import type { DiskSpace } from '../core/ports.ts';
import { createMemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createEdgeRoom } from './edge-room.ts';

function room() {
  let space: DiskSpace | undefined = { freeBytes: 1000, totalBytes: 5000, freeInodes: 100, totalInodes: 1000 };
  const files = createMemoryFiles({ now: () => 0 });
  const causes: string[] = [];
  const made = createEdgeRoom({
    files: {
      ...files,
      diskSpace: async () => {
        if (space === undefined) throw new Error('gone');
        return space;
      },
    },
    directory: '/cache',
    reserveBytes: 500,
    events: { record: ({ cause }) => void causes.push(cause) },
  });
  const look = async (freeBytes: number, more: Partial<DiskSpace> = {}): Promise<boolean> => {
    space = { freeBytes, totalBytes: 5000, freeInodes: 100, totalInodes: 1000, ...more };
    await made.tick();
    return files.texts.has('/cache/room');
  };
  return { look, files, causes, lose: () => void (space = undefined), tick: () => made.tick() };
}

it('the file is there while there is room, and comes back late enough', async () => {
  const { look, causes } = room();
  expect([await look(600), await look(400), await look(900), await look(1000), await look(600)]).toEqual([true, false, false, true, true]);
  expect(causes).toEqual(['edge-full', 'recovered']);
});

it('files are counted, where they are counted at all', async () => {
  const { look } = room();
  expect([await look(1000, { freeInodes: 10 }), await look(1000, { freeInodes: 0, totalInodes: 0 })]).toEqual([false, true]);
});

it('a folder that cannot be read has no room', async () => {
  const { look, lose, tick, files } = room();
  expect(await look(1000)).toBe(true);
  lose();
  await tick();
  expect(files.texts.has('/cache/room')).toBe(false);
});

it('a file that somebody removed is written again', async () => {
  const { look, files } = room();
  await look(1000);
  files.texts.clear();
  expect(await look(1000)).toBe(true);
});
