// Which streams an order is meant for; names that nothing has are answered with the nearest one.

import { refuseUnknown } from '../core/no-such.ts';
import { noLongerListed, noSuchStream } from './order-errors.ts';
import type { StreamUnit } from './unit.ts';

export interface OrderInput {
  readonly action: 'start' | 'stop' | 'restart';
  readonly ids?: readonly string[];
  readonly all?: boolean;
  readonly tags?: readonly string[];
  /** restart: false never carries the channel over. */
  readonly seamless?: boolean;
}

/** Throws AppError `no-such-stream` or `no-such-tag`. */
export function selectUnits(units: ReadonlyMap<string, StreamUnit>, input: OrderInput, listPath: string): readonly StreamUnit[] {
  if (input.ids !== undefined) {
    return [...new Set(input.ids)].map((id) => orderable(namedUnit(units, id, listPath), input.action, listPath));
  }
  const candidates = [...units.values()].filter((unit) => {
    if (input.action !== 'stop' && unit.definition() === 'removed') return false;
    return input.action === 'start' ? unit.stream().enabled : unit.demand.order() === 'run';
  });
  if (input.tags === undefined) return candidates;
  const wanted = input.tags;
  refuseUnknown('tag', wanted, [...new Set([...units.values()].flatMap((unit) => unit.stream().tags))]);
  return candidates.filter((unit) => unit.stream().tags.some((tag) => wanted.includes(tag)));
}

/** Throws AppError `no-such-stream`. */
export function namedUnit(units: ReadonlyMap<string, StreamUnit>, id: string, listPath: string): StreamUnit {
  const unit = units.get(id);
  if (unit !== undefined) return unit;
  throw noSuchStream(id, [...units.keys()], listPath);
}

function orderable(unit: StreamUnit, action: OrderInput['action'], listPath: string): StreamUnit {
  if (action === 'stop' || unit.definition() !== 'removed') return unit;
  throw noLongerListed(unit.id, listPath, unit.process.alive() !== undefined);
}
