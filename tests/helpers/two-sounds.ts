// A source with a picture and two sounds that can be told apart by ear: a low tone in German, a high one in English.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const lowHz = 440;
export const highHz = 1760;

interface Recipe {
  readonly seconds: number;
  /** Of the second sound, as ffmpeg's encoder. */
  readonly codec?: 'aac' | 'ac3' | 'mp2';
  readonly languages?: readonly [string, string];
  readonly from?: number;
  readonly isAlone?: boolean;
}

/** A key frame every 1.6 s, so that segments of 1 s are cut where no clock would cut. */
export async function twoSounds(
  path: string,
  { seconds, codec = 'aac', languages = ['deu', 'eng'], from = 0, isAlone = false }: Recipe,
): Promise<string> {
  const tone = (hertz: number): readonly string[] => ['-f', 'lavfi', '-i', `sine=frequency=${hertz}:sample_rate=48000`];
  const second = ['-map', '2:a', '-c:a:1', codec, '-b:a:1', '96k', '-metadata:s:a:1', `language=${languages[1]}`];
  await run('ffmpeg', [
    ...['-v', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', ...tone(lowHz), ...tone(highHz)],
    ...['-map', '0:v', '-map', '1:a', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '40', '-keyint_min', '40', '-sc_threshold', '0'],
    ...['-pix_fmt', 'yuv420p', '-b:v', '300k', '-c:a', 'aac', '-b:a', '96k', '-ac', '2', '-metadata:s:a:0', `language=${languages[0]}`],
    ...(isAlone ? [] : second),
    ...['-t', String(seconds), '-output_ts_offset', String(from), path],
  ]);
  return path;
}

/** The English sound is gone for the second half, without a break in the rest. */
export async function soundThatGoes(path: string, seconds: number): Promise<string> {
  const whole = await twoSounds(join(`${path}.whole.ts`), { seconds });
  const rest = await twoSounds(join(`${path}.rest.ts`), { seconds, from: seconds, isAlone: true });
  await writeFile(path, Buffer.concat([await readFile(whole), await readFile(rest)]));
  return path;
}
