// Streams that left the list: they play until somebody stops them, and are forgotten a minute after their end.

import type { ClockPort } from '../core/ports.ts';
import type { StreamUnit } from './unit.ts';

/** Who ordered the end looks for it for a while, and must not be told that there is no such stream. */
const shownForMs = 60_000;

export interface Departures {
  /** A new list: who is not in it leaves, at once when nothing of it runs. */
  leave(listed: ReadonlySet<string>): void;
  /** Who has left is forgotten when it is time. */
  tick(): void;
}

export function createDepartures(options: {
  readonly clock: Pick<ClockPort, 'monotonic'>;
  readonly units: ReadonlyMap<string, StreamUnit>;
  readonly forget: (id: string) => void;
}): Departures {
  const { clock, units, forget } = options;
  /** When it was first seen stopped; undefined: it still runs. */
  let leaving = new Map<string, number | undefined>();
  const isStopped = (unit: StreamUnit): boolean => unit.process.lifecycle().phase === 'stopped';
  return {
    leave(listed) {
      const gone = [...units.values()].filter(({ id }) => !listed.has(id));
      for (const unit of gone) unit.redefine(undefined);
      for (const unit of gone.filter(isStopped)) forget(unit.id);
      leaving = new Map(gone.filter((unit) => !isStopped(unit)).map(({ id }) => [id, undefined]));
    },
    tick() {
      for (const [id, seen] of leaving) {
        const unit = units.get(id);
        const since = unit !== undefined && isStopped(unit) ? (seen ?? clock.monotonic()) : undefined;
        leaving.set(id, since);
        if (since === undefined || clock.monotonic() - since < shownForMs) continue;
        leaving.delete(id);
        forget(id);
      }
    },
  };
}
