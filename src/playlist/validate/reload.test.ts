import { describe, expect, it } from 'vitest';

import type { PlaylistFinding, Producer } from './finding.ts';
import { validateReload } from './reload.ts';
import type { Rule } from './rules.ts';
import { newWatch, watchReading, type PlaylistWatch } from './watch.ts';

interface Shape {
  readonly seq?: number | undefined;
  readonly dseq?: number;
  readonly target?: number;
  /** Names; a `!` in front stands for EXT-X-DISCONTINUITY. */
  readonly names: string;
  readonly seconds?: number;
  readonly ended?: boolean;
}

function list({ seq, dseq, target = 2, names, seconds = 2, ended = false }: Shape): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-TARGETDURATION:${target}`];
  if (seq !== undefined) lines.push(`#EXT-X-MEDIA-SEQUENCE:${seq}`);
  if (dseq !== undefined) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${dseq}`);
  for (const word of names.split(' ').filter((name) => name !== '')) {
    if (word.startsWith('!')) lines.push('#EXT-X-DISCONTINUITY');
    lines.push(`#EXTINF:${seconds.toFixed(3)},`, word.replace('!', ''));
  }
  return `${lines.join('\n')}\n${ended ? '#EXT-X-ENDLIST\n' : ''}`;
}

function rulesOf(before: Shape, after: Shape, producer: Producer = 'channel'): readonly Rule[] {
  return validateReload(list(before), list(after), { producer }).map(({ rule }) => rule);
}

const start: Shape = { seq: 10, dseq: 3, names: 'a b !c d' };

describe('validateReload', () => {
  it.each<[string, Shape, Shape]>([
    ['nothing new', start, start],
    ['one more', start, { ...start, names: 'a b !c d e' }],
    ['one in, one out', start, { ...start, seq: 11, names: 'b !c d e' }],
    ['a discontinuity is about to leave', start, { ...start, seq: 12, names: '!c d e f' }],
    ['a discontinuity left', start, { seq: 13, dseq: 4, names: 'd e f g' }],
    ['its tag left with the one before it', start, { seq: 12, dseq: 4, names: 'c d e f' }],
    ['two left at once', { seq: 1, dseq: 0, names: '!a !b c d' }, { seq: 3, dseq: 2, names: 'c d e f' }],
    ['a token in the query changes', { ...start, names: 'a?t=1 b c' }, { ...start, names: 'a?t=2 b c' }],
    ['a first list without segments', { seq: 0, names: '' }, { seq: 0, names: 'a b c' }],
  ])('allows: %s', (_, before, after) => {
    expect(rulesOf(before, after)).toEqual([]);
  });

  it.each<[Rule, string, Shape, Shape]>([
    ['media-sequence-decreased', 'went back to 0', start, { ...start, seq: 0, names: 'x y z' }],
    ['media-sequence-decreased', 'by one', start, { ...start, seq: 9, names: 'a b !c d e' }],
    ['media-sequence-wrong', 'one removed, number stays', start, { ...start, names: 'b !c d e' }],
    ['media-sequence-wrong', 'one removed, two counted', start, { ...start, seq: 12, names: 'b !c d e' }],
    ['media-sequence-missing', 'one removed, no number', { names: 'a b c d' }, { names: 'b c d e' }],
    ['segments-missed', 'a jump over what was never listed', start, { ...start, seq: 20, names: 'k l m' }],
    ['segment-changed', 'same number, other name', start, { ...start, names: 'a b !c x' }],
    ['segment-changed', 'put in at the front', start, { ...start, names: 'z a b !c d' }],
    ['segment-changed', 'a discontinuity appears later', start, { ...start, names: 'a b !c !d' }],
    ['segment-changed', 'other duration', start, { ...start, seconds: 1.9 }],
    ['segment-withdrawn', 'the end was taken off', start, { ...start, names: 'a b !c' }],
    ['segment-withdrawn', 'the end was taken off, the front moved', start, { ...start, seq: 11, names: 'b !c' }],
    ['removed-too-early', 'removed below three target durations', start, { ...start, seq: 12, names: '!c d' }],
    ['target-duration-changed', 'grew', start, { ...start, target: 3 }],
    ['discontinuity-sequence-decreased', 'went back', start, { ...start, dseq: 2 }],
    ['discontinuity-sequence-wrong', 'grew although nothing left', start, { ...start, dseq: 4 }],
    ['discontinuity-sequence-wrong', 'grew when the discontinuity became the first', start, { seq: 12, dseq: 4, names: '!c d e' }],
    ['discontinuity-sequence-wrong', 'did not grow when it left', start, { seq: 13, dseq: 3, names: 'd e f' }],
    ['discontinuity-sequence-wrong', 'grew by two', start, { seq: 13, dseq: 5, names: 'd e f' }],
    ['discontinuity-sequence-wrong', 'stayed when everything left', start, { seq: 14, dseq: 3, names: 'e f g' }],
  ])('%s: %s', (rule, _, before, after) => {
    expect(rulesOf(before, after)).toContain(rule);
  });

  it('takes each turn of a slate for a segment of its own', () => {
    const before = { seq: 4, dseq: 0, names: 'a !s.ts?n=5 !s.ts?n=6 !s.ts?n=7' };
    expect(rulesOf(before, { seq: 5, dseq: 0, names: '!s.ts?n=5 !s.ts?n=6 !s.ts?n=7 !s.ts?n=8' })).toEqual([]);
    expect(rulesOf(before, { seq: 5, dseq: 0, names: '!s.ts?n=6 !s.ts?n=7 !s.ts?n=8' })).not.toEqual([]);
  });

  it('warns of the known gaps of a leg and does not forgive the channel', () => {
    const before = { seq: 1, names: '!a b c d' };
    const after = { seq: 2, target: 3, names: 'b c d e' };
    const severities = (producer: Producer): readonly string[] =>
      validateReload(list(before), list(after), { producer }).map(({ rule, severity }) => `${rule}: ${severity}`);
    expect(new Set(severities('leg'))).toEqual(
      new Set(['target-duration-changed: warning', 'removed-too-early: warning', 'discontinuity-sequence-wrong: warning']),
    );
    expect(severities('channel').every((line) => line.endsWith('error'))).toBe(true);
  });
});

