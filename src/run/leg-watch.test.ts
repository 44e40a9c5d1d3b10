import { beforeEach, describe, expect, it } from 'vitest';

import { createMemoryFiles, type MemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createVirtualClock, type VirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { createLegWatch, type LegWatch } from './leg-watch.ts';

let clock: VirtualClock;
let files: MemoryFiles;
let watch: LegWatch;

const playlist = (sequence: number, names: readonly string[]): string =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    '#EXT-X-TARGETDURATION:2',
    `#EXT-X-MEDIA-SEQUENCE:${sequence}`,
    ...names.flatMap((name) => ['#EXTINF:2.000,', name]),
    '',
  ].join('\n');

beforeEach(() => {
  clock = createVirtualClock();
  files = createMemoryFiles(clock);
  watch = createLegWatch({ files, clock }, 'backup', '/hls', '/hls/stream_a.m3u8');
});

describe('a leg watch', () => {
  it('sees a new segment, not a rewritten playlist', async () => {
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts']));
    expect(await watch.look()).toBe(true);
    await clock.advance(1000);
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts']));
    expect(await watch.look()).toBe(false);
    await clock.advance(1000);
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts', 'stream_a_2.ts']));
    expect(await watch.look()).toBe(true);
    expect(clock.monotonic() - (watch.view().changedAt ?? 0)).toBe(0);
  });

  it('does not take the fresh 0-byte playlist of a full disk for life', async () => {
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts']));
    await watch.look();
    const changedAt = watch.view().changedAt;
    await clock.advance(2000);
    files.put('/hls/stream_a.m3u8', '');
    expect(await watch.look()).toBe(false);
    expect(watch.view()).toMatchObject({ head: undefined, changedAt });
  });

  it('keeps the age when the playlist vanishes', async () => {
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts']));
    await watch.look();
    const changedAt = watch.view().changedAt;
    files.texts.clear();
    await clock.advance(5000);
    expect(await watch.look()).toBe(false);
    expect(watch.view()).toMatchObject({ head: undefined, changedAt });
  });

  it('takes the age of what was there before it came from the file', async () => {
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts']), clock.now() - 60_000);
    await watch.look();
    expect(clock.monotonic() - (watch.view().changedAt ?? 0)).toBe(60_000);
  });

  it('is not misled by a wall clock that jumps', async () => {
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts']));
    await watch.look();
    clock.jumpWall(-3_600_000);
    await clock.advance(2000);
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts', 'stream_a_2.ts']));
    expect(await watch.look()).toBe(true);
    expect(clock.monotonic() - (watch.view().changedAt ?? 0)).toBe(0);
  });

  it('knows the bit rate from the newest segment', async () => {
    files.put('/hls/stream_a_1.ts', 'x'.repeat(250_000));
    files.put('/hls/stream_a.m3u8', playlist(1, ['stream_a_1.ts']));
    await watch.look();
    expect(watch.view().bitrateBps).toBe(1_000_000);
  });
});
