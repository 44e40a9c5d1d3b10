// Decides by what the ffmpeg binary says of itself whether an option may be used.

import type { FfmpegFacts } from '../core/facts.ts';
import { option, type Step } from './step.ts';

export interface Gate {
  /** An option that every supported ffmpeg should have; kept when the binary was not asked about its scope. */
  usual(scope: string, name: string, value: string | number, why: string): readonly Step[];
  /** An option of newer versions only; used when the binary is known to have it. */
  newer(scope: string, name: string, value: string | number, why: string): readonly Step[];
  readonly notes: readonly string[];
}

/** `scope` is a key of `FfmpegFacts.options`: a protocol, a demuxer, or `ffmpeg` for the program's own. */
export function createGate(ffmpeg: FfmpegFacts): Gate {
  const notes: string[] = [];
  const allow = (scope: string, name: string, unasked: boolean): boolean => ffmpeg.options.get(scope)?.has(name) ?? unasked;
  const use =
    (unasked: boolean): Gate['usual'] =>
    (scope, name, value, why) => {
      if (allow(scope, name, unasked)) return [option(name, value, why)];
      notes.push(`ffmpeg ${ffmpeg.version} has no -${name} for ${scope}: left out (${why})`);
      return [];
    };
  return { usual: use(true), newer: use(false), notes };
}
