// What a batch restart may be told: which streams, how many at once, and when to give up.

import type { Selection } from '../flags.ts';

export interface BatchOptions {
  /** Where to look: named streams, all that are ordered to run, tags or groups. */
  readonly selection: Selection | { readonly groups: readonly string[] };
  /** Streams that are restarted at the same time; 1 or more. */
  readonly rolling: number;
  /** The first restart waits a random time up to this, so that many boxes do not come to one provider in the same minute. */
  readonly jitterMs: number;
  /** Jobs younger than this are left alone; undefined: none is too young. */
  readonly olderThanMs: number | undefined;
  /** `unhealthy`: only what is not well. */
  readonly which: 'all' | 'unhealthy';
  /** So many streams may fail to come back before the batch stops; 0: the first one stops it. */
  readonly maxFail: number;
  /** No restart begins later than this after the batch began; undefined: no limit. */
  readonly deadlineMs: number | undefined;
  /** How long to wait for a batch that runs already; 0: not at all. */
  readonly lockWaitMs: number;
  /** How long one stream may need until it plays again. */
  readonly timeoutMs: number;
  /** Goes on where the last batch was interrupted. */
  readonly resume: boolean;
  /** false: never over a second connection. */
  readonly seamless: boolean;
}
