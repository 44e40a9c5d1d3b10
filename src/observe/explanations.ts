// What known lines of ffmpeg and nginx mean here, and what to do about them: one table for `iptv logs --explain` and the doctor.

import { nginxExplanations } from './explanations-nginx.ts';
import { outputExplanations } from './explanations-output.ts';
import { sourceExplanations } from './explanations-source.ts';

/**
 * How bad it is for the channel, which is not what the program thought of it: `harmless` needs nothing, `watch` only when it
 * goes on, `broken` means that a leg, or the whole channel, does not work until it ends.
 */
export type ExplanationSeverity = 'harmless' | 'watch' | 'broken';

export interface Explanation {
  /** Stable, kebab-case. */
  readonly id: string;
  readonly program: 'ffmpeg' | 'nginx';
  /** Of the text of a log line, without time and level. */
  readonly pattern: RegExp;
  readonly severity: ExplanationSeverity;
  /** One plain sentence. */
  readonly meaning: string;
  /** One plain sentence; commands stand in backticks, `<id>` is the stream. */
  readonly advice: string;
}

/** The first whose pattern is found counts: nginx's words are its own, and the RTMP leg's are told from a source's by who speaks. */
export const explanations: readonly Explanation[] = [...nginxExplanations, ...outputExplanations, ...sourceExplanations];

/** Bounds the work on a hostile line; what tells stands at the beginning. */
const charactersThatCount = 1000;

/**
 * `text` is a line of a log file without time and level, or a line as ffmpeg or nginx wrote it. With `program`, only what
 * that program says is looked for: both know "Permission denied", and mean different things.
 */
export function explainLine(text: string, program?: Explanation['program']): Explanation | undefined {
  const start = text.slice(0, charactersThatCount);
  return explanations.find((one) => (program === undefined || one.program === program) && one.pattern.test(start));
}
