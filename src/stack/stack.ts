// The two runtimes behind one face: commands never ask which one they are in, except through this.

import type { Runtime } from '../core/config.ts';
import type { ControlClient } from '../control/protocol.ts';

/** Told while something long goes on: a spinner on a terminal, a line elsewhere. */
export type Progress = (text: string) => void;

export interface LogFile {
  /** `backend` is the supervisor, `nginx-rtmp` the origin, anything else a stream id. */
  readonly name: string;
  /** Absolute path; rotated copies are `<path>.1`, `<path>.2` ... */
  readonly path: string;
}

export interface Stack {
  readonly runtime: Runtime;
  /** Brings nginx and the supervisor up and waits until both answer; harmless when they are. */
  up(progress: Progress): Promise<void>;
  /** Stops jobs, nginx and the supervisor (orders on disk stay). False when nothing ran. */
  down(progress: Progress): Promise<boolean>;
  /** The running supervisor, or undefined. Never starts one. Throws on a supervisor of another version. */
  connect(): Promise<ControlClient | undefined>;
  /** The running supervisor, started when there is none. */
  ensure(progress: Progress): Promise<ControlClient>;
  /** Log files this process can read itself. */
  logFiles(): Promise<readonly LogFile[]>;
  /**
   * Docker on the host only: runs `iptv <argv>` inside the backend container with this process's
   * standard streams, and returns its exit code. Commands that need the supervisor are carried so; `terminal` also hands on the keyboard.
   */
  readonly carry?: (argv: readonly string[], how?: 'plain' | 'terminal') => Promise<number>;
  /** Docker on the host only: a Compose service's own log (`nginx-rtmp`), same contract as `carry`. */
  readonly carryServiceLog?: (service: string, options: { follow: boolean; lines: number; since?: string }) => Promise<number>;
}
