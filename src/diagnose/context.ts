// What checks may look at.

import type { Config, Runtime } from '../core/config.ts';
import type { FfmpegFacts } from '../core/facts.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { Ports } from '../core/ports.ts';

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

/** In Docker the images bring ffmpeg and nginx, and Compose binds the ports: the host has nothing of the kind to check. */
export function onDockerHost(context: CheckContext): boolean {
  return context.runtime === 'docker' && context.inside !== true;
}

/** `sudo ` where the command needs it. */
export function asRoot(context: CheckContext, command: string): string {
  return context.isRoot ? command : `sudo ${command}`;
}
