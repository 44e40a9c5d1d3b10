// A replayed outage as lines: when, what happened, and what the present settings decide.

import type { ReplayStep } from '../../run/failover/replay.ts';
import type { FailoverEffect, FailoverEvent } from '../../run/failover/state.ts';
import type { Sink } from '../../ui/streams.ts';
import { createTheme } from '../../ui/theme.ts';
import { formatDuration, plural } from '../../ui/time.ts';

export function renderReplay(steps: readonly ReplayStep[], skipped: number, sink: Sink): string {
  const theme = createTheme(sink.hasColor);
  const lines = steps
    .filter(({ event, effects, differs }) => event.type !== 'starting' && (event.type !== 'wake' || effects.length > 0 || differs))
    .flatMap((step) => {
      const time = `+${(step.t / 1000).toFixed(1)} s`.padStart(11);
      const decisions = step.effects.map((effect) => `${' '.repeat(13)}${theme.strong(`-> ${decided(effect)}`)}`);
      const other = step.differs
        ? [`${' '.repeat(13)}${theme.warning('the record started another source than these settings would')}`]
        : [];
      return [`${time}  ${happened(step.event)}`, ...decisions, ...other];
    });
  const notes = skipped === 0 ? [] : [`${plural(skipped, 'line')} left out: no recorded events`];
  return steps.length === 0 ? 'nothing is recorded yet\n' : [...lines, ...notes, ''].join('\n');
}

const name = (index: number): string => `source ${index + 1}`;

function happened(event: FailoverEvent): string {
  switch (event.type) {
    case 'ordered':
      return 'ordered to run';
    case 'sources':
      return `the list has ${plural(event.keys.length, 'source')} now`;
    case 'starting':
      return 'a job is about to start';
    case 'started':
      return `${name(event.source)} ${event.delivering ? 'was found playing' : 'started'}`;
    case 'delivering':
      return 'the first new segment is there';
    case 'failed':
      return `failed (${event.cause}): ${event.message}`;
    case 'blocked':
      return `no free connection at the provider${event.freeInMs === null ? '' : `, one in ${formatDuration(event.freeInMs / 1000)}`}`;
    case 'wake':
      return 'time to look';
    case 'probed':
      return event.cause === null
        ? `${name(event.source)} was looked at: good`
        : `${name(event.source)} was looked at: ${event.message} (${event.cause})`;
    case 'force':
      return event.source === null ? 'the choice was given back' : `${name(event.source)} was chosen by hand`;
  }
}

function decided(effect: FailoverEffect): string {
  switch (effect.type) {
    case 'try': {
      const when = effect.delayMs === null ? 'after the usual back-off' : `after ${(effect.delayMs / 1000).toFixed(1)} s`;
      const within = effect.withinMs === null ? '' : `, within ${(effect.withinMs / 1000).toFixed(1)} s`;
      return `try ${name(effect.source)} ${when}${within}: ${effect.why}`;
    }
    case 'switch':
      return `go to ${name(effect.source)}: ${effect.why}`;
    case 'wait':
      return `wait for a connection for ${name(effect.source)}`;
    case 'renew':
      return `resolve the address of ${name(effect.source)} anew`;
    case 'probe':
      return `look at ${name(effect.source)}`;
    case 'switched':
      return `report: ${name(effect.to)} plays instead of ${name(effect.from)} after ${(effect.afterMs / 1000).toFixed(1)} s (${effect.cause})`;
  }
}
