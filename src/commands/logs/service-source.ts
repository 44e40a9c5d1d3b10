// A container's own log, read through `docker logs`, also when the container is restarted or made anew.

import type { ProgramOutput, Stack } from '../../stack/stack.ts';
import { formatInstant } from '../../ui/time.ts';
import { createNginxStreams } from '../../observe/nginx-streams.ts';
import { createOnce, type StampedLine } from './container-lines.ts';
import type { LogLine } from './log-line.ts';
import { createFilter, isNginx, type LogQuery } from './query.ts';
import type { LogSource } from './source.ts';
import { linesOf } from './stream-lines.ts';

export interface ServiceSourceOptions {
  readonly service: string;
  readonly serviceLog: NonNullable<Stack['serviceLog']>;
  readonly query: LogQuery;
  readonly read: (raw: string) => StampedLine | undefined;
  readonly isOver: () => boolean;
  readonly sleep: (delayMs: number) => Promise<void>;
}

/** A container that was restarted is looked for this often. */
const againMs = 1000;
/** Older lines still tell who published on which connection. */
const learnLines = 5000;
const batchLines = 1000;

export function createServiceSource(options: ServiceSourceOptions): LogSource {
  const { query, service } = options;
  const accepts = createFilter(query);
  const streams = createNginxStreams();
  const once = createOnce();
  const isPlain = query.level === undefined && query.grep === undefined && query.names.every((name) => name === service);

  function take(raws: readonly string[]): readonly LogLine[] {
    const lines: LogLine[] = [];
    for (const raw of raws) {
      if (!once.isNew(raw)) continue;
      const line = options.read(raw)?.line;
      if (line === undefined) continue;
      if (isNginx(line.name)) streams.learn(line.timeMs, line.text);
      const about = line.stream ?? (isNginx(line.name) ? streams.streamOf(line.timeMs, line.text) : undefined);
      const told = about === undefined ? line : { ...line, stream: about };
      if (accepts(told)) lines.push(told);
    }
    return lines;
  }

  async function* past(): AsyncGenerator<readonly LogLine[]> {
    const { lines, sinceMs, untilMs } = query;
    const program = await options.serviceLog(service, {
      follow: false,
      // Docker counts lines before any filter of ours.
      ...(isPlain && lines !== undefined ? { tail: lines + learnLines } : {}),
      ...(sinceMs === undefined ? {} : { since: formatInstant(sinceMs) }),
      ...(untilMs === undefined ? {} : { until: formatInstant(untilMs + 1) }),
    });
    if (program === undefined) return;
    let kept: LogLine[] = [];
    for await (const raws of linesOf(program.output)) {
      if (options.isOver()) break;
      kept.push(...take(raws));
      if (lines === undefined && kept.length >= batchLines) {
        yield kept;
        kept = [];
      } else if (lines !== undefined && kept.length > 2 * lines + batchLines) kept = lastOf(kept, lines);
    }
    program.end();
    yield lines === undefined ? kept : lastOf(kept, lines);
  }

  async function* coming(): AsyncGenerator<readonly LogLine[]> {
    while (!options.isOver()) {
      const since = once.since();
      const program = await attempt(() => options.serviceLog(service, { follow: true, ...(since === undefined ? {} : { since }) }));
      if (program !== undefined) {
        for await (const raws of linesOf(program.output)) {
          const lines = take(raws);
          if (lines.length > 0) yield lines;
          if (options.isOver()) break;
        }
        program.end();
      }
      await options.sleep(againMs);
    }
  }

  return { past, coming };
}

/** An engine that is restarted with its containers does not answer for a while. */
async function attempt(open: () => Promise<ProgramOutput | undefined>): Promise<ProgramOutput | undefined> {
  try {
    return await open();
  } catch {
    return undefined;
  }
}

function lastOf(lines: LogLine[], count: number): LogLine[] {
  return lines.slice(Math.max(0, lines.length - count));
}
