// Takes one ffmpeg log line apart: level, the parts of ffmpeg that speak, and the text.

export type FfmpegLevel = 'debug' | 'info' | 'warning' | 'error';

export interface FfmpegLine {
  /** undefined when the line carries none, such as `Last message repeated 3 times`. */
  readonly level: FfmpegLevel | undefined;
  /** Outermost first, such as `hls` and `http`; empty for the program itself. */
  readonly components: readonly string[];
  /** Without level and components; leading blanks kept, they mean nesting. */
  readonly text: string;
}

const levels: Readonly<Record<string, FfmpegLevel>> = {
  trace: 'debug',
  debug: 'debug',
  verbose: 'debug',
  info: 'info',
  warning: 'warning',
  error: 'error',
  fatal: 'error',
  panic: 'error',
};

/** Accepts ffmpeg's own form (`[hls @ 0x5f] [error] text`) and that of our log files (`<time> error [hls @ 0x5f] text`). */
export function splitFfmpegLine(line: string): FfmpegLine {
  const [, stampedLevel, unstamped] = /^\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warning|error) (.*)$/s.exec(line) ?? [];
  let text = unstamped ?? line;
  let level = stampedLevel === undefined ? undefined : levels[stampedLevel];
  const components: string[] = [];
  for (;;) {
    const [head, name, address, word] =
      /^\[(?:([^\]@[]+) @ (0x[\da-f]+|[\da-f]+)|(trace|debug|verbose|info|warning|error|fatal|panic))\] /i.exec(text) ?? [];
    if (head === undefined) break;
    text = text.slice(head.length);
    if (name !== undefined && address !== undefined) components.push(name);
    if (word !== undefined) {
      level = levels[word.toLowerCase()];
      break;
    }
  }
  return { level, components, text };
}
