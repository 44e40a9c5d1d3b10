import { describe, expect, it } from 'vitest';

import { joinRungs, type RungLegs, type RungSegment } from './join-rungs.ts';

const segment = (uri: string, startedAtMs: number, more: Partial<RungSegment> = {}): RungSegment => ({
  uri,
  durationSeconds: 2,
  discontinuity: false,
  endedAt: startedAtMs + 2000,
  startedAtMs,
  ...more,
});
const legs = (id: string, primary: readonly RungSegment[], backup: readonly RungSegment[] = [], isSound = false): RungLegs => ({
  id,
  isSound,
  segments: { primary, backup },
});

describe('joinRungs', () => {
  it('counts a segment when every rung has its piece of the same time', () => {
    const high = [segment('h-0', 0), segment('h-1', 2000), segment('h-2', 4000)];
    const joined = joinRungs('primary', [legs('h', high), legs('l', [segment('l-0', 9), segment('l-1', 2050)])]);
    expect(joined.segments.map(({ uri }) => uri)).toEqual(['h-0', 'h-1']);
    expect(joined.pieces.get('h-1')?.get('l')).toEqual({ uri: 'l-1', durationSeconds: 2 });
  });

  it('marks the break where one rung came back later than another', () => {
    const high = [segment('h-0', 0), segment('h-1', 2000), segment('h-2', 4000)];
    const joined = joinRungs('primary', [legs('h', high), legs('l', [segment('l-0', 9), segment('l-2', 4001)])]);
    expect(joined.segments.map(({ uri, discontinuity }) => [uri, discontinuity])).toEqual([
      ['h-0', false],
      ['h-2', true],
    ]);
  });

  it('takes a break of any rung for all', () => {
    const joined = joinRungs('backup', [legs('h', [], [segment('h-0', 0)]), legs('l', [], [segment('l-0', 3, { discontinuity: true })])]);
    expect(joined.segments[0]?.discontinuity).toBe(true);
  });

  it('takes sound alone as ffmpeg cut it, and as nginx did while ffmpeg writes none', () => {
    const high = legs('h', [segment('h-0', 0)]);
    const nginx = [segment('a-0', 500)];
    const cut = joinRungs('primary', [high, legs('a', nginx, [segment('stream_a_0', 77, { endedAt: 2100 })], true)]);
    expect(cut.pieces.get('h-0')?.get('a')?.uri).toBe('stream_a_0');
    expect(
      joinRungs('primary', [high, legs('a', nginx, [], true)])
        .pieces.get('h-0')
        ?.get('a')?.uri,
    ).toBe('a-0');
  });

  const alternative = (segments: readonly RungSegment[]): RungLegs => ({ ...legs('e', segments), isAlternative: true });
  const high = [segment('h-0', 0), segment('h-1', 2000), segment('h-2', 4000)];
  const pieceOf = (joined: ReturnType<typeof joinRungs>, uri: string) => joined.pieces.get(uri)?.get('e')?.uri;

  it('waits for an alternative sound while it may come, and then lets the usual one stand in', () => {
    const late = joinRungs('primary', [legs('h', high), alternative([segment('e-0', 5)])]);
    expect(late.segments.map(({ uri, discontinuity }) => [uri, discontinuity])).toEqual([
      ['h-0', false],
      ['h-1', true],
    ]);
    expect([pieceOf(late, 'h-0'), pieceOf(late, 'h-1')]).toEqual(['e-0', 'h-1']);
    // Still for two segments: nobody waits for it any more.
    const longer = [...high, segment('h-3', 6000), segment('h-4', 8000)];
    expect(joinRungs('primary', [legs('h', longer), alternative([segment('e-0', 5)])]).segments).toHaveLength(5);
    expect(joinRungs('primary', [legs('h', high), alternative([])]).segments.map(({ uri }) => uri)).toEqual(['h-0', 'h-1']);
  });

  it('lets the usual sound stand in for a piece without any, and says where it begins and ends', () => {
    const pieces = [segment('e-0', 5), segment('e-1', 2005, { isEmpty: true }), segment('e-2', 4005)];
    const joined = joinRungs('backup', [legs('h', [], high), { ...legs('e', [], pieces), isAlternative: true }]);
    expect(joined.segments.map(({ uri, discontinuity }) => [uri, pieceOf(joined, uri), discontinuity])).toEqual([
      ['h-0', 'e-0', false],
      ['h-1', 'h-1', true],
      ['h-2', 'e-2', true],
    ]);
  });

  it('never changes its mind about a piece that viewers may have', () => {
    const before = joinRungs('primary', [legs('h', high), alternative([segment('e-0', 5)])]);
    const all = [segment('e-0', 5), segment('e-1', 2005), segment('e-2', 4005)];
    const after = joinRungs('primary', [legs('h', high), alternative(all)], before.pieces);
    expect(high.map(({ uri }) => pieceOf(after, uri))).toEqual(['e-0', 'h-1', 'e-2']);
    expect(after.segments.at(-1)?.discontinuity).toBe(true);
  });

  it('is empty without one of the rungs', () => {
    expect(joinRungs('primary', [legs('h', [segment('h-0', 0)]), legs('l', [])]).segments).toEqual([]);
    expect(joinRungs('primary', []).segments).toEqual([]);
  });
});
