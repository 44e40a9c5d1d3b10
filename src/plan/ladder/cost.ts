// What a ladder costs on a machine that was measured: pure, from the rungs and the figures of `iptv bench machine`.

import type { Rung } from '../../core/ladder.ts';

/** `<state folder>/machine.json`. */
export interface MachineFigures {
  readonly schemaVersion: 1;
  readonly measuredAt: string;
  readonly ffmpeg: string;
  readonly cores: number;
  /** Part of a core that one copied channel takes, both legs, without nginx. */
  readonly copyCores: number;
  /** CPU seconds for a million encoded pixels with x264 veryfast, decoding and scaling included. */
  readonly secondsPerMegapixel: number;
}

export interface LadderCost {
  /** Cores that the encoders keep busy. */
  readonly cores: number;
  readonly of: number;
  readonly fits: boolean;
}

/** Above this part of all cores a moment of load makes the job slower than life. */
const usableShare = 0.8;
const assumedFps = 25;

/** Millions of encoded pixels a second. */
export function megapixels(rungs: readonly Pick<Rung, 'picture'>[]): number {
  return rungs.reduce((sum, { picture }) => {
    if (picture?.mode !== 'encode') return sum;
    return sum + ((picture.width ?? 0) * (picture.height ?? 0) * (picture.fps ?? assumedFps)) / 1_000_000;
  }, 0);
}

export function ladderCost(rungs: readonly Pick<Rung, 'picture'>[], figures: MachineFigures): LadderCost {
  const cores = megapixels(rungs) * figures.secondsPerMegapixel;
  return { cores: Math.round(cores * 100) / 100, of: figures.cores, fits: cores <= usableShare * figures.cores };
}

export function costNote(rungs: readonly Pick<Rung, 'picture'>[], figures: MachineFigures | undefined): string | undefined {
  const pixels = megapixels(rungs);
  if (pixels === 0) return undefined;
  const what = `${pixels < 10 ? Math.round(10 * pixels) / 10 : Math.round(pixels)} million pixels a second are encoded`;
  if (figures === undefined) return `${what}; what that takes of this machine is not known: iptv bench machine`;
  const { cores, of, fits } = ladderCost(rungs, figures);
  const share = `about ${cores} of ${of} cores, as x264 veryfast was measured here on ${figures.measuredAt.slice(0, 10)}`;
  return fits
    ? `${what}: ${share}`
    : `${what}: ${share}: this machine cannot hold it; take smaller or fewer rungs, a faster preset, or encoder: auto`;
}

/** undefined for anything that `iptv bench machine` did not write. */
export function parseFigures(text: string | undefined): MachineFigures | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<MachineFigures> | null;
    const isPositive = (number: unknown): boolean => typeof number === 'number' && Number.isFinite(number) && number > 0;
    const isWhole =
      value?.schemaVersion === 1 &&
      [value.cores, value.copyCores, value.secondsPerMegapixel].every(isPositive) &&
      typeof value.measuredAt === 'string' &&
      typeof value.ffmpeg === 'string';
    return isWhole ? (value as MachineFigures) : undefined;
  } catch {
    return undefined;
  }
}
