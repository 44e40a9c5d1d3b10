// What `iptv failover` shows of one stream's sources; the answer of the control socket. Additive only.

import type { SourceKind } from './config.ts';
import type { SourceFacts } from './facts.ts';
import type { Order, ProviderStatus, StreamState } from './status.ts';

/**
 * `on-air`: its job delivers. `starting`: its job runs, without a segment yet. `ready`: may be started at any time.
 * `resting`: it failed, others come first. `barred`: it asked to be left alone (429).
 */
export type SourceCondition = 'on-air' | 'starting' | 'ready' | 'resting' | 'barred';

export interface SourceReport {
  /** Counts from 0, as in the status. */
  readonly index: number;
  readonly kind: SourceKind;
  /** Without secrets. */
  readonly url: string;
  readonly provider: string | null;
  readonly condition: SourceCondition;
  /** Seconds until its rest is over; null when it does not rest. */
  readonly restSeconds: number | null;
  /** Since its last stable run. */
  readonly failures: number;
  /** RFC 3339. */
  readonly lastGoodAt: string | null;
  readonly lastFailure: { readonly cause: string; readonly message: string; readonly at: string } | null;
  /** How the way back to it stands, while a worse one plays. */
  readonly failBack: {
    readonly goodSeconds: number;
    readonly neededSeconds: number;
    readonly nextProbeSeconds: number;
    /** No probe is made: its provider has no free connection. */
    readonly withoutConnection: boolean;
  } | null;
  /** For an address that is resolved at the start. */
  readonly resolved: { readonly at: string; readonly expiresAt: string | null } | null;
}

export interface FailoverReport {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly order: Order;
  readonly state: StreamState;
  /** Index of the source of the present job, or of the next one. */
  readonly source: number;
  /** The source that was chosen by hand; null: automatic. */
  readonly forced: number | null;
  /** The provider whose connection the stream waits for. */
  readonly waitsFor: string | null;
  readonly sources: readonly SourceReport[];
  /** Those of this stream's sources. */
  readonly providers: readonly ProviderStatus[];
  /** The last events that decisions were made of, oldest first, as lines for `--dry-run`. */
  readonly record: readonly string[];
}

/** What a look at a source found. */
export interface ProbeReport {
  readonly index: number;
  readonly result: 'good' | 'bad' | 'on-air' | 'no-connection';
  readonly cause: string | null;
  readonly message: string;
  readonly video: string | null;
  readonly audio: string | null;
  /** All that was learned of its codecs. */
  readonly facts: SourceFacts | null;
}
