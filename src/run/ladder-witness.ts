// What the witnesses of the house see of a stream with renditions: all its rungs as one.

import type { Witnesses } from '../observe/verdict.ts';
import type { StreamUnit } from './unit.ts';

/** Publishing when every rung is; a rung that stands still is a stream that stands still, unless it is one of several sounds. */
export function rtmpOf(unit: Pick<StreamUnit, 'id' | 'plan'>, of: (name: string) => Witnesses['rtmp']): Witnesses['rtmp'] {
  const rungs = unit.plan()?.rungs?.filter(({ isAlternative }) => isAlternative !== true);
  if (rungs === undefined) return of(unit.id);
  const seen = rungs.map(({ id }) => of(id));
  if (seen.some((one) => one === undefined)) return undefined;
  return { publishing: seen.every((one) => one?.publishing === true), bytesInGrow: seen.every((one) => one?.bytesInGrow === true) };
}

/** Between the stream and `index.m3u8`, where its media playlist is: the best rung's. */
export function rungFolder(unit: Pick<StreamUnit, 'plan'>): string {
  const name = unit.plan()?.rungs?.[0]?.name;
  return name === undefined ? '' : `/${name}`;
}
