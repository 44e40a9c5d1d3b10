import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { clip, createChannelWorld, type ChannelWorld } from '../../../tests/fakes/channel-world.ts';
import type { LegName } from '../../core/ids.ts';
import { fileName, totalSeconds } from './channel-state.ts';

const leg = fc.constantFrom<LegName>('primary', 'backup');
const seconds = fc.oneof(fc.constant(2), fc.constant(2), fc.double({ min: 0.04, max: 12, noNaN: true }));

const fault = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('play' as const),
      segments: fc.integer({ min: 1, max: 6 }),
      legs: fc.subarray<LegName>(['primary', 'backup'], { minLength: 1 }),
      lagMs: fc.integer({ min: 0, max: 900 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('segment' as const), leg, seconds, discontinuity: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 15_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('empty' as const), leg }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('old list' as const), leg, drop: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hole' as const), leg, at: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), ms: fc.integer({ min: -7_200_000, max: 7_200_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('slate' as const),
      lengths: fc.array(fc.double({ min: 0.5, max: 4, noNaN: true }), { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('bridge' as const), mode: fc.constantFrom('away' as const, 'back' as const, undefined) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      keep: fc.constantFrom('playlist' as const, 'playlist' as const, 'reserve' as const),
    }),
  },
);
type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

function inflict(world: ChannelWorld, one: Fault): void {
  switch (one.kind) {
    case 'play':
      for (let count = 0; count < one.segments; count += 1) {
        world.pass(2000 - one.lagMs);
        if (one.legs.includes('primary')) world.segment('primary');
        world.pass(one.lagMs);
        if (one.legs.includes('backup')) world.segment('backup');
      }
      return world.pass(200);
    case 'segment':
      world.segment(one.leg, one);
      return world.pass(200);
    case 'pass':
      return world.pass(one.ms);
    case 'empty':
      world.legs[one.leg] = [];
      world.begunAnew.add(one.leg);
      return world.pass(200);
    case 'old list':
      world.legs[one.leg] = world.legs[one.leg].slice(0, -one.drop);
      world.begunAnew.add(one.leg);
      return world.pass(200);
    case 'hole':
      // A file that cannot be played: the reader leaves it out and marks what follows.
      world.legs[one.leg] = world.legs[one.leg].flatMap((segment, index) =>
        index === one.at ? [] : [index === one.at + 1 ? { ...segment, discontinuity: true } : segment],
      );
      return world.pass(200);
    case 'clock':
      world.wallMs += one.ms;
      return world.pass(200);
    case 'slate':
      world.slate = one.lengths.length === 0 ? undefined : clip(...one.lengths);
      return world.pass(200);
    case 'vanish':
      for (const { uri } of world.state().entries) if (!uri.startsWith('slate-')) world.missing.add(fileName(uri));
      for (const name of ['primary', 'backup'] as const) world.legs[name] = world.legs[name].filter(({ uri }) => !world.missing.has(uri));
      return world.pass(200);
    case 'bridge':
      world.bridge = one.mode;
      return world.pass(200);
    case 'restart':
      world.restart(one.keep);
      return world.pass(200);
  }
}

function check(world: ChannelWorld, targetBefore: number): void {
  const { entries, targetDurationSeconds } = world.state();
  expect(world.complaints).toEqual([]);
  expect(targetDurationSeconds).toBeGreaterThanOrEqual(targetBefore);
  for (const { durationSeconds } of entries) expect(Math.round(durationSeconds)).toBeLessThanOrEqual(targetDurationSeconds);
  // No longer than asked for, unless three target durations need it.
  const surplus = entries.length > world.settings.windowSegments;
  if (surplus) expect(totalSeconds(entries.slice(1))).toBeLessThan(3 * targetDurationSeconds + 0.001);
}

/** Number of a segment within its leg; NaN for a slate. */
function place(uri: string): { readonly feed: string; readonly number: number } {
  const match = /^(news-|stream_news_)(\d+)\.ts$/.exec(uri);
  return { feed: match?.[1] ?? 'slate', number: Number(match?.[2] ?? Number.NaN) };
}

describe('whatever the legs do', () => {
  const settings = fc.record({ windowSegments: fc.integer({ min: 3, max: 12 }), segmentSeconds: fc.constantFrom(1, 2, 4) });

  it('every reading is valid, follows from the one before, and no number, name or date ever means something else', () => {
    fc.assert(
      fc.property(settings, fc.array(fault, { maxLength: 40 }), (given, faults) => {
        const world = createChannelWorld({ settings: given });
        for (const one of faults) {
          const target = world.state().targetDurationSeconds;
          inflict(world, one);
          check(world, target);
        }
        // Dates only grow, also over what a viewer no longer sees.
        const numbers = [...world.history.keys()].sort((left, right) => left - right);
        let piece = -1;
        for (const [index, number] of numbers.entries()) {
          const now = world.history.get(number);
          const before = world.history.get(numbers[index - 1] ?? -1);
          if (now === undefined) continue;
          expect(now.piece).toBeGreaterThanOrEqual(piece);
          piece = now.piece;
          if (before === undefined) continue;
          if (number === (numbers[index - 1] ?? 0) + 1) expect(now.dateMs).toBeGreaterThan(before.dateMs);
          // Each leg is shown in its own order, nothing left over from before.
          const [older, newer] = [place(before.uri), place(now.uri)];
          if (older.feed === newer.feed && older.feed !== 'slate') expect(newer.number).toBeGreaterThan(older.number);
          // Pieces are continuous: the next segment of the same writer.
          if (now.piece === before.piece && older.feed !== 'slate') expect(newer).toEqual({ feed: older.feed, number: older.number + 1 });
          if (now.piece === before.piece && older.feed === 'slate') expect(newer.feed).toBe('slate');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('a channel with a living leg moves: nothing makes it stand still for longer than two segments', () => {
    fc.assert(
      fc.property(fc.array(fault, { maxLength: 25 }), leg, (faults, living) => {
        const world = createChannelWorld();
        for (const one of faults) inflict(world, one);
        const length = Math.max(2, ...world.legs[living].map(({ durationSeconds }) => durationSeconds));
        for (let count = 0; count < 12; count += 1) {
          world.pass(2000);
          world.segment(living);
        }
        world.pass(200);
        const live = world.state().entries.filter(({ from }) => from === living);
        expect(live.length).toBeGreaterThan(0);
        const newest = world.legs[living].at(-1)?.uri;
        const shown = world.state().entries.at(-1)?.uri;
        expect(place(newest ?? '').number - place(shown ?? '').number).toBeLessThanOrEqual(Math.ceil(length / 2));
      }),
      { numRuns: 100 },
    );
  });
});
