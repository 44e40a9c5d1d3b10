// Batch restarts by the clock, for those who have no cron: looked at in the sweep, run as `iptv restart` in a process of its own.

import { Cron } from 'croner';

import type { ScheduleConfig } from '../core/config.ts';
import type { EventSink } from '../core/events.ts';
import type { ClockPort, RunResult } from '../core/ports.ts';
import type { ScheduledBatch } from '../core/status.ts';

export interface Schedule {
  /** Cheap; called with every round of the sweep. */
  tick(): void;
  /** When each entry runs next. */
  upcoming(): readonly ScheduledBatch[];
}

interface Due {
  readonly at: number;
  /** The first time that is not quiet: `at` or later; Infinity: never. */
  readonly runsAt: number;
}

export interface ScheduleOptions {
  readonly clock: Pick<ClockPort, 'now'>;
  readonly entries: () => readonly ScheduleConfig[];
  /** Runs `iptv <words>` to its end. */
  readonly run: (words: readonly string[]) => Promise<RunResult>;
  readonly events: EventSink;
}

/** A clock set back by more than this makes what was planned meaningless. */
const jumpBackMs = 60_000;
const evidenceLines = 5;

export function createSchedule(options: ScheduleOptions): Schedule {
  const { clock, events } = options;
  /** When each entry is due next, by the entry's own text: an edited one is planned anew. */
  let due = new Map<string, Due>();
  let lastMs = clock.now();

  function start(entry: ScheduleConfig): void {
    const command = `iptv ${entry.words.join(' ')}`;
    events.record({ stream: null, kind: 'batch', cause: 'scheduled', message: `the schedule ${entry.cron} runs ${command}` });
    options.run(entry.words).then(
      (result) => {
        if (result.exitCode === 0) return;
        events.record({
          stream: null,
          kind: 'batch',
          cause: 'batch-failed',
          message: `${command} ended with ${result.timedOut ? 'a time-out' : `code ${result.exitCode ?? result.signal}`}`,
          evidence: result.stderr.trim().split('\n').slice(-evidenceLines),
        });
      },
      (error: unknown) =>
        events.record({ stream: null, kind: 'batch', cause: 'batch-failed', message: `${command} could not be run: ${String(error)}` }),
    );
  }

  return {
    tick() {
      const now = clock.now();
      // After a jump ahead (a suspended machine, summer time) what was missed runs once; after a jump back all is planned anew.
      if (now < lastMs - jumpBackMs) due = new Map();
      lastMs = now;
      const next = new Map<string, Due>();
      for (const entry of options.entries()) {
        const key = JSON.stringify(entry);
        const planned = due.get(key);
        if (planned === undefined || now >= planned.at) {
          if (planned !== undefined) {
            if (isQuiet(entry, now)) {
              const message = `the schedule ${entry.cron} is passed over: quiet hours`;
              events.record({ stream: null, kind: 'batch', cause: 'quiet-hours', message });
            } else start(entry);
          }
          next.set(key, { at: nextRun(entry, now), runsAt: nextLoudRun(entry, now) });
        } else next.set(key, planned);
      }
      due = next;
    },
    upcoming: () =>
      options.entries().map((entry) => {
        const runsAt = due.get(JSON.stringify(entry))?.runsAt ?? nextLoudRun(entry, clock.now());
        return {
          cron: entry.cron,
          timezone: entry.timezone ?? null,
          command: `iptv ${entry.words.join(' ')}`,
          nextAt: Number.isFinite(runsAt) ? new Date(runsAt).toISOString() : null,
        };
      }),
  };
}

/** croner knows time zones and their changes of the hour: a time that a change skips runs once, one that it repeats too. */
export function nextRun(entry: Pick<ScheduleConfig, 'cron' | 'timezone'>, afterMs: number): number {
  const zone = entry.timezone === undefined ? {} : { timezone: entry.timezone };
  return new Cron(entry.cron, { paused: true, ...zone }).nextRun(new Date(afterMs))?.getTime() ?? Infinity;
}

/** A year of a daily schedule: one that is quiet all that time never runs. */
const looksAhead = 366;
const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/** The next time outside the quiet hours; Infinity: there is none. */
export function nextLoudRun(entry: ScheduleConfig, afterMs: number): number {
  let at = nextRun(entry, afterMs);
  for (let look = 0; look < looksAhead && Number.isFinite(at); look += 1) {
    const quietMinutes = minutesOfQuiet(entry, at);
    if (quietMinutes === 0) return at;
    // cron means full minutes, and the end of the quiet hours is not quiet.
    at = nextRun(entry, at + quietMinutes * minuteMs - 1);
  }
  return Infinity;
}

export function isQuiet(entry: ScheduleConfig, atMs: number): boolean {
  return minutesOfQuiet(entry, atMs) > 0;
}

/** How many minutes of quiet lie ahead; 0: it is not quiet. */
function minutesOfQuiet(entry: ScheduleConfig, atMs: number): number {
  if (entry.quiet.length === 0) return 0;
  const zone = entry.timezone === undefined ? {} : { timeZone: entry.timezone };
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...zone });
  const parts = Object.fromEntries(clock.formatToParts(new Date(atMs)).map(({ type, value }) => [type, Number(value)]));
  const minute = (parts['hour'] ?? 0) * 60 + (parts['minute'] ?? 0);
  const found = entry.quiet.find(({ fromMinute, toMinute }) =>
    fromMinute < toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute,
  );
  return found === undefined ? 0 : (found.toMinute - minute + dayMinutes) % dayMinutes || dayMinutes;
}
