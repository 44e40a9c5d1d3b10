import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decideBackupStart, type BackupStartInput } from './backup-start.ts';
import { parseMediaPlaylist } from './media-playlist.ts';

const nowMs = Date.UTC(2026, 10, 22, 13, 0, 0);
const byClock = nowMs / 1000 / 2;

function text(mediaSequence: number, numbers: readonly number[], ending = ''): string {
  const entries = numbers.map((number) => `#EXTINF:2.000000,\nstream_news_${number}.ts\n`).join('');
  return `#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${mediaSequence}\n${entries}${ending}`;
}

function decide(input: Partial<BackupStartInput>, present: readonly number[] = []) {
  return decideBackupStart({
    playlist: undefined,
    lastSequence: undefined,
    nowMs,
    segmentSeconds: 2,
    present: new Set(present.map((number) => `stream_news_${number}.ts`)),
    ...input,
  });
}

describe('decideBackupStart', () => {
  it('continues a whole playlist', () => {
    expect(decide({ playlist: text(100, [100, 101, 102]), lastSequence: 102 }, [99, 100, 101, 102])).toEqual({ kind: 'append' });
  });

  it.each([undefined, '', '\0\0\0', 'garbage', '#EXTM3U\n'])('starts afresh by the clock from %j', (playlist) => {
    expect(decide({ playlist })).toEqual({ kind: 'fresh', startNumber: byClock, removePlaylist: playlist !== undefined });
  });

  it('starts above what was used, if the clock was set back', () => {
    expect(decide({ lastSequence: byClock + 50 })).toEqual({ kind: 'fresh', startNumber: byClock + 51, removePlaylist: false });
  });

  it('keeps the trailing run of files that exist', () => {
    const decision = decide({ playlist: text(100, [100, 101, 102, 103]), lastSequence: 103 }, [100, 102, 103]);
    expect(decision.kind === 'rewrite' && parseMediaPlaylist(decision.text)).toMatchObject({
      mediaSequence: 102,
      segments: [{ uri: 'stream_news_102.ts' }, { uri: 'stream_news_103.ts' }],
    });
  });

  it('takes ENDLIST away', () => {
    const decision = decide({ playlist: text(100, [100], '#EXT-X-ENDLIST\n') }, [100]);
    expect(decision.kind === 'rewrite' && decision.text).not.toContain('ENDLIST');
  });

  it.each([
    ['no file is left', text(100, [100, 101]), []],
    ['the newest file is gone', text(100, [100, 101]), [100]],
    ['numbers and sequence disagree so that old names would come again', text(5002, [1008, 1009]), [1008, 1009]],
  ])('starts afresh when %s', (_title, playlist, present) => {
    expect(decide({ playlist, lastSequence: 101 }, present)).toEqual({ kind: 'fresh', startNumber: byClock, removePlaylist: true });
  });

  it('starts afresh when an old playlist has come back', () => {
    expect(decide({ playlist: text(100, [100, 101]), lastSequence: 150 }, [100, 101])).toMatchObject({ kind: 'fresh' });
  });

  it('lets the sequence follow the names when they are ahead', () => {
    const decision = decide({ playlist: text(0, [700, 701]) }, [700, 701]);
    expect(decision.kind === 'rewrite' && parseMediaPlaylist(decision.text)?.mediaSequence).toBe(700);
  });

  it('stays below 2^31, the largest number ffmpeg can put into a name, also with half-second segments', () => {
    expect(decide({ segmentSeconds: 0.5 })).toMatchObject({ startNumber: nowMs / 1000 });
  });

  it('never goes back, never lists what is gone, and never gives a name twice', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(12),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        fc.option(fc.nat(1100), { nil: undefined }),
        (first, count, exists, last) => {
          const numbers = Array.from({ length: count }, (_, index) => first + index);
          const present = numbers.filter((_, index) => exists[index]);
          const decision = decide({ playlist: text(first, numbers), lastSequence: last, nowMs: 0 }, present);
          const after = decision.kind === 'rewrite' ? parseMediaPlaylist(decision.text) : parseMediaPlaylist(text(first, numbers));
          const next = decision.kind === 'fresh' ? decision.startNumber : (after?.mediaSequence ?? 0) + (after?.segments.length ?? 0);
          expect(next).toBeGreaterThan(last ?? -1);
          if (decision.kind === 'fresh') return;
          expect(next).toBe(first + count);
          for (const { uri } of after?.segments ?? []) expect(present.map((number) => `stream_news_${number}.ts`)).toContain(uri);
        },
      ),
    );
  });
});
