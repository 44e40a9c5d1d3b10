// Log lines as people, pipes and programs want them.

import { writeJson, writeJsonLine } from '../../ui/json.ts';
import type { Streams } from '../../ui/streams.ts';
import { createTheme, type Theme } from '../../ui/theme.ts';
import { formatClock, formatInstant } from '../../ui/time.ts';
import type { LogLine } from './log-line.ts';

export interface LinePrinter {
  print(lines: readonly LogLine[]): void;
}

/** `prefix`: lines of several logs are told apart by name. `follow` with --json: one object per line instead of one document. */
export function createLinePrinter(
  streams: Streams,
  look: { readonly names: readonly string[]; readonly prefix: boolean; readonly follow: boolean },
): LinePrinter {
  const { out } = streams;
  if (streams.json) {
    return {
      print: (lines) => {
        if (look.follow) for (const line of lines) writeJsonLine(out, toJson(line));
        else writeJson(out, { lines: lines.map(toJson) });
      },
    };
  }
  const theme = createTheme(out.hasColor);
  const width = Math.max(0, ...look.names.map((name) => name.length));
  const format = out.isTerminal
    ? (line: LogLine) => forPeople(line, look.prefix ? theme.byName(line.name)(line.name.padEnd(width)) : undefined, theme)
    : (line: LogLine) => (look.prefix ? `${line.name}\t${line.raw}\n` : `${line.raw}\n`);
  return {
    print: (lines) => {
      if (lines.length > 0) out.write(lines.map(format).join(''));
    },
  };
}

function forPeople(line: LogLine, prefix: string | undefined, theme: Theme): string {
  const time = theme.dim(line.timeMs === 0 ? '--:--:--' : formatClock(line.timeMs));
  const text = {
    debug: theme.dim(`debug ${line.text}`),
    info: line.text,
    warning: theme.warning(`warning ${line.text}`),
    error: theme.bad(`error ${line.text}`),
  };
  return `${prefix === undefined ? '' : `${prefix} `}${time} ${text[line.level]}\n`;
}

function toJson(line: LogLine): object {
  return { time: line.timeMs === 0 ? null : formatInstant(line.timeMs), level: line.level, name: line.name, text: line.text };
}
