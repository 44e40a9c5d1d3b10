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

  it('is empty without one of the rungs', () => {
    expect(joinRungs('primary', [legs('h', [segment('h-0', 0)]), legs('l', [])]).segments).toEqual([]);
    expect(joinRungs('primary', []).segments).toEqual([]);
  });
});
