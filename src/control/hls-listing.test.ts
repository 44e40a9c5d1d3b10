import { describe, expect, it } from 'vitest';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FileStat } from '../core/ports.ts';
import { createHlsListing } from './hls-listing.ts';

const at = Date.UTC(2026, 10, 8, 7, 5);

function statOf(more: Partial<FileStat> = {}): FileStat {
  return { inode: 1, size: 188, mtimeMs: at, mode: 0o644, uid: 0, gid: 0, isDirectory: false, ...more };
}

function listing(found: Readonly<Record<string, FileStat | undefined | Error>>) {
  let looks = 0;
  const clock = { now: 0 };
  const files = {
    async list() {
      looks += 1;
      return Object.keys(found);
    },
    async stat(path: string) {
      const stat = found[path.slice('/tmp/hls/'.length)];
      if (stat instanceof Error) throw stat;
      return stat;
    },
  };
  const read = createHlsListing({ files, directory: '/tmp/hls', now: () => clock.now });
  return { read, clock, looks: () => looks };
}

describe('createHlsListing', () => {
  it('lists as nginx does: folders first, then names, with date and size', async () => {
    const { read } = listing({
      'news.m3u8': statOf(),
      'news-1.ts': statOf({ size: 791_856 }),
      news: statOf({ isDirectory: true, size: 4096 }),
      'big.ts': statOf({ size: 3_000_000 }),
    });
    expect((await read()).split('\n').slice(3, -3)).toEqual([
      '<h1>Index of /hls/</h1><hr><pre><a href="../">../</a>',
      `<a href="news/">news/</a>${' '.repeat(45)} 08-Nov-2026 07:05       -`,
      `<a href="big.ts">big.ts</a>${' '.repeat(44)} 08-Nov-2026 07:05      3M`,
      `<a href="news-1.ts">news-1.ts</a>${' '.repeat(41)} 08-Nov-2026 07:05    773K`,
      `<a href="news.m3u8">news.m3u8</a>${' '.repeat(41)} 08-Nov-2026 07:05     188`,
    ]);
  });

  it('leaves out what went while it looked, what may not be looked at, and what is hidden', async () => {
    const refused = new AppError({ exitCode: ExitCode.permission, code: 'permission', message: 'no' });
    const { read } = listing({ 'gone.ts': undefined, 'shut.ts': refused, '.index.m3u8.tmp': statOf(), 'news.m3u8': statOf() });
    const text = await read();
    expect([...text.matchAll(/href="([^"]+)"/g)].map(([, name]) => name)).toEqual(['../', 'news.m3u8']);
  });

  it('makes no markup of a name that somebody else chose', async () => {
    const { read } = listing({ '"><script>alert(1)<.ts': statOf(), 'javascript:alert(1)': statOf() });
    const text = await read();
    expect(text).not.toContain('<script');
    expect(text).not.toContain('href="javascript:');
  });

  it('looks once for all who ask within a second, and again after it', async () => {
    const { read, clock, looks } = listing({ 'news.m3u8': statOf() });
    await Promise.all([read(), read(), read()]);
    clock.now = 900;
    await read();
    expect(looks()).toBe(1);
    clock.now = 1100;
    await read();
    expect(looks()).toBe(2);
  });
});
