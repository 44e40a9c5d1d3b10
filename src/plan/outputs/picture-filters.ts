// Filters for picture and sound that streams.yaml may ask for. Pure.

import type { OutputConfig } from '../../core/config.ts';

/**
 * Only frames that are marked as interlaced are touched with `auto`; one frame out of two fields, so that the frame rate stays.
 * bwdif is yadif with a better filter; where it is missing, yadif takes the same words.
 */
export function deinterlaceFilter(wish: OutputConfig['deinterlace'], filters: ReadonlySet<string>): string | undefined {
  if (wish === undefined || wish === 'off') return undefined;
  const name = filters.size === 0 || filters.has('bwdif') ? 'bwdif' : 'yadif';
  return `${name}=mode=send_frame:parity=auto:deint=${wish === 'on' ? 'all' : 'interlaced'}`;
}

/** EBU R128 in one pass; the filter works at 192 kHz, so the rate is brought down again by the encoder's own -ar. */
export function loudnessFilter(lufs: number | undefined): string | undefined {
  return lufs === undefined ? undefined : `loudnorm=I=${lufs}:TP=-1.5:LRA=11`;
}
