// Log lines as people, pipes and programs want them.

import { explainLine, type Explanation } from '../../observe/explanations.ts';
import type { Streams } from '../../ui/streams.ts';
import { createTheme, type Theme } from '../../ui/theme.ts';
import { formatClock, formatInstant } from '../../ui/time.ts';
import { jsonSchemaVersion } from '../../ui/json.ts';
import type { LogLine } from './log-line.ts';
import { isNginx } from './query.ts';

export interface LinePrinter {
  /** Waits while nobody takes what was printed. */
  print(lines: readonly LogLine[]): Promise<void>;
  /** Nothing more comes. */
  end(): void;
}

export interface Look {
  /** Names that may come, for the width of the first column. */
  readonly names: readonly string[];
  /** Lines of several logs are told apart by name. */
  readonly prefix: boolean;
  /** What known lines mean. */
  readonly explain: boolean;
  /** `document`: one JSON object with all lines; `lines`: one object per line, for output that goes on. */
  readonly json: 'document' | 'lines' | undefined;
}

const widestName = 24;

export function createLinePrinter(streams: Streams, look: Look): LinePrinter {
  if (look.json === 'lines') {
    return {
      async print(lines) {
        if (lines.length > 0) streams.out.write(lines.map((line) => `${JSON.stringify(toJson(line, look.explain))}\n`).join(''));
        await streams.out.drained?.();
      },
      end: () => undefined,
    };
  }
  return look.json === 'document' ? createDocumentPrinter(streams, look) : createTextPrinter(streams, look);
}

/** Written as it comes: a document may be larger than memory. */
function createDocumentPrinter({ out }: Streams, look: Look): LinePrinter {
  const [newline, indent] = out.isTerminal ? ['\n', '    '] : ['', ''];
  let begun = false;
  const begin = (): void => {
    if (!begun) out.write(`{${newline}${indent.slice(2)}"schemaVersion":${jsonSchemaVersion},${newline}${indent.slice(2)}"lines":[`);
  };
  return {
    async print(lines) {
      if (lines.length === 0) return;
      const text = lines.map((line) => `${newline}${indent}${JSON.stringify(toJson(line, look.explain))}`).join(',');
      begin();
      out.write(begun ? `,${text}` : text);
      begun = true;
      await out.drained?.();
    },
    end() {
      begin();
      out.write(begun ? `${newline}${indent.slice(2)}]${newline}}\n` : `]${newline}}\n`);
    },
  };
}

function createTextPrinter({ out }: Streams, look: Look): LinePrinter {
  const theme = createTheme(out.hasColor);
  const width = Math.min(widestName, Math.max(0, ...look.names.map((name) => name.length)));
  const format = out.isTerminal ? forPeople : forPipes;
  /** Each once per log: the same trouble is said in hundreds of lines. */
  const explained = new Set<string>();

  function explanationOf(line: LogLine): string {
    const found = look.explain ? explain(line) : undefined;
    const key = `${line.name} ${found?.id}`;
    if (found === undefined || explained.has(key)) return '';
    explained.add(key);
    const margin = look.prefix && out.isTerminal ? ' '.repeat(width + 1) : '';
    return explanationLines(found, line.stream, theme, margin, out.isTerminal ? out.columns : Infinity);
  }

  return {
    async print(lines) {
      if (lines.length > 0) out.write(lines.map((line) => format(line, look.prefix, width, theme) + explanationOf(line)).join(''));
      await out.drained?.();
    },
    end: () => undefined,
  };
}

function forPeople(line: LogLine, prefix: boolean, width: number, theme: Theme): string {
  const time = theme.dim(line.timeMs === 0 ? '--:--:--' : formatClock(line.timeMs));
  const about = isNginx(line.name) && line.stream !== undefined ? `${theme.byName(line.stream)(line.stream)} ` : '';
  const text = harmless(line.text);
  const said = {
    debug: theme.dim(`debug ${text}`),
    info: text,
    warning: theme.warning(`warning ${text}`),
    error: theme.bad(`error ${text}`),
  };
  return `${prefix ? `${theme.byName(line.name)(line.name.padEnd(width))} ` : ''}${time} ${about}${said[line.level]}\n`;
}

/** `<time> <level> <text>` as in the files, with the name and a tab before it when there are several. */
function forPipes(line: LogLine, prefix: boolean): string {
  const stamp = line.timeMs === 0 ? '' : `${formatInstant(line.timeMs)} ${line.level} `;
  return `${prefix ? `${line.name}\t` : ''}${stamp}${harmless(line.text)}\n`;
}

function explanationLines(found: Explanation, stream: string | undefined, theme: Theme, margin: string, columns: number): string {
  const { severity, meaning, advice } = found;
  const paint = severity === 'broken' ? theme.bad : severity === 'watch' ? theme.warning : theme.good;
  const rows = [
    [paint(severity.padEnd(8)), meaning],
    ...(advice === 'nothing' ? [] : [[theme.dim('next:   '), stream === undefined ? advice : advice.replaceAll('<id>', stream)]]),
  ];
  const indent = `${margin}  `;
  const room = columns - indent.length - 9;
  return rows
    .map(([head = '', text = '']) =>
      wrap(text, room)
        .map((line, index) => `${indent}${index === 0 ? head : ' '.repeat(8)} ${commands(line, theme)}\n`)
        .join(''),
    )
    .join('');
}

/** At spaces outside of commands, so that a command can be copied in one piece. */
function wrap(text: string, room: number): readonly string[] {
  const lines: string[] = [];
  let open = '';
  for (const word of text.match(/(?:`[^`]*`|[^\s`])+/g) ?? []) {
    const longer = open === '' ? word : `${open} ${word}`;
    if (longer.replaceAll('`', '').length <= room || open === '') open = longer;
    else {
      lines.push(open);
      open = word;
    }
  }
  return [...lines, open];
}

function commands(text: string, theme: Theme): string {
  return text.replace(/`([^`]+)`/g, (_whole, command: string) => theme.command(command));
}

function explain(line: LogLine): Explanation | undefined {
  return explainLine(line.text, isNginx(line.name) ? 'nginx' : line.name === 'backend' ? undefined : 'ffmpeg');
}

/** A source can put anything into its titles, also what moves a terminal's cursor: control characters are shown, not sent. */
function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\u241b';
  });
}

function toJson(line: LogLine, withExplanation: boolean): object {
  const found = withExplanation ? explain(line) : undefined;
  return {
    time: line.timeMs === 0 ? null : formatInstant(line.timeMs),
    level: line.level,
    name: line.name,
    stream: line.stream ?? null,
    text: line.text,
    explanation: found === undefined ? null : { id: found.id, severity: found.severity, meaning: found.meaning, advice: found.advice },
  };
}
