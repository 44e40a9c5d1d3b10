// What every stream under supervision shares: ports, places, stores and a few questions about the rest of the house.

import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { EventSink } from '../core/events.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { Ports } from '../core/ports.ts';
import type { SlateClip } from '../core/slate.ts';
import type { StatePaths } from '../core/state-paths.ts';
import type { ChannelReserve } from '../playlist/channel/channel-text.ts';
import type { SegmentCheck } from './segment-check.ts';
import type { SourceServices } from './source-services.ts';
import type { JsonStore } from './stores.ts';

export interface Surroundings {
  readonly ports: Ports;
  readonly paths: StatePaths;
  readonly endpoints: Endpoints;
  readonly stores: {
    readonly facts: JsonStore<SourceFacts>;
    readonly sequences: JsonStore<number>;
    readonly channels: JsonStore<ChannelReserve>;
  };
  readonly sources: SourceServices;
  /** undefined until known, and while no ffmpeg is installed. */
  readonly ffmpeg: () => FfmpegFacts | undefined;
  /** Resolves once ffmpeg was asked what it can do; looks for it again when it was not found before. */
  readonly ffmpegReady: () => Promise<void>;
  readonly secrets: () => readonly string[];
  readonly events: EventSink;
  /** nginx's segment length in seconds. */
  readonly segmentSeconds: () => number;
  /** Monotonic time since when nginx answers without a break; undefined while it does not. */
  readonly originAnswersSince: () => number | undefined;
  /** A viewer's request for one of the stream's playlists is answered with segments. */
  readonly isServed: (id: string) => Promise<boolean>;
  /** Decodes a segment; without it nothing is held back. */
  readonly checkSegment?: SegmentCheck;
  /** Names of segments that are being deleted because space is short. */
  readonly going?: ReadonlySet<string>;
  /** What a stream's channel shows while no leg moves; undefined: nothing (switched off, or not made yet). */
  readonly slate: (id: string) => SlateClip | undefined;
  /** Makes the HLS folder again when it was deleted, open to both writers. */
  readonly ensureHlsDirectory: () => Promise<void>;
  /** A job runs that we do not know: find it by its marks and adopt it. */
  readonly adoptStray: (id: string) => Promise<void>;
  /** Goes over to another source without a gap where that is possible: `Bridges.switchOver`. */
  readonly switchOver?: (id: string, to: number, act: (isCarried: boolean) => boolean) => boolean;
}
