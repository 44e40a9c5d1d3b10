// What checks may look at.

import type { Config, Runtime } from '../core/config.ts';
import type { AppError } from '../core/errors.ts';
import type { ProbeReport } from '../core/failover.ts';
import type { FfmpegFacts } from '../core/facts.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { Ports } from '../core/ports.ts';
import type { StatePaths } from '../core/state-paths.ts';
import type { StatusDocument } from '../core/status.ts';
import type { Places } from './place.ts';

/** Absolute paths of what is installed. */
export interface FoundTools {
  readonly ffmpeg: string | undefined;
  readonly ffprobe: string | undefined;
  readonly nginx: string | undefined;
  readonly rtmpModule: string | undefined;
}

export interface CheckContext {
  readonly ports: Ports;
  readonly config: Config;
  readonly runtime: Runtime;
  /** Inside the backend container, where nginx and the published ports are somebody else's. */
  readonly inside?: boolean;
  readonly endpoints: Endpoints;
  readonly tools?: FoundTools;
  /** Master process of the nginx that this iptv started before. */
  readonly ourNginxPid?: number;
  readonly isRoot: boolean;
  /** A folder for files that live as long as a check, such as the state folder; made when missing. */
  readonly scratchDirectory: string;
  /** A remembered answer, where there is one; else ffmpeg is asked. */
  readonly readFfmpegFacts?: (ffmpegPath: string) => Promise<FfmpegFacts | undefined>;
}

/** How the supervisor answered, when it was asked for its status. */
export type SupervisorAnswer =
  | { readonly state: 'answers'; readonly document: StatusDocument }
  /** Nobody listens: no socket, a dead one, no container. */
  | { readonly state: 'absent'; readonly why: string }
  /** It holds its socket and says nothing. */
  | { readonly state: 'silent'; readonly why: string }
  /** It answers, and cannot be talked to: another version, another user's. */
  | { readonly state: 'refused'; readonly error: AppError };

/** What `--fix` may do with the running stack; each throws AppError when it cannot. */
export interface StackActions {
  /** `iptv restart <id>`. */
  restartStream(id: string): Promise<void>;
  /** Ends nginx so that it is started afresh with a newly written configuration; never a reload, which hides publishers. */
  restartOrigin(): Promise<void>;
  /** Starts a supervisor in the place of one that is gone or hangs; jobs play on and are adopted. */
  replaceSupervisor(): Promise<void>;
}

/** What `iptv doctor` knows beyond what `iptv up` asks before a start. */
export interface DoctorContext extends CheckContext {
  /** Of this iptv. */
  readonly version: string;
  /** On a Docker host: of no use, the supervisor's state is in a volume. */
  readonly paths: StatePaths;
  /** Both HLS writers' places. */
  readonly places: Places;
  /** The Compose project; undefined where Docker is not the runtime, and inside a container. */
  readonly project: string | undefined;
  /** Ids of the running or stopped containers, on a Docker host only. */
  readonly containers: { readonly backend: string | undefined; readonly origin: string | undefined };
  /** Where this doctor reaches nginx, without a trailing slash: `http://127.0.0.1:8088`, inside `http://nginx-rtmp:8000`. */
  readonly originUrl: string;
  /** Checks that the user named; empty: all of them. A named check looks at everything, also where that takes long. */
  readonly asked: ReadonlySet<string>;
  /** Of all streams only this one is looked at; undefined: each. */
  readonly onlyStream?: string | undefined;
  /** The list cannot be used; `config` then has the defaults and no streams. */
  readonly listProblem: AppError | undefined;
  readonly askStatus: () => Promise<SupervisorAnswer>;
  /** The supervisor's own look at a source (counted from 0), within the provider's limit; undefined when it cannot be asked. */
  readonly lookAtSource?: (streamId: string, source: number) => Promise<ProbeReport | undefined>;
  readonly actions: StackActions;
}

/** In Docker the images bring ffmpeg and nginx, and Compose binds the ports: the host has nothing of the kind to check. */
export function onDockerHost(context: CheckContext): boolean {
  return context.runtime === 'docker' && context.inside !== true;
}

/** `sudo ` where the command needs it. */
export function asRoot(context: CheckContext, command: string): string {
  return context.isRoot ? command : `sudo ${command}`;
}

/** Of all streams, or of the one that was asked for. */
export function isLookedAt({ onlyStream }: Pick<DoctorContext, 'onlyStream'>, id: string): boolean {
  return onlyStream === undefined || id === onlyStream;
}
