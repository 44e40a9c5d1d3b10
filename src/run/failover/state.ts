// What is known of a stream's sources, what can happen to them, and what follows: the words of the failover reducer.

export interface FailoverPolicy {
  /** In-place retries of one source that had delivered, within the window, before it gives way. */
  readonly retries: number;
  readonly windowMs: number;
  /** First rest of a source that gave way; grows by cause and repetition. */
  readonly cooldownMs: number;
  /** Between the end of one source and the start of another. */
  readonly pauseMs: number;
  /** How long a better source must have been good before the stream goes back to it; undefined: never by itself. */
  readonly failBackAfterMs: number | undefined;
  /** A run this long, delivering, forgets earlier failures. */
  readonly stableAfterMs: number;
  /** While every source rests, the next one in turn is tried after this at the latest: a refusal by one says nothing about the others. */
  readonly longestPauseMs: number;
}

/** Times are milliseconds of a clock that never jumps; null: never. */
export interface SourceHealth {
  /** What it is known by when the list changes: its address as shown, without secrets. */
  readonly key: string;
  /** Since its last stable run. */
  readonly failures: number;
  /** Times of its failures within the window. */
  readonly recent: readonly number[];
  readonly cause: string | null;
  readonly message: string | null;
  readonly failedAt: number | null;
  /** Last seen good: it delivered, or a probe read it. */
  readonly goodAt: number | null;
  readonly triedAt: number | null;
  /** The circuit is open until then: others come first. */
  readonly restUntil: number | null;
  /** Must not be asked at all before. */
  readonly barredUntil: number | null;
  /** Rests in a row, without a stable run between. */
  readonly rests: number;
  /** When its address was last resolved anew because of a refusal. */
  readonly renewedAt: number | null;
}

/** Looks at sources that are better than the one on the air; forgotten with each start. */
export interface Probing {
  readonly source: number;
  readonly nextAt: number;
  readonly pending: boolean;
  readonly good: number;
  readonly goodSince: number | null;
  readonly bad: number;
  /** The last look had to be left out: no free connection at its provider. */
  readonly withoutSlot: boolean;
}

/** One job. Everything that is judged of a run lives here, so that a switch cannot carry it over (Dispatcharr #1671). */
export interface Run {
  readonly source: number;
  readonly startedAt: number;
  readonly deliveringSince: number | null;
}

export interface FailoverState {
  readonly sources: readonly SourceHealth[];
  readonly run: Run | null;
  /** What is started next; `fixed`: whatever else may be due by then. */
  readonly next: { readonly source: number; readonly fixed: boolean };
  /** Chosen by hand: comes before all others until it is given back. */
  readonly forced: number | null;
  /** A source that had delivered was left; told as a switch once another one delivers (m3u-editor #1180). */
  readonly leaving: { readonly source: number; readonly cause: string; readonly since: number } | null;
  readonly probing: readonly Probing[];
  /** The last return to a better source, while it may still turn out to be a mistake. */
  readonly returned: { readonly source: number; readonly at: number } | null;
  /** Returns that did not last, in a row: each doubles the time a source must be good. */
  readonly holds: number;
}

export type FailoverEvent =
  /** Ordered to run: a person wants it now, from the best source. */
  | { readonly type: 'ordered' }
  | { readonly type: 'sources'; readonly keys: readonly string[] }
  /** A job is about to be made: which source? */
  | { readonly type: 'starting' }
  | { readonly type: 'started'; readonly source: number; readonly delivering: boolean }
  /** First new segment of the run. */
  | { readonly type: 'delivering' }
  | {
      readonly type: 'failed';
      readonly cause: string;
      readonly message: string;
      /** Ended before a process existed. */
      readonly neverStarted: boolean;
      /** Its address can be resolved anew. */
      readonly renewable: boolean;
      readonly retryAfterMs?: number;
    }
  /** No free connection at the provider of what should start. `open`: sources whose provider has one. */
  | { readonly type: 'blocked'; readonly open: readonly boolean[]; readonly freeInMs: number | null }
  /** A time named by `nextWake` has come. */
  | { readonly type: 'wake'; readonly open: readonly boolean[] }
  | {
      readonly type: 'probed';
      readonly source: number;
      readonly cause: string | null;
      readonly message: string;
      readonly retryAfterMs?: number;
    }
  | { readonly type: 'force'; readonly source: number | null };

export type FailoverEffect =
  /** delayMs null: the job's own back-off decides, but no longer than withinMs. */
  | {
      readonly type: 'try';
      readonly source: number;
      readonly delayMs: number | null;
      readonly withinMs: number | null;
      readonly why: string;
    }
  /** Replace the living job by one of this source, or start it now. */
  | { readonly type: 'switch'; readonly source: number; readonly why: string }
  /** Wait in the provider's queue. */
  | { readonly type: 'wait'; readonly source: number }
  | { readonly type: 'renew'; readonly source: number }
  | { readonly type: 'probe'; readonly source: number }
  | { readonly type: 'switched'; readonly from: number; readonly to: number; readonly cause: string; readonly afterMs: number };

export interface FailoverStep {
  readonly state: FailoverState;
  readonly effects: readonly FailoverEffect[];
}

export function freshHealth(key: string): SourceHealth {
  return {
    key,
    failures: 0,
    recent: [],
    cause: null,
    message: null,
    failedAt: null,
    goodAt: null,
    triedAt: null,
    restUntil: null,
    barredUntil: null,
    rests: 0,
    renewedAt: null,
  };
}

export function initialFailover(keys: readonly string[]): FailoverState {
  return {
    sources: keys.map(freshHealth),
    run: null,
    next: { source: 0, fixed: false },
    forced: null,
    leaving: null,
    probing: [],
    returned: null,
    holds: 0,
  };
}
