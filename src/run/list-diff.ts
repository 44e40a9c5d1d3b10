// Decides what a new definition of one stream would do. Pure.

import type { StreamConfig } from '../core/config.ts';
import type { AppliedDefinition, StreamChange } from '../core/list-diff.ts';
import type { Order } from '../core/status.ts';
import { appliedDefinition, changedKeys } from './definition.ts';

export interface ChangeInput {
  readonly id: string;
  /** undefined: taken out of the list. */
  readonly next: StreamConfig | undefined;
  /** What the present job was made from, or what was last seen of a stream that does not run; undefined: new. */
  readonly applied: AppliedDefinition | undefined;
  /** undefined: nobody ever ordered anything. */
  readonly order: Order | undefined;
  /** The command of the present job differs from the one that the new definition makes; false without a job. */
  readonly commandDiffers: boolean;
  /** A job is there, in whatever state. */
  readonly hasJob: boolean;
  /** It waits for its first viewer. */
  readonly isIdle?: boolean;
}

export function decideChange(input: ChangeInput): StreamChange {
  const { id, next, applied, order } = input;
  const change = (action: StreamChange['action'], reason: string, keys: readonly string[] = []): StreamChange => ({
    id,
    action,
    reason,
    changedKeys: keys,
  });
  const runs = order === 'run' || input.hasJob;
  if (next === undefined) return runs ? change('stop', 'no longer in the list') : change('none', 'no longer in the list, does not run');
  const keys = applied === undefined ? [] : changedKeys(applied, appliedDefinition(next));
  if (runs) {
    if (!next.enabled && applied?.enabled !== false) return change('stop', 'now disabled', ['enabled', ...keys]);
    if (input.commandDiffers) return change('restart', keys.length === 0 ? 'its command changed' : 'changed', keys);
    if (input.isIdle === true && next.onDemand !== undefined)
      return change('none', keys.length === 0 ? 'unchanged' : 'changed, idle: its first viewer gets the new definition', keys);
    // Without a job there is no command to compare: it is waiting for its next try, and tries with the new definition at once.
    if (!input.hasJob && keys.length > 0) return change('restart', 'changed, and is not playing', keys);
    return keys.length === 0 ? change('none', 'unchanged') : change('none', 'changed, without need of a restart', keys);
  }
  if (applied === undefined) return next.enabled ? change('start', 'new in the list') : change('none', 'new in the list, disabled');
  if (next.enabled && !applied.enabled) return change('start', 'now enabled', ['enabled', ...keys]);
  if (!next.enabled) return change('none', 'disabled', keys);
  return change('none', order === 'stop' ? 'stopped by hand' : 'never started', keys);
}
