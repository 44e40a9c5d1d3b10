// Reads the record of events from its files, whether a supervisor runs or not.

import type { StreamEvent } from '../core/events.ts';
import type { FilesPort } from '../core/ports.ts';
import { parseEvent } from '../observe/event-line.ts';
import { readLast, type Position } from './logs/read-back.ts';

export interface WantedEvents {
  readonly sinceMs: number | undefined;
  /** The newest so many that are accepted; undefined: all. */
  readonly most: number | undefined;
  readonly accept: (event: StreamEvent) => boolean;
}

/** Oldest first. What is no event, such as half a line after a crash, is passed over. */
export async function readEvents(
  files: FilesPort,
  path: string,
  wanted: WantedEvents,
): Promise<{ readonly events: readonly StreamEvent[]; readonly position: Position }> {
  const timeOf = (line: string): number | undefined => {
    const event = parseEvent(line);
    return event === undefined ? undefined : Date.parse(event.at);
  };
  // How many lines it takes for so many accepted events is not known beforehand.
  const { lines, position } = await readLast(files, path, { lines: undefined, sinceMs: wanted.sinceMs, timeOf });
  const events = toEvents(lines, wanted.accept);
  return { events: wanted.most === undefined ? events : events.slice(Math.max(0, events.length - wanted.most)), position };
}

export function toEvents(lines: readonly string[], accept: WantedEvents['accept']): readonly StreamEvent[] {
  return lines.flatMap((line) => {
    const event = parseEvent(line);
    return event !== undefined && accept(event) ? [event] : [];
  });
}
