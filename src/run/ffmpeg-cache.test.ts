import { describe, expect, it } from 'vitest';

import { createFakeProcesses } from '../../tests/fakes/fake-processes.ts';
import { createMemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createVirtualClock } from '../../tests/fakes/virtual-clock.ts';
import type { Ports } from '../core/ports.ts';
import { readFfmpegFacts } from './ffmpeg-cache.ts';

function machine() {
  const clock = createVirtualClock();
  const files = createMemoryFiles(clock);
  const world = { asked: 0, slow: false };
  const process: Ports['process'] = {
    ...createFakeProcesses(),
    async run(_file, argv) {
      world.asked += 1;
      const timedOut = world.slow && !argv.includes('-version');
      const stdout = 'ffmpeg version 5.1.9 Copyright (c) nobody\n';
      return { exitCode: timedOut ? undefined : 0, stdout, stderr: '', timedOut, missing: false };
    },
  };
  const net: Ports['net'] = {
    get: async () => undefined,
    post: async () => undefined,
    canConnect: async () => false,
    portHolder: async () => undefined,
  };
  files.put('/usr/bin/ffmpeg', 'elf');
  return { world, files, read: () => readFfmpegFacts({ clock, files, process, net }, '/usr/bin/ffmpeg', '/state/ffmpeg.json') };
}

describe('what ffmpeg can do', () => {
  it('is asked once for a binary, and again for a new one', async () => {
    const { world, files, read } = machine();
    expect((await read())?.version).toBe('5.1.9');
    const { asked } = world;
    await read();
    expect(world.asked).toBe(asked);
    files.put('/usr/bin/ffmpeg', 'another');
    await read();
    expect(world.asked).toBeGreaterThan(asked);
  });

  it('is not remembered when the machine was too busy for a whole answer', async () => {
    const { world, files, read } = machine();
    world.slow = true;
    expect(await read()).toBeDefined();
    expect(files.texts.has('/state/ffmpeg.json')).toBe(false);
    world.slow = false;
    await read();
    expect(files.texts.has('/state/ffmpeg.json')).toBe(true);
  });

  it('is unknown while there is no such file', async () => {
    const { files, read } = machine();
    files.texts.delete('/usr/bin/ffmpeg');
    expect(await read()).toBeUndefined();
  });
});
