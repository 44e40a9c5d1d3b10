// A checked `schedule:` entry to the words that `iptv restart` is run with.

import type { ScheduleConfig } from '../core/config.ts';
import type { ScheduleEntry } from './schema.ts';
import { formatDuration } from './values.ts';

export function buildSchedule(entry: ScheduleEntry): ScheduleConfig {
  const { streams = [], tags = [], groups = [] } = entry;
  const chosen = [...streams, ...tags.flatMap((tag) => ['--tag', tag]), ...groups.flatMap((group) => ['--group', group])];
  const duration = (flag: string, milliseconds: number | undefined): readonly string[] =>
    milliseconds === undefined || milliseconds === 0 ? [] : [flag, formatDuration(milliseconds)];
  return {
    cron: entry.cron,
    ...(entry.timezone === undefined ? {} : { timezone: entry.timezone }),
    words: [
      'restart',
      ...(chosen.length === 0 ? ['--all'] : chosen),
      ...(entry.unhealthy === true ? ['--skip-healthy'] : []),
      '--rolling',
      String(entry.rolling ?? 2),
      ...duration('--jitter', entry.jitter),
      ...duration('--older-than', entry.olderThan),
      ...(entry.maxFail === undefined ? [] : ['--max-fail', String(entry.maxFail)]),
      ...duration('--deadline', entry.deadline),
      '--lock-wait',
      '10m',
      '-q',
    ],
    quiet: entry.quiet ?? [],
  };
}
