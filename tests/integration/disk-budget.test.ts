// An HLS folder that fills up, on a small file system of its own: real writers, real statfs(2).

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { parseMediaPlaylist } from '../../src/playlist/media-playlist.ts';
import { createStack, eventually, type TestStack } from '../helpers/stack.ts';

let stack: TestStack;

// Several waits one after another, each with a limit of its own.
vi.setConfig({ testTimeout: 480_000, hookTimeout: 360_000 });

afterEach(async () => {
  await stack.iptv('down');
  spawnSync('umount', ['-l', stack.hls]);
  await stack.close();
});

const backups = (): readonly string[] => readdirSync(stack.hls).filter((name) => /^stream_news_\d+\.ts$/.test(name));
const events = (): readonly { readonly kind: string; readonly cause: string }[] => {
  const path = join(stack.state, 'events.jsonl');
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { kind: string; cause: string })
    : [];
};
const disk = (): readonly string[] => events().flatMap(({ kind, cause }) => (kind === 'disk' ? [cause] : []));

function channel() {
  const text = readFileSync(join(stack.hls, 'news/index.m3u8'), 'utf8');
  const playlist = parseMediaPlaylist(text);
  if (playlist === undefined) throw new Error(`not a playlist: ${text}`);
  return playlist;
}

/** The number after the newest one. */
function newest(): number {
  const { mediaSequence, segments } = channel();
  return mediaSequence + segments.length;
}

/** What a viewer would ask for next must be there. */
function missingOfChannel(): readonly string[] {
  const names = channel().segments.map(({ uri }) => uri.replace(/\?.*/, ''));
  return names.filter((name) => !existsSync(join(stack.hls, name.startsWith('slate-') ? 'news' : '', name)));
}

async function playing(mountOptions: string, skip: (why: string) => never): Promise<void> {
  stack = await createStack({
    streams: '  - id: news\n    source: "test:?size=320x180&fps=25"\n    output: { segment: 1s, window: 10 }',
    server: '  segment: 1s\n  window: 3',
  });
  mkdirSync(stack.hls);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=777,${mountOptions}`, 'tmpfs', stack.hls]);
  if (mounted.status !== 0) skip('needs the right to mount a tmpfs');
  expect((await stack.iptv('start', 'news', '--wait', '--timeout', '60s')).code).toBe(0);
  await eventually('the backup leg is some segments long', () => backups().length >= 9);
}

async function isShedAndRecovers(fill: () => void, empty: () => void): Promise<void> {
  fill();
  await eventually('the backup leg is shed', () => disk().includes('shedding') && backups().length <= 6);
  expect(missingOfChannel()).toEqual([]);
  expect((await stack.status()).supervisor.notes?.join()).toContain('the backup legs are cut short');
  const before = newest();
  await eventually('the channel plays on', () => newest() >= before + 5);
  expect(missingOfChannel()).toEqual([]);
  empty();
  await eventually('there is room again', () => disk().includes('recovered'));
  await eventually('both legs write, and the backup leg grows again', async () => {
    const { primary, backup } = (await stack.stream('news')).legs;
    return primary.state === 'fresh' && backup.state === 'fresh' && backups().length >= 9;
  });
  expect((await stack.status()).supervisor.notes ?? []).toEqual([]);
}

describe('a disk that fills up', () => {
  it('costs the backup leg its length, never the channel; and all is as before when there is room again', async ({ skip }) => {
    await playing('size=8m', skip);
    const filler = join(stack.hls, 'filler');
    await isShedAndRecovers(
      () => {
        const { bavail, bsize } = statfsSync(stack.hls);
        writeFileSync(filler, Buffer.alloc(bavail * bsize - 0.5 * 1024 ** 2));
      },
      () => rmSync(filler),
    );
  });

  it('means the same when it runs out of inodes', async ({ skip }) => {
    await playing('size=64m,nr_inodes=400', skip);
    const filler = (index: number): string => join(stack.hls, `filler-${index}`);
    let count = 0;
    await isShedAndRecovers(
      () => {
        count = statfsSync(stack.hls).ffree - 32;
        for (let index = 0; index < count; index += 1) writeFileSync(filler(index), '');
      },
      () => {
        for (let index = 0; index < count; index += 1) rmSync(filler(index));
      },
    );
  });
});