describe('watchReading', () => {
  function read(watch: PlaylistWatch, shape: Shape | undefined, atMs: number): { watch: PlaylistWatch; found: readonly string[] } {
    const content = shape === undefined ? undefined : list(shape);
    const { watch: next, findings } = watchReading(watch, { content, atMs });
    return { watch: next, found: findings.map(({ rule, severity }: PlaylistFinding) => `${rule}: ${severity}`) };
  }

  it('calls a playlist late after one and a half target durations and stale after three, and after ten seconds', () => {
    const { watch } = read(newWatch({ producer: 'channel' }), start, 0);
    expect(read(watch, start, 3000).found).toEqual([]);
    expect(read(watch, start, 3100).found).toEqual(['update-late: error']);
    expect(read(watch, start, 10_000).found).toEqual(['update-late: error']);
    expect(read(watch, start, 10_001).found).toEqual(['stale: error']);
    expect(read(watch, { ...start, names: 'a b !c d e' }, 10_001).found).toEqual([]);
  });

  it('waits for three target durations where those are longer', () => {
    const { watch } = read(newWatch({ producer: 'leg' }), { ...start, target: 8, seconds: 8 }, 0);
    expect(read(watch, { ...start, target: 8, seconds: 8 }, 24_000).found).toEqual(['update-late: warning']);
    expect(read(watch, { ...start, target: 8, seconds: 8 }, 24_001).found).toEqual(['stale: error']);
  });

  it('counts the time without an answer as well', () => {
    const { watch } = read(newWatch({ producer: 'leg' }), start, 0);
    expect(read(watch, undefined, 11_000).found).toEqual(['unreachable: error', 'stale: error']);
  });

  it('expects nothing new after the end', () => {
    const { watch } = read(newWatch({ producer: 'leg' }), { ...start, ended: true }, 0);
    expect(read(watch, { ...start, ended: true }, 60_000).found).toEqual(['ended: error']);
  });

  it('remembers names that left the window', () => {
    let { watch } = read(newWatch({ producer: 'channel' }), { seq: 0, names: 'n0 n1 n2' }, 0);
    ({ watch } = read(watch, { seq: 3, names: 'n3 n4 n5' }, 1000));
    expect(read(watch, { seq: 6, names: 'n0 n7 n8' }, 2000).found).toEqual(['name-reused: error']);
    expect(read(watch, { seq: 4, names: 'n4 n5 n6' }, 2000).found).toEqual([]);
  });
});
