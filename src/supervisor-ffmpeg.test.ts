import { describe, expect, it } from 'vitest';

import { createFakeProcesses } from '../tests/fakes/fake-processes.ts';
import { createMemoryFiles } from '../tests/fakes/memory-files.ts';
import { createVirtualClock } from '../tests/fakes/virtual-clock.ts';
import type { Ports } from './core/ports.ts';
import { chooseEncoder } from './plan/ladder/encoders.ts';
import { createSupervisorFfmpeg } from './supervisor-ffmpeg.ts';

describe('an encoder that disappears while jobs run', () => {
  it('is found to be gone before the next job, which gets another one and says why', async () => {
    const clock = createVirtualClock();
    const memory = createMemoryFiles(clock);
    memory.put('/usr/bin/ffmpeg', 'elf');
    const stat: Ports['files']['stat'] = async (path) => {
      const found = await memory.stat(path);
      return found === undefined ? undefined : { ...found, mode: 0o755 };
    };
    const device = { isGone: false };
    const process: Ports['process'] = {
      ...createFakeProcesses(),
      async run(_file, argv) {
        const isTrial = argv.includes('h264_vaapi') && argv.includes('lavfi');
        const failed = isTrial && device.isGone;
        const stdout = `ffmpeg version 5.1.9 Copyright (c) nobody\nEncoders:\n ------\n V..... h264_vaapi           H.264/AVC (VAAPI) (codec h264)\n`;
        return {
          exitCode: failed ? 1 : 0,
          stdout,
          stderr: failed ? 'No VA display found for device /dev/dri/renderD128.' : '',
          timedOut: false,
          missing: false,
        };
      },
    };
    const net: Ports['net'] = {
      get: async () => undefined,
      post: async () => undefined,
      canConnect: async () => false,
      portHolder: async () => undefined,
    };
    const notes: string[] = [];
    const ffmpeg = createSupervisorFfmpeg({ clock, files: { ...memory, stat }, process, net }, '/state/ffmpeg.json', (text) =>
      notes.push(text),
    );
    await ffmpeg.ready();
    expect(chooseEncoder('auto', ffmpeg.facts() ?? {}).name).toBe('vaapi');
    device.isGone = true;
    await clock.advance(30_000);
    await ffmpeg.ready();
    expect(chooseEncoder('vaapi', ffmpeg.facts() ?? {})).toEqual({
      name: 'x264',
      notes: ['encoder vaapi does not work here (No VA display found for device /dev/dri/renderD128.): x264 is used, which costs CPU'],
    });
    expect(notes).toEqual(['encoder vaapi worked and does not any more (No VA display found for device /dev/dri/renderD128.)']);
  });
});
