import { beforeEach, describe, expect, it } from 'vitest';

import type { EventDraft } from '../core/events.ts';
import type { DiskSpace } from '../core/ports.ts';
import { createMemoryFiles, type MemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createVirtualClock, type VirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { createDiskWatch, type DiskWatch } from './disk-watch.ts';

const mib = 1024 ** 2;
const list = (...uris: readonly string[]): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:2\n${uris.map((uri) => `#EXTINF:2,\n${uri}\n`).join('')}`;
const backup = (count: number): string[] => Array.from({ length: count }, (_, index) => `stream_news_${index + 1}.ts`);

let clock: VirtualClock;
let files: MemoryFiles;
let events: EventDraft[];
let usedPercent: number;
let kept: readonly string[];
let onStat: () => void;
let watch: DiskWatch;
let going: Set<string>;
let onRemove: (name: string) => void;

beforeEach(() => {
  clock = createVirtualClock();
  files = createMemoryFiles(clock);
  events = [];
  usedPercent = 50;
  kept = [];
  onStat = () => undefined;
  onRemove = () => undefined;
  going = new Set();
  const space = (): DiskSpace => ({ totalBytes: 100 * mib, freeBytes: (100 - usedPercent) * mib, totalInodes: 1000, freeInodes: 900 });
  watch = createDiskWatch({
    files: {
      ...files,
      async stat(path) {
        onStat();
        return files.stat(path);
      },
      async remove(path) {
        onRemove(path);
        return files.remove(path);
      },
      diskSpace: async () => space(),
    },
    clock,
    directory: '/tmp/hls',
    limits: () => ({ warnPercent: 80, shedPercent: 90 }),
    knownIds: () => new Set(['news']),
    keptNames: () => new Set(kept),
    going,
    events: { record: (event) => events.push(event) },
  });
  for (const name of backup(8)) files.put(`/tmp/hls/${name}`, 'x');
  files.put('/tmp/hls/stream_news.m3u8', list(...backup(8).slice(2)));
});

const causes = (): readonly string[] => events.map(({ cause }) => cause);
const left = async (): Promise<number> => (await files.list('/tmp/hls')).filter((name) => name.endsWith('.ts')).length;

async function at(percent: number): Promise<void> {
  usedPercent = percent;
  await clock.advance(2000);
  await watch.tick();
}

describe('the disk watch', () => {
  it('says what it is deleting for as long as it does', async () => {
    const seen: boolean[] = [];
    onRemove = (path) => void seen.push(going.has(path.slice(path.lastIndexOf('/') + 1)));
    await at(92);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(Boolean)).toBe(true);
    expect([...going]).toEqual([]);
  });

  it('says nothing while there is room', async () => {
    await at(79);
    expect([causes(), watch.notes(), await left()]).toEqual([[], [], 8]);
  });

  it('warns once, with figures, and sheds nothing yet', async () => {
    await at(81);
    await at(82);
    expect(causes()).toEqual(['filling']);
    expect(events[0]?.message).toBe('the file system of /tmp/hls is 81 % full (19.0 MiB of 100 MiB free)');
    expect(events[0]?.data).toMatchObject({ level: 'warn', usedPercent: 81, freeBytes: 19 * mib });
    expect([watch.notes(), await left()]).toEqual([['the file system of /tmp/hls is 82 % full (18.0 MiB of 100 MiB free)'], 8]);
  });

  it('sheds down to the newest three, says so, and says when no more can be done, each once', async () => {
    await at(92);
    expect(await left()).toBe(3);
    await at(93);
    await at(93);
    expect(causes()).toEqual(['shedding', 'nothing-to-shed']);
    expect(events[0]?.action).toBe('backup legs are cut to their newest 3 segments; so far 5 segments, 0.0 MiB');
    expect(watch.notes()[0]).toContain('the backup legs are cut short (5 segments so far)');
  });

  it('spares what a channel took up while it was looking', async () => {
    onStat = () => void (kept = ['stream_news_4.ts']);
    await at(92);
    expect(await left()).toBe(4);
    expect(await files.list('/tmp/hls')).toContain('stream_news_4.ts');
  });

  it('tells when there is room again, and begins anew the next time', async () => {
    await at(92);
    await at(74);
    expect(causes()).toEqual(['shedding', 'recovered']);
    expect([watch.notes(), watch.level()]).toEqual([[], 'ok']);
    for (const name of backup(8)) files.put(`/tmp/hls/${name}`, 'x');
    await at(92);
    expect(causes()).toEqual(['shedding', 'recovered', 'shedding']);
  });
});
