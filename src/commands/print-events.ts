// Events as people, pipes and programs want them.

import type { StreamEvent } from '../core/events.ts';
import { writeJson, writeJsonLine } from '../ui/json.ts';
import type { Streams } from '../ui/streams.ts';
import { createTheme, type Theme } from '../ui/theme.ts';
import { formatClock, formatDay } from '../ui/time.ts';

export interface EventPrinter {
  print(events: readonly StreamEvent[]): void;
}

export interface EventLook {
  /** With --json: one object per line instead of one document. */
  readonly follow: boolean;
  /** The lines that prove each event, below it. */
  readonly evidence: boolean;
  readonly now: () => number;
}

const house = 'iptv';
const widestKind = 'source-switched'.length;

export function createEventPrinter(streams: Streams, look: EventLook): EventPrinter {
  const { out } = streams;
  if (streams.json) {
    return {
      print: (events) => {
        if (look.follow) for (const event of events) writeJsonLine(out, event);
        else writeJson(out, { events });
      },
    };
  }
  if (!out.isTerminal) return { print: (events) => out.write(events.map(forPipes).join('')) };
  const theme = createTheme(out.hasColor);
  let width = house.length;
  let day = formatDay(look.now());
  return {
    print(events) {
      width = Math.max(width, ...events.map((event) => (event.stream ?? house).length));
      for (const event of events) {
        const today = formatDay(Date.parse(event.at));
        if (today !== day) out.write(`${theme.dim(`-- ${today}`)}\n`);
        day = today;
        out.write(forPeople(event, width, theme, look.evidence));
      }
    },
  };
}

function forPeople(event: StreamEvent, width: number, theme: Theme, withEvidence: boolean): string {
  const name = (event.stream ?? house).padEnd(width);
  const who = event.stream === null ? theme.dim(name) : theme.byName(event.stream)(name);
  const time = formatClock(Date.parse(event.at));
  const after = [event.action, event.outcome].filter((part) => part !== null).join('; ');
  const line = `${theme.dim(time)} ${who} ${paint(event, theme)(event.kind.padEnd(widestKind))} ${event.message}${after === '' ? '' : theme.dim(` -> ${after}`)}\n`;
  const indent = ' '.repeat(time.length + 1 + width + 1);
  return line + (withEvidence ? event.evidence.map((proof) => theme.dim(`${indent}| ${proof}\n`)).join('') : '');
}

/** Colour is by what it means for viewers; the words say it as well. */
function paint(event: StreamEvent, theme: Theme): (text: string) => string {
  switch (event.kind) {
    case 'restarted':
      return event.cause === 'seamless' ? theme.good : theme.strong;
    case 'job-failed':
      return theme.bad;
    case 'delivering':
    case 'slate-off':
      return theme.good;
    case 'slate-on':
      return theme.warning;
    case 'verdict':
      return event.cause === 'healthy' ? theme.good : ['stopped', 'idle', 'starting'].includes(event.cause) ? theme.dim : theme.bad;
    case 'origin':
      return /answers|started|adopted/.test(event.cause) ? theme.good : theme.bad;
    case 'content':
      return event.cause === 'recovered' ? theme.good : theme.warning;
    case 'damage':
    case 'disk':
    case 'leg-switched':
    case 'source-switched':
      return theme.warning;
    case 'list':
      return event.cause === 'refused' ? theme.bad : theme.strong;
    default:
      return theme.strong;
  }
}

/** Tab-separated: time, stream, kind, cause, message, action, outcome. */
function forPipes(event: StreamEvent): string {
  const cells = [event.at, event.stream ?? '', event.kind, event.cause, event.message, event.action ?? '', event.outcome ?? ''];
  return `${cells.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t')}\n`;
}
