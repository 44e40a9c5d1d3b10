import { expect, it } from 'vitest';

import type { SourceFacts } from '../core/facts.ts';
import { createCodecMemory } from './codec-memory.ts';

const known: SourceFacts = { video: { codec: 'h264', width: 1920, height: 1080, fps: 25 }, audio: { codec: 'aac' } };

function memory() {
  const stored = new Map([['news', known]]);
  const facts = {
    get: (key: string) => stored.get(key),
    set: (key: string, value: SourceFacts) => void stored.set(key, value),
    keys: () => [...stored.keys()],
    delete: (key: string) => void stored.delete(key),
    flush: async () => undefined,
    problem: () => undefined,
  };
  let replans = 0;
  const log = { ffmpeg: (line: string) => line, nginx: (line: string) => line, note: () => undefined } as never;
  const codecs = createCodecMemory({ facts, log, fits: (found) => found.video?.codec === 'h264', replan: () => void (replans += 1) });
  codecs.recall('news');
  return { codecs, stored, replans: () => replans };
}

it('keeps the size of the picture while the codec is a guess, and takes the real one in without another start', () => {
  const { codecs, stored, replans } = memory();
  expect(codecs.turn('news', 'video')).toBe(true);
  expect(stored.get('news')?.video).toEqual({ codec: 'hevc', width: 1920, height: 1080, fps: 25 });
  codecs.recall('news');
  const smaller: SourceFacts = { video: { codec: 'hevc', width: 1280, height: 720, fps: 50 }, audio: { codec: 'aac' } };
  codecs.learn('news', smaller);
  expect([stored.get('news'), replans()]).toEqual([smaller, 0]);
});
