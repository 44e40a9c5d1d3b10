// nginx-rtmp in the local runtime: one more managed child, restarted when it dies or no longer answers.

import type { RestartConfig } from '../core/config.ts';
import type { EventSink } from '../core/events.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { DaemonSpec, Ports, ProcessInfo } from '../core/ports.ts';
import { jobMark, originName, type StatePaths } from '../core/state-paths.ts';
import type { OriginStatus } from '../core/status.ts';
import type { LogSink } from '../observe/log-sink.ts';
import { createSpool } from '../observe/spool.ts';
import { isAlive, readBootId, readRecord, type JobRecord } from './job-record.ts';
import { createManagedProcess, type ManagedProcess } from './managed-process.ts';
import { createOriginStory, type OriginStory } from './origin-story.ts';
import type { StartLimiter } from './start-limiter.ts';

const policy: RestartConfig = { minDelayMs: 500, maxDelayMs: 15_000, stableAfterMs: 30_000 };
/** nginx answers /healthz from memory; a worker that needs longer than both of these hangs. */
const healthTimeoutMs = 3000;
const hungAfterMs = 8000;
const healthEveryMs = 2000;

export interface OriginUnit {
  /** undefined where nginx lives in another container. */
  readonly process: ManagedProcess | undefined;
  /** Monotonic time since when it answers without a break; undefined while it does not. */
  readonly answersSince: () => number | undefined;
  start(): Promise<void>;
  stop(): void;
  tick(): Promise<void>;
  status(): OriginStatus;
}

/** Asks the health page at most every two seconds; shared by both kinds of origin. */
function createHealthWatch(ports: Pick<Ports, 'net' | 'clock'>, url: string, story: OriginStory) {
  let answers = false;
  let since = 0;
  let lastAsked = -Infinity;
  let lastAnswer = ports.clock.monotonic();
  return {
    answers: () => answers,
    answersSince: () => (answers ? since : undefined),
    silentMs: () => ports.clock.monotonic() - lastAnswer,
    reset() {
      answers = false;
      lastAnswer = ports.clock.monotonic();
      lastAsked = -Infinity;
    },
    async ask(): Promise<boolean> {
      const now = ports.clock.monotonic();
      if (now - lastAsked < (answers ? healthEveryMs : 100)) return answers;
      lastAsked = now;
      const answer = await ports.net.get(url, { timeoutMs: healthTimeoutMs });
      const answersNow = answer?.status === 200;
      if (answersNow) lastAnswer = ports.clock.monotonic();
      if (answersNow && !answers) {
        since = lastAnswer;
        story.answers();
      }
      if (!answersNow && answers) story.silent(url);
      answers = answersNow;
      return answers;
    },
  };
}

/** nginx is another container's business; only its answers are watched. */
export function createExternalOrigin(ports: Ports, endpoints: Endpoints, events: EventSink): OriginUnit {
  const health = createHealthWatch(ports, endpoints.healthUrl, createOriginStory(events, ports.clock));
  return {
    process: undefined,
    answersSince: health.answersSince,
    start: async () => {
      await health.ask();
    },
    stop: () => undefined,
    tick: async () => {
      await health.ask();
    },
    status: () => ({ state: 'external', pid: null, restarts: 0, answers: health.answers(), lastFailure: null }),
  };
}

