// Remembers which definition of each stream was applied, and says what another list would change.

import type { Config, StreamConfig } from '../core/config.ts';
import type { AppliedDefinition, ListDiff, StreamChange } from '../core/list-diff.ts';
import type { Order } from '../core/status.ts';
import { appliedDefinition } from './definition.ts';
import { decideChange } from './list-diff.ts';
import type { JsonStore } from './stores.ts';
import type { StreamUnit } from './unit.ts';

export interface AppliedList {
  /** What taking over `next` would do; changes nothing. */
  diff(next: Config, serverKeys: readonly string[]): ListDiff;
  /** These streams are now as the list says, also where nothing had to be done. */
  mark(ids: readonly string[]): void;
  /** Before anything was ever applied, what is in the list is what was there before. */
  baseline(): void;
}

export interface AppliedOptions {
  readonly store: JsonStore<AppliedDefinition>;
  readonly config: () => Config;
  readonly units: () => readonly Pick<StreamUnit, 'id' | 'stream' | 'process' | 'differs' | 'demand'>[];
  readonly order: (id: string) => Order | undefined;
}

export function createAppliedList({ store, config, units, order }: AppliedOptions): AppliedList {
  function changeOf(id: string, next: StreamConfig | undefined): StreamChange {
    const unit = units().find((one) => one.id === id);
    const hasJob = unit !== undefined && unit.process.lifecycle().process !== 'none';
    return decideChange({
      id,
      next,
      applied: store.get(id),
      order: order(id),
      commandDiffers: next !== undefined && unit !== undefined && hasJob && unit.differs(next),
      hasJob,
      isIdle: unit?.demand.isIdle() ?? false,
    });
  }

  return {
    diff(next, serverKeys) {
      const listed = new Set(next.streams.map((stream) => stream.id));
      return {
        schemaVersion: 1,
        path: next.path,
        changes: [
          ...next.streams.map((stream) => changeOf(stream.id, stream)),
          ...units()
            .filter((unit) => !listed.has(unit.id))
            .map((unit) => changeOf(unit.id, undefined))
            // Stopped and out of the list: nobody misses it.
            .filter(({ action }) => action !== 'none'),
        ],
        server: serverKeys,
      };
    },
    mark(ids) {
      const streams = new Map(config().streams.map((stream) => [stream.id, stream]));
      for (const id of ids) {
        const stream = streams.get(id);
        if (stream === undefined) store.delete(id);
        else store.set(id, appliedDefinition(stream));
      }
    },
    baseline() {
      if (store.keys().length > 0) return;
      for (const stream of config().streams) store.set(stream.id, appliedDefinition(stream));
    },
  };
}
