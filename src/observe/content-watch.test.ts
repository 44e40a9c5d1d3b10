import { describe, expect, it } from 'vitest';

import type { ContentSample } from './content-sample.ts';
import { createContentWatch, type ContentChange } from './content-watch.ts';

const checks = { blackAfterMs: 30_000, frozenAfterMs: 60_000, silentAfterMs: 60_000, missingAfterMs: 30_000 };
const well: ContentSample = { hasVideo: true, hasAudio: true, frames: 2, isBlack: false, isFrozen: false, isSilent: false, peakDb: -18 };
const black: ContentSample = { ...well, isBlack: true };
const both = { video: true, audio: true };

/** A sample each ten seconds. */
function watch(samples: readonly ContentSample[], over: Partial<typeof checks> | Record<string, null> = {}, expects = both) {
  const made = createContentWatch();
  const changes: (ContentChange & { readonly at: number })[] = [];
  samples.forEach((sample, index) => {
    for (const change of made.take(sample, { ...checks, ...over }, expects, index * 10_000)) changes.push({ ...change, at: index * 10 });
  });
  return {
    made,
    changes: changes.map(({ kind, isOver, at }) => `${kind} ${isOver ? 'over' : 'begins'} ${at}`),
    reasons: made.reasons(samples.length * 10_000),
  };
}

const times = (count: number, sample: ContentSample): readonly ContentSample[] => Array.from({ length: count }, () => sample);

describe('what samples show', () => {
  it('counts when it lasts, and ends with two clean samples', () => {
    expect(watch([well, ...times(5, black), well, well, well]).changes).toEqual(['black begins 40', 'black over 70']);
  });

  it.each<[string, readonly ContentSample[]]>([
    ['a fade to black', [well, black, well, well, black, well]],
    ['two dark scenes', [black, black, well, well, black, black, well, well]],
    ['a stream that is well', times(20, well)],
    ['samples that could measure nothing', times(20, { ...well, isBlack: undefined, isFrozen: undefined, isSilent: undefined })],
  ])('%s is no news', (_name, samples) => {
    expect(watch(samples).changes).toEqual([]);
  });

  it('is not put off by one sample that looks well', () => {
    expect(watch([black, black, well, black, black]).changes).toEqual(['black begins 30']);
  });

  it('says what it is, and for how long', () => {
    expect(watch(times(8, { ...well, isFrozen: true, isSilent: true })).reasons).toEqual([
      'the picture stands still for 80 s',
      'there is no sound, only silence for 80 s',
    ]);
  });

  it('misses only what was there, or is planned', () => {
    const mute: ContentSample = { ...well, hasAudio: false, isSilent: undefined, peakDb: null };
    expect(watch(times(6, mute)).changes).toEqual(['no-audio begins 30']);
    expect(watch(times(6, mute), {}, { video: true, audio: false }).changes).toEqual([]);
    expect(watch([well, ...times(6, mute)], {}, { video: true, audio: false }).changes).toEqual(['no-audio begins 40']);
    const radio: ContentSample = { ...well, hasVideo: false, isBlack: undefined, isFrozen: undefined };
    expect(watch(times(6, radio), {}, { video: false, audio: true }).changes).toEqual([]);
  });

  it('looks for nothing that is switched off, and forgets it when it is switched off later', () => {
    expect(watch(times(9, black), { blackAfterMs: null }).changes).toEqual([]);
    const { made } = watch(times(9, black));
    expect(made.take(black, { ...checks, blackAfterMs: null }, both, 100_000)).toMatchObject([{ kind: 'black', isOver: true }]);
    expect(made.reasons(100_000)).toEqual([]);
  });

  it('wants to look again soon while it is not sure, and only then', () => {
    const made = createContentWatch();
    const take = (sample: ContentSample, second: number) => made.take(sample, checks, both, second * 1000);
    take(well, 0);
    expect(made.isUnsettled()).toBe(false);
    take(black, 400);
    expect(made.isUnsettled()).toBe(true);
    for (const second of [410, 420, 430]) take(black, second);
    expect(made.isUnsettled()).toBe(false);
    take(well, 800);
    expect(made.isUnsettled()).toBe(true);
    take(well, 810);
    expect(made.isUnsettled()).toBe(false);
  });
});