export function createLocalOrigin(options: {
  readonly ports: Ports;
  readonly endpoints: Endpoints;
  readonly paths: StatePaths;
  readonly limiter: StartLimiter;
  readonly log: LogSink;
  readonly events: EventSink;
  /** Absolute path of nginx and the text of its configuration, rendered anew at each start. */
  readonly nginx: () => Promise<{ readonly path: string; readonly conf: string }>;
}): OriginUnit {
  const { ports, paths, log } = options;
  const { files } = ports;
  const story = createOriginStory(options.events, ports.clock);
  const health = createHealthWatch(ports, options.endpoints.healthUrl, story);
  const spoolPath = `${paths.jobs}/${originName}.stderr`;
  const recordPath = `${paths.jobs}/${originName}.json`;
  const spool = createSpool({ files, clock: ports.clock, path: spoolPath });
  let recent: string[] = [];
  let bootId = '';
  let last: Pick<JobRecord, 'pid' | 'startTime' | 'bootId'> | undefined;

  async function readLog(): Promise<void> {
    for (const line of await spool.read()) {
      const shown = log.nginx(line);
      if (shown !== undefined) recent = [...recent.slice(-20), shown];
    }
  }

  async function prepare(): Promise<DaemonSpec> {
    const { path, conf } = await options.nginx();
    const confPath = `${paths.nginx}/nginx.conf`;
    await files.makeDirectory(`${paths.nginx}/temp`, 0o755);
    // On a full disk the file that is there already still serves.
    if ((await files.readText(confPath)) !== conf) await files.writeAtomic(confPath, conf, 0o644);
    recent = [];
    return {
      file: path,
      argv: ['-p', paths.nginx, '-c', confPath, '-e', 'stderr', '-g', 'daemon off;'],
      env: { [jobMark.id]: originName },
      cwd: '/',
      stderrPath: spoolPath,
    };
  }

  const managed = createManagedProcess({
    ports,
    limiter: options.limiter,
    policy: () => policy,
    target: {
      prepare,
      onStarted(process) {
        health.reset();
        log.note('info', `${process.adopted ? 'adopted' : 'started'} nginx pid ${process.pid}`);
        story.started(process);
        const record = { pid: process.pid, startTime: process.startTime, startedAtMs: process.startedAtMs, bootId };
        last = record;
        files.writeAtomic(recordPath, `${JSON.stringify(record)}\n`, 0o600).catch((error: unknown) => {
          log.note('warning', `cannot write the record of nginx: ${String(error)}`);
        });
      },
      async onExited(exit) {
        // A killed master leaves its worker behind, which holds the ports.
        if (last !== undefined) endLeftovers(last);
        await readLog();
        const why = exit.signal === undefined ? `code ${exit.code ?? 'unknown'}` : exit.signal;
        return { cause: 'nginx-exited', message: `nginx ended (${why})`, evidence: recent.slice(-3), pace: 'fast' };
      },
      onChange(before, after, event) {
        if (before.phase === after.phase) return;
        log.note('info', `${before.phase} -> ${after.phase} (${event.type})`);
        const isOver = event.type === 'stalled' || (after.failure !== before.failure && after.process === 'none');
        if (isOver && after.failure !== undefined) story.failed(after.failure, 'nginx is started again');
      },
      onError: (message) => log.note('error', message),
    },
  });

  /**
   * A group keeps its number reserved while it has members (fork(2)), so without its leader it is nginx's still; not so
   * after a reboot, nor when somebody else has become that pid: then the group is none of our business.
   */
  function endLeftovers(record: Pick<JobRecord, 'pid' | 'startTime' | 'bootId'>): void {
    const leader = ports.process.inspect(record.pid);
    if (record.bootId !== bootId || (leader !== undefined && leader.startTime !== record.startTime)) return;
    for (const member of ports.process.groupMembers(record.pid)) {
      if (Number(member.startTime) < Number(record.startTime)) continue;
      log.note('warning', `ending pid ${member.pid}, left behind by nginx ${record.pid}`);
      ports.process.signal(member.pid, member.startTime, 'SIGKILL');
    }
  }

  /** An nginx whose record was lost: named by its own pid file, and holding our port. */
  async function findUnrecorded(): Promise<ProcessInfo | undefined> {
    const pid = Number((await files.readText(`${paths.nginx}/nginx.pid`))?.trim());
    const port = Number(new URL(options.endpoints.healthUrl).port);
    const info = Number.isInteger(pid) && pid > 1 ? ports.process.inspect(pid) : undefined;
    if (info === undefined || info.state === 'Z') return undefined;
    const holder = await ports.net.portHolder(port);
    if (holder?.pid === undefined) return undefined;
    return holder.pid === pid || ports.process.groupMembers(pid).some((member) => member.pid === holder.pid) ? info : undefined;
  }

  return {
    process: managed,
    answersSince: health.answersSince,
    async start() {
      if (managed.alive() !== undefined) return;
      bootId = await readBootId(files);
      const record = await readRecord(files, recordPath).catch(() => undefined);
      if (record !== undefined && isAlive(ports.process, record)) {
        managed.adopt(record, { order: 'run', delivering: true, restarts: record.restarts });
        return;
      }
      if (record !== undefined) endLeftovers(record);
      const found = await findUnrecorded().catch(() => undefined);
      if (found !== undefined) {
        const startedAtMs = ports.clock.now();
        managed.adopt({ pid: found.pid, startTime: found.startTime, startedAtMs }, { order: 'run', delivering: true, restarts: 0 });
        return;
      }
      managed.order('run');
    },
    stop: () => managed.order('stop'),
    async tick() {
      managed.checkAdopted();
      await readLog().catch((error: unknown) => log.note('warning', `cannot read what nginx says: ${String(error)}`));
      const { phase, process } = managed.lifecycle();
      if (process !== 'alive') return;
      if (await health.ask()) managed.dispatch({ type: 'delivering' });
      else if (phase === 'running' && health.silentMs() > hungAfterMs) {
        const message = `nginx does not answer ${options.endpoints.healthUrl} for ${Math.round(health.silentMs() / 1000)} s`;
        managed.dispatch({ type: 'stalled', failure: { cause: 'nginx-hung', message, evidence: recent.slice(-3), pace: 'fast' } });
      }
    },
    status() {
      const { phase, restarts, failure } = managed.lifecycle();
      return {
        state: phase,
        pid: managed.alive()?.pid ?? null,
        restarts,
        answers: health.answers(),
        lastFailure: failure === undefined ? null : { cause: failure.cause, message: failure.message },
      };
    },
  };
}
