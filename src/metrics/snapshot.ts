// Everything that the metrics are made from, at one moment.

import type { StatusDocument } from '../core/status.ts';
import type { EventCounts } from './event-counts.ts';
import type { Audience } from './audience.ts';

/** What a stream's job costs and says; null: there is no job, or it cannot be told. */
export interface JobNumbers {
  /** Of this job, so far. */
  readonly cpuSeconds: number | null;
  readonly residentBytes: number | null;
  readonly droppedFrames: number | null;
  /** Lines about time stamps that jump back, since the supervisor came up. */
  readonly dtsErrors: number;
}

/** From nginx's /stat. */
export interface RtmpNumbers {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly isPublishing: boolean;
}

export interface SupervisorNumbers {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** How late timers were lately: the mean, and the worst since the last scrape; seconds. */
  readonly loopLagMeanSeconds: number;
  readonly loopLagMaxSeconds: number;
}

export interface MetricsSnapshot {
  readonly status: StatusDocument;
  readonly jobs: ReadonlyMap<string, JobNumbers>;
  /** By stream; empty while nginx does not answer. */
  readonly rtmp: ReadonlyMap<string, RtmpNumbers>;
  readonly counts: EventCounts;
  readonly audience: Audience;
  readonly supervisor: SupervisorNumbers;
  /** Of the file system of the HLS folder; null when it cannot be told. */
  readonly volume: { readonly freeBytes: number; readonly totalBytes: number } | null;
}
