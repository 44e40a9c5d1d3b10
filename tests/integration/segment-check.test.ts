// A segment with a hole in a picture is refused by the same decoder that ends Chromium's player; a whole one is not.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { createProcessPort } from '../../src/platform/process.ts';
import { createSegmentCheck, type SegmentCheck } from '../../src/run/segment-check.ts';
import { media, type MediaName } from '../helpers/media.ts';
import { createLoss } from '../helpers/origin/loss.ts';

let directory = '';
let check: SegmentCheck;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-segment-check-'));
  const endpoints = { hlsDirectory: directory };
  check = createSegmentCheck({ ports: { process: createProcessPort() }, endpoints, ffmpeg: () => ({ path: 'ffmpeg' }), timeoutMs: 60_000 });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const packetBytes = 188;
async function segment(name: string, clip: MediaName, loss?: 'unseen'): Promise<string> {
  const bytes = readFileSync(await media(clip));
  const before = bytes.subarray(0, 400 * packetBytes);
  const after = bytes.subarray(400 * packetBytes);
  writeFileSync(join(directory, name), loss === undefined ? bytes : Buffer.concat([before, createLoss(loss)(after)]));
  return name;
}

it.each<MediaName>(['h264-aac.ts', 'h264-none.ts', 'none-aac.ts'])('a whole one passes: %s', async (clip) => {
  expect(await check(await segment(`whole-${clip}`, clip))).toBeUndefined();
});

it('one that lost a piece of a picture is refused, with the reason', async () => {
  expect(await check(await segment('lost.ts', 'h264-aac.ts', 'unseen'))).toMatch(/^\[h264\] /);
});

it('what is not there, or is no name of a segment, is not judged', async () => {
  expect(await check('gone.ts')).toBeUndefined();
  expect(await check('../etc/passwd')).toBeUndefined();
});
