import { describe, expect, it } from 'vitest';

import { planSlateTidying, slateHashOf, slateName } from './slate-files.ts';

const [now, old] = ['0123456789abcdef', 'fedcba9876543210'];
const folder = { nowMs: 1_000_000, keepMs: 600_000, current: now, playlist: '' };

describe('slate files', () => {
  it('are known by their names, and nothing else is', () => {
    expect(slateHashOf(slateName(now, 12))).toBe(now);
    for (const name of ['index.m3u8', 'slate-1.ts', 'slate-x-1.ts', `slate-${now}-1.ts.tmp`, `slate-${now}-.ts`, 'news-1.ts']) {
      expect(slateHashOf(name)).toBeUndefined();
    }
  });

  it('go when they are outdated, old, and in no playlist', () => {
    const files = [
      { name: slateName(now, 0), mtimeMs: 0 },
      { name: slateName(old, 0), mtimeMs: 0 },
      { name: slateName(old, 1), mtimeMs: 900_000 },
      { name: 'index.m3u8', mtimeMs: 0 },
    ];
    expect(planSlateTidying({ ...folder, files })).toEqual({ touch: [], remove: [slateName(old, 0)] });
    expect(planSlateTidying({ ...folder, files, current: undefined }).remove).toEqual([slateName(now, 0), slateName(old, 0)]);
  });

  it('stay while they are listed, and their time counts from then', () => {
    const files = [{ name: slateName(old, 0), mtimeMs: 0 }];
    const playlist = `#EXTM3U\n#EXTINF:2,\n${slateName(old, 0)}\n`;
    expect(planSlateTidying({ ...folder, files, playlist })).toEqual({ touch: [slateName(old, 0)], remove: [] });
  });
});
