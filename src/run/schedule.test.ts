import { describe, expect, it } from 'vitest';

import { createVirtualClock } from '../../tests/fakes/virtual-clock.ts';
import type { ScheduleConfig } from '../core/config.ts';
import type { EventDraft } from '../core/events.ts';
import type { RunResult } from '../core/ports.ts';
import { createSchedule, isQuiet, nextRun } from './schedule.ts';

const entry = (more: Partial<ScheduleConfig> = {}): ScheduleConfig => ({
  cron: '30 4 * * *',
  timezone: 'UTC',
  words: ['restart', '--all', '-q'],
  quiet: [],
  ...more,
});
const fine: RunResult = { exitCode: 0, stdout: '', stderr: '', timedOut: false, missing: false };
const hour = 3_600_000;

function world(entries: readonly ScheduleConfig[], result: RunResult = fine) {
  let nowMs = Date.UTC(2026, 0, 1, 4);
  const ran: string[] = [];
  const events: EventDraft[] = [];
  const listed = { entries };
  const schedule = createSchedule({
    clock: { ...createVirtualClock(), now: () => nowMs },
    entries: () => listed.entries,
    run: async (words) => {
      ran.push(words.join(' '));
      return result;
    },
    events: { record: (event) => events.push(event) },
  });
  return {
    ran,
    events,
    listed,
    schedule,
    /** Lets so much time pass, with a look each minute. */
    pass: (durationMs: number): void => {
      const end = nowMs + durationMs;
      while (nowMs < end) {
        nowMs = Math.min(end, nowMs + 60_000);
        schedule.tick();
      }
    },
    set: (ms: number) => (nowMs = ms),
    now: () => nowMs,
  };
}

describe('the schedule', () => {
  it('runs an entry each time it is due, and never at the start', () => {
    const { pass, ran } = world([entry()]);
    pass(20 * 60_000);
    expect(ran).toEqual([]);
    pass(48 * hour);
    expect(ran).toEqual(['restart --all -q', 'restart --all -q']);
  });

  it('runs once what a sleeping machine missed several times', () => {
    const { schedule, set, now, ran } = world([entry({ cron: '0 * * * *' })]);
    schedule.tick();
    set(now() + 10 * hour + 5000);
    schedule.tick();
    schedule.tick();
    expect(ran.length).toBe(1);
  });

  it('plans anew after the clock was set back', () => {
    const { schedule, set, now, pass, ran } = world([entry({ cron: '0 * * * *' })]);
    schedule.tick();
    set(now() - 365 * 24 * hour);
    pass(90 * 60_000);
    expect(ran.length).toBe(1);
  });

  it('passes over quiet hours, and says so', () => {
    const { pass, ran, events } = world([entry({ cron: '0 * * * *', quiet: [{ fromMinute: 6 * 60, toMinute: 24 * 60 }] })]);
    pass(6 * hour);
    expect(ran.length).toBe(1);
    expect(events.filter(({ cause }) => cause === 'quiet-hours').length).toBe(5);
  });

  it('says when each entry runs next, past its quiet hours, and which one never does', () => {
    const night = { fromMinute: 18 * 60, toMinute: 7 * 60 };
    const { schedule } = world([
      entry(),
      entry({ cron: '*/10 * * * *', timezone: 'Europe/Berlin', quiet: [night] }),
      entry({ quiet: [night] }),
    ]);
    schedule.tick();
    expect(schedule.upcoming()).toEqual([
      { cron: '30 4 * * *', timezone: 'UTC', command: 'iptv restart --all -q', nextAt: '2026-01-01T04:30:00.000Z' },
      { cron: '*/10 * * * *', timezone: 'Europe/Berlin', command: 'iptv restart --all -q', nextAt: '2026-01-01T06:00:00.000Z' },
      { cron: '30 4 * * *', timezone: 'UTC', command: 'iptv restart --all -q', nextAt: null },
    ]);
  });

  it('follows the list', () => {
    const { pass, ran, listed } = world([entry()]);
    pass(60_000);
    listed.entries = [entry({ cron: '45 4 * * *', words: ['restart', '--unhealthy'] })];
    pass(hour);
    expect(ran).toEqual(['restart --unhealthy']);
  });

  it('records a batch that failed, with what it said', async () => {
    const { pass, events } = world([entry()], { ...fine, exitCode: 1, stderr: 'error: 2 of 5 streams did not come back\n' });
    pass(hour);
    await Promise.resolve();
    expect(events.at(-1)).toMatchObject({ kind: 'batch', cause: 'batch-failed', evidence: ['error: 2 of 5 streams did not come back'] });
  });
});

describe('time zones', () => {
  const berlin = entry({ cron: '30 2 * * *', timezone: 'Europe/Berlin' });

  it('run once on the day whose hour is skipped, and once on the day whose hour comes twice', () => {
    const days = (from: number): readonly number[] => {
      const found: number[] = [];
      for (let at = nextRun(berlin, from); at < from + 48 * hour; at = nextRun(berlin, at)) found.push(at);
      return found;
    };
    // 2026-03-29 02:00 -> 03:00, 2026-10-25 03:00 -> 02:00.
    expect(days(Date.UTC(2026, 2, 28, 12)).length).toBe(2);
    expect(days(Date.UTC(2026, 9, 24, 12)).length).toBe(2);
  });

  it('count for quiet hours too, also over midnight', () => {
    const quiet = entry({ timezone: 'America/New_York', quiet: [{ fromMinute: 22 * 60, toMinute: 6 * 60 }] });
    expect(isQuiet(quiet, Date.UTC(2026, 0, 1, 3, 30))).toBe(true);
    expect(isQuiet(quiet, Date.UTC(2026, 0, 1, 10, 59))).toBe(true);
    expect(isQuiet(quiet, Date.UTC(2026, 0, 1, 11, 0))).toBe(false);
  });
});
