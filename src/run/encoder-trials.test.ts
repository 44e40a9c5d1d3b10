import { describe, expect, it } from 'vitest';

import { ffmpeg5 } from '../../tests/helpers/plans.ts';
import type { RunResult } from '../core/ports.ts';
import { tryAgain, tryEncoders } from './encoder-trials.ts';

/** Answers by the name of the encoder in the command: undefined works, a text is what ffmpeg says. */
function ffmpegWith(devices: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  return {
    asked,
    async run(_file: string, argv: readonly string[]): Promise<RunResult> {
      const codec = argv[argv.indexOf('-c:v') + 1] ?? '';
      asked.push(codec);
      const stderr = devices[codec];
      return { exitCode: stderr === undefined ? 0 : 1, stdout: '', stderr: stderr ?? '', timedOut: false, missing: false };
    },
  };
}

describe('trials of hardware encoders', () => {
  it('run those that are built in, and keep what ffmpeg says of the others', async () => {
    const ffmpeg = ffmpegWith({ h264_nvenc: '[h264_nvenc @ 0x55] Cannot load libcuda.so.1\nError initializing output stream 0:0\n' });
    const trials = await tryEncoders(ffmpeg, '/usr/bin/ffmpeg', new Set(['libx264', 'h264_nvenc', 'h264_vaapi']));
    expect([...trials]).toEqual([
      ['nvenc', 'Cannot load libcuda.so.1'],
      ['vaapi', ''],
    ]);
  });

  it('are repeated for what worked: a device that is gone is found before the next job', async () => {
    const facts = {
      ...ffmpeg5,
      trials: new Map([
        ['nvenc', 'no'],
        ['vaapi', ''],
      ]),
    };
    const there = ffmpegWith({});
    expect(await tryAgain(there, facts)).toBe(facts);
    expect(there.asked).toEqual(['h264_vaapi']);
    const gone = await tryAgain(ffmpegWith({ h264_vaapi: 'No VA display found for device /dev/dri/renderD128.' }), facts);
    expect(gone.trials?.get('vaapi')).toBe('No VA display found for device /dev/dri/renderD128.');
    const none = ffmpegWith({});
    expect(await tryAgain(none, ffmpeg5)).toBe(ffmpeg5);
    expect(none.asked).toEqual([]);
  });
});
