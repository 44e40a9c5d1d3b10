// What a fault is: a stack, something terrible that is done to it, and what a viewer may notice at most.

import type { FaultyOrigin } from '../helpers/faulty-origin.ts';
import type { PlayerReport } from '../helpers/browser-player.ts';
import type { WatchReport } from '../helpers/playlist-watch.ts';
import type { Scene } from './scene.ts';

/** Beyond these a fault has failed; unset: 10 s of standing picture, nothing else. */
export interface Limits {
  readonly stallSeconds?: number;
  /** Longest time in which nothing answers: only where nginx itself was hit. */
  readonly unreachableSeconds?: number;
  /** The fault itself deleted segments that are listed: nobody can serve them. */
  readonly segmentsLost?: boolean;
  /** Nothing of the list is left, as after a boot: it begins anew, above its numbers. */
  readonly beginsAnew?: boolean;
  /** Nothing answers for so long that a player with the usual settings must give up: what was ordered so. */
  readonly mayReload?: boolean;
}

export interface Fault {
  /** Number in the list of faults, such as `15b`. */
  readonly id: string;
  readonly name: string;
  /** Sources of the stream `news`, best first. Default: one channel of the faulty origin. */
  readonly sources?: (origin: FaultyOrigin) => readonly string[];
  /** More lines of the stream `news`, indented by four. */
  readonly stream?: string;
  /** More streams, indented by two. */
  readonly more?: (origin: FaultyOrigin) => string;
  readonly env?: Readonly<Record<string, string>>;
  readonly fakeFfmpeg?: boolean;
  /** The HLS folder is a file system of its own: options of mount(8) for a tmpfs. Needs root. */
  readonly hlsMount?: string;
  /** Before streams.yaml is written and anything is started. */
  readonly prepare?: (scene: Scene) => Promise<void> | void;
  /** The stream does not play when the fault begins: there is no viewer until `inject` opens one with `scene.watch()`. */
  readonly cold?: boolean;
  /** Does it, undoes it, and throws where the house behaved wrongly. */
  readonly inject: (scene: Scene) => Promise<void>;
  readonly limits?: Limits;
  /** Seconds until the live picture must be back after `inject`; default 60. */
  readonly recoverySeconds?: number;
  /** Tells why it cannot run here. */
  readonly needs?: () => string | undefined;
}

export interface Outcome {
  readonly id: string;
  readonly name: string;
  readonly result: 'ok' | 'FAILED' | 'skipped';
  /** Why it failed or was skipped; empty otherwise. */
  readonly problems: readonly string[];
  /** What was measured on the side, in plain words. */
  readonly notes: readonly string[];
  readonly viewer?: ViewerFigures;
  readonly player?: PlayerReport;
  readonly watch?: WatchReport;
  readonly seconds: number;
}

/** What the one who watches noticed. */
export interface ViewerFigures {
  readonly longestStallSeconds: number;
  readonly reloads: number;
  readonly notFound: number;
  readonly sequenceBack: number;
  readonly jumps: number;
  readonly unreachableSeconds: number;
  readonly longestGapSeconds: number;
}

export const defaultStallSeconds = 10;
/** Polls are 200 ms apart, and a request that meets a dying nginx takes its time. */
export const defaultUnreachableSeconds = 1;
