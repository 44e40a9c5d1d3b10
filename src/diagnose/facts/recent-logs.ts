// The last minutes of every log of the stack: supervisor, nginx and each job.

import { originName } from '../../core/state-paths.ts';
import { onDockerHost, type DoctorContext } from '../context.ts';
import type { Place } from '../place.ts';

export interface RecentLog {
  /** A stream id, `backend` or `nginx-rtmp`. */
  readonly name: string;
  readonly lines: readonly RecentLine[];
}

interface RecentLine {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly text: string;
}

/** Of one file; a job that says more than this in ten minutes repeats itself. */
const mostBytes = 64 * 1024;
const askTimeoutMs = 8000;

/** `2026-11-22T13:00:00.123Z error text`, as iptv writes all its logs; Docker puts a time of its own before it. */
const iptvLine = /^(?:\S+Z )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) (?:debug|info|warning|error) (.*)$/;
const dockerLine = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z) (.*)$/;

export async function readRecentLogs(context: DoctorContext, sinceMs: number): Promise<readonly RecentLog[]> {
  const { places, paths, runtime } = context;
  const folder = runtime === 'docker' ? '/var/lib/iptv/logs' : paths.logs;
  const [files, services] = await Promise.all([
    readFiles(places.backend, folder),
    onDockerHost(context) ? readContainers(context, sinceMs) : [],
  ]);
  const known = new Set(services.map(({ name }) => name));
  return [...services, ...files.filter(({ name }) => !known.has(name))].map(({ name, text }) => ({
    name,
    lines: parse(text).filter(({ timeMs }) => timeMs >= sinceMs),
  }));
}

interface Text {
  readonly name: string;
  readonly text: string;
}

/** One tail(1) for all: it puts a heading before each file. */
const tailScript = 'cd "$0" && exec tail -v -c "$1" -- *.log';

async function readFiles(place: Place, folder: string): Promise<readonly Text[]> {
  const { stdout } = await place.run(['sh', '-c', tailScript, folder, String(mostBytes)]);
  const parts = stdout.split(/^==> (.+) <==$/m);
  return parts.flatMap((path, index) => {
    const name = /([^/]+)\.log$/.exec(path)?.[1];
    return index % 2 === 0 || name === undefined ? [] : [{ name, text: parts[index + 1] ?? '' }];
  });
}

/** nginx of the container logs to its stderr, which only the engine keeps. */
async function readContainers({ ports, containers }: DoctorContext, sinceMs: number): Promise<readonly Text[]> {
  if (containers.origin === undefined) return [];
  const argv = ['logs', '--timestamps', '--since', new Date(sinceMs).toISOString(), '--tail', '1000', containers.origin];
  const { stdout, stderr } = await ports.process.run('docker', argv, { timeoutMs: askTimeoutMs });
  return [{ name: originName, text: `${stdout}\n${stderr}` }];
}

function parse(text: string): readonly RecentLine[] {
  return text.split('\n').flatMap((line) => {
    const [, time, rest] = iptvLine.exec(line) ?? dockerLine.exec(line) ?? [];
    return time === undefined || rest === undefined ? [] : [{ timeMs: Date.parse(time), text: rest }];
  });
}
