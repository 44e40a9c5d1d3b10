// What a viewer of a stream that starts on demand is told.

import type { JobUnit } from '../unit.ts';

/** `wait`: nothing can be shown; a player may ask again. `none`: there is no such channel to start. */
export type DeskAnswer =
  | { readonly kind: 'playlist'; readonly text: string }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'none' };

/** For those who cannot be shown anything, not even a slate. */
export function noPicture({ id, process }: Pick<JobUnit, 'id' | 'process'>): DeskAnswer {
  const { failure, phase } = process.lifecycle();
  const reason = failure !== undefined && phase !== 'running' ? failure.message : 'it has no picture yet';
  return { kind: 'wait', why: `${id} does not play yet: ${reason}` };
}
