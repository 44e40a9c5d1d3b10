// The recent logs of the whole stack: which known error patterns are in them, and what they mean here.

import { originName } from '../../core/state-paths.ts';
import type { StatusDocument } from '../../core/status.ts';
import { explainLine, type Explanation } from '../../observe/explanations.ts';
import { pass, warn, type Finding } from '../check.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { readRecentLogs, type RecentLog } from '../facts/recent-logs.ts';

const windowMs = 10 * 60_000;
/** Older than this, and nothing repeated it: it is over. */
const presentMs = 60_000;
const mostEvidence = 12;

interface Pattern {
  readonly log: string;
  readonly explanation: Explanation;
  readonly count: number;
  readonly lastMs: number;
  /** The newest line of it. */
  readonly line: string;
}

export const logsCheck: DoctorCheck = {
  id: 'logs',
  title: 'recent logs',
  group: 'Streams',
  layer: 'job',
  severity: 'warning',
  dependsOn: [],
  worksWithoutList: true,
  about:
    'The last ten minutes of the logs of the supervisor, of nginx and of every job: known error patterns, what they mean here and what to do. A problem only where one of the last minute says that something does not work, and the stream does not play well; all others are listed as an explanation.',
  finds: { 'error-in-log': 'a log says, within the last minute, that something does not work' },
  async run(context, facts) {
    const now = context.ports.clock.now();
    const [logs, document] = await Promise.all([readRecentLogs(context, now - windowMs), facts.status()]);
    const patterns = logs.flatMap(patternsOf);
    const problems = patterns.filter((pattern) => isPresent(pattern, now, document));
    if (problems.length > 0) return problems.map((pattern) => finding(pattern, now));
    const lines = logs.reduce((sum, log) => sum + log.lines.length, 0);
    const told = patterns.sort((a, b) => b.lastMs - a.lastMs).slice(0, mostEvidence);
    return [
      pass(
        `${lines} lines of ${logs.length} logs in ten minutes, none says that something is broken now`,
        told.map((pattern) => shown(pattern, now)),
      ),
    ];
  },
};

function patternsOf({ name, lines }: RecentLog): readonly Pattern[] {
  const found = new Map<string, Pattern>();
  const program = name === originName ? 'nginx' : 'ffmpeg';
  for (const { timeMs, text } of lines) {
    const explanation = name === 'backend' ? undefined : explainLine(text, program);
    if (explanation === undefined) continue;
    const count = (found.get(explanation.id)?.count ?? 0) + 1;
    found.set(explanation.id, { log: name, explanation, count, lastMs: timeMs, line: text });
  }
  return [...found.values()];
}

/** What a job said before it was mended is history; a stream whose legs both move is mended. */
function isPresent({ log, explanation, lastMs }: Pattern, now: number, document: StatusDocument | undefined): boolean {
  if (explanation.severity !== 'broken' || now - lastMs > presentMs) return false;
  const concerned = log === originName ? (document?.streams ?? []) : (document?.streams ?? []).filter(({ id }) => id === log);
  return concerned.some(
    ({ order, state, legs }) =>
      order === 'run' && state !== 'idle' && (state !== 'running' || legs.primary.state !== 'fresh' || legs.backup.state !== 'fresh'),
  );
}

function finding(pattern: Pattern, now: number): Finding {
  const { log, explanation, line } = pattern;
  return warn({
    code: 'error-in-log',
    ...subjectOf(log, line),
    what: `the log of ${log} says: ${explanation.meaning}`,
    evidence: [line, `${times(pattern.count)}, last ${ago(pattern.lastMs, now)}`],
    why: explanation.advice.replaceAll('<id>', log),
    next: `iptv logs ${log}`,
    // A log tells what went wrong; every other check knows better where.
    consequenceOf: [
      ...['docker', 'ports', 'ffmpeg', 'config', 'paths', 'disk', 'volume', 'permissions', 'write', 'supervisor', 'nginx', 'stat', 'files'],
      ...['mime', 'm3u8', 'endpoint', 'cors', 'security', 'streams', 'sources'],
    ],
  });
}

/** A line of nginx is about the stream that it names, or about all of them. */
function subjectOf(log: string, line: string): { readonly subject?: string } {
  const subject = log === originName ? /\bname[:=] ?'([a-z0-9_-]+)'/.exec(line)?.[1] : log;
  return subject === undefined ? {} : { subject };
}

function shown(pattern: Pattern, now: number): string {
  return `${pattern.log}: ${times(pattern.count)} "${pattern.explanation.meaning}", last ${ago(pattern.lastMs, now)}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function ago(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  return seconds < 90 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}
