// The docker runtime, seen from the host: the log folder is in the backend container, nginx and start scripts log to Docker.

import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import { edgeName, originName } from '../../core/state-paths.ts';
import type { Stack } from '../../stack/stack.ts';
import { say } from '../../ui/messages.ts';
import { formatInstant } from '../../ui/time.ts';
import type { Context } from '../context.ts';
import type { LogsOptions } from '../logs.ts';
import { unknownStream } from '../unknown-stream.ts';
import { createCarriedSource, type CarriedSource } from './carried-source.ts';
import { readBackendLine, readNginxLog } from './container-lines.ts';
import { createLinePrinter } from './print-lines.ts';
import { isAskedFor, isNginx } from './query.ts';
import { createServiceSource } from './service-source.ts';
import { showLogs } from './show-logs.ts';
import type { LogSource } from './source.ts';

const backendName = 'backend';
/** The backend looks at its files four times a second and needs a moment to hand lines over. */
const windowMs = 1000;

type Doors = { readonly [Name in 'carryOutput' | 'serviceLog']: NonNullable<Stack[Name]> };

export async function showContainerLogs(options: LogsOptions, doors: Doors, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const inside = options.names.filter((name) => !isNginx(name));
  const carried = options.names.length > 0 && inside.length === 0 ? undefined : await openBackend(options, inside, doors, context);
  const isOver = (): boolean => context.interrupt.aborted || carried?.failure?.() !== undefined;
  const service = { serviceLog: doors.serviceLog, query: options, isOver, sleep: (delayMs: number) => context.sleep(delayMs) };
  const sources: LogSource[] = [];
  if (carried !== undefined) {
    sources.push(carried);
    if (isAskedFor(options, backendName) || carried.isDown()) {
      const read = (raw: string) => readBackendLine(raw, carried.isDown());
      sources.push(createServiceSource({ ...service, service: backendName, read }));
    }
  }
  for (const name of await nginxServices(options, doors))
    sources.push(createServiceSource({ ...service, service: name, read: (raw) => readNginxLog(raw, name) }));
  const printer = createLinePrinter(streams, {
    names: await namesOf(options, context),
    prefix: options.names.length !== 1 || (inside.length === 1 && inside[0] !== backendName),
    explain: options.explain,
    json: options.ndjson ? 'lines' : streams.json ? (options.follow ? 'lines' : 'document') : undefined,
  });
  return showLogs({ query: options, follow: options.follow, sources, printer, windowMs }, context);
}

/** An edge is often nobody's business here: it may stand elsewhere, or not at all. */
async function nginxServices(options: LogsOptions, doors: Doors): Promise<readonly string[]> {
  const origin = isAskedFor(options, originName) ? [originName] : [];
  if (!isAskedFor(options, edgeName)) return origin;
  const found = await doors.serviceLog(edgeName, { follow: false, tail: 0 });
  found?.end();
  if (found !== undefined) return [...origin, edgeName];
  if (options.names.includes(edgeName))
    throw new AppError({
      exitCode: ExitCode.notRunning,
      code: 'not-running',
      message: `there is no container ${edgeName}: it comes with \`server.edge\` in streams.yaml`,
      next: 'iptv up',
    });
  return origin;
}

/** For the width of the first column. */
async function namesOf(options: LogsOptions, context: Context): Promise<readonly string[]> {
  if (options.names.length > 0) return [...options.names, originName];
  const listed = await context.loadConfig().then(
    (config) => config.streams.map((stream) => stream.id),
    () => [],
  );
  return [...listed, backendName, originName];
}

async function openBackend(options: LogsOptions, inside: readonly string[], doors: Doors, context: Context): Promise<CarriedSource> {
  const carried = await createCarriedSource({
    carryOutput: doors.carryOutput,
    follow: options.follow,
    argv: (since) => carriedArgv(options, inside, since, context),
    isOver: () => context.interrupt.aborted,
    sleep: (delayMs) => context.sleep(delayMs),
  });
  if (carried.isDown()) await explainDown(options, doors, context);
  return carried;
}

/** What the containers said is kept by Docker also when they do not run. */
async function explainDown(options: LogsOptions, doors: Doors, context: Context): Promise<void> {
  const known = [...(await namesOf({ ...options, names: [] }, context))];
  for (const name of options.names) if (!known.includes(name)) throw unknownStream(name, known);
  const services = [backendName, originName];
  const found = await Promise.all(services.map((service) => doors.serviceLog(service, { follow: false, tail: 0 })));
  for (const program of found) program?.end();
  if (found.every((program) => program === undefined)) {
    throw new AppError({
      exitCode: ExitCode.notRunning,
      code: 'not-running',
      message: 'the container backend is not running',
      next: 'iptv up',
    });
  }
  say(context.streams, 'the container backend is not running: this is what Docker kept of its log');
}

function carriedArgv(options: LogsOptions, inside: readonly string[], since: string | undefined, context: Context): readonly string[] {
  const { sinceMs, untilMs, lines, level, grep } = options;
  const from = since ?? (sinceMs === undefined ? undefined : formatInstant(sinceMs));
  return [
    'logs',
    '--ndjson',
    ...(context.streams.json ? ['--json'] : []),
    ...(context.streams.quiet ? ['-q'] : []),
    ...(options.follow ? ['-f'] : []),
    ...(from === undefined ? [] : ['--since', from]),
    ...(untilMs === undefined ? [] : ['--until', formatInstant(untilMs)]),
    '-n',
    since !== undefined || lines === undefined ? 'all' : String(lines),
    ...(level === undefined ? [] : ['--level', level]),
    // With an equals sign: a pattern may begin with a dash.
    ...(grep === undefined ? [] : [`--grep=${grep.source}`]),
    ...(options.invert ? ['--invert'] : []),
    '--',
    ...inside,
  ];
}
