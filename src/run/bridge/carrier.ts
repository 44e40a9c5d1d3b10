// Which source carries the channel while the stream goes over to another one. Pure.

import type { StreamConfig } from '../../core/config.ts';
import type { Providers } from '../providers.ts';

export interface Carrier {
  readonly stream: StreamConfig;
  readonly sourceIndex: number;
}

/**
 * Best the target itself: that it plays is then seen before the job is touched. It needs a connection beside the one of the job that
 * comes, unless that one takes over the present job's. Else the source that plays, where its provider has one to spare.
 * undefined: there is none for both.
 *
 * `playing` is `stream` with the address of the present source resolved.
 */
export function chooseCarrier(
  playing: StreamConfig,
  stream: StreamConfig,
  from: number,
  to: number,
  providers: Pick<Providers, 'slotsFree'>,
): Carrier | undefined {
  const [present, target] = [stream.sources[from], stream.sources[to]];
  if (present === undefined || target === undefined) return undefined;
  const isSame = present.provider !== undefined && present.provider === target.provider;
  const free = providers.slotsFree(target.provider);
  // An address that has to be asked for is asked for when the job starts.
  if (target.resolve === undefined && target.provider !== undefined && free >= (isSame ? 1 : 2)) return { stream, sourceIndex: to };
  const isRoom = isSame ? free >= 1 : free >= 1 && providers.slotsFree(present.provider) >= 1;
  return isRoom ? { stream: playing, sourceIndex: from } : undefined;
}
