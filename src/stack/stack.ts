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

/** A program that runs; what it prints must be read to its end. */
export interface ProgramOutput {
  readonly output: AsyncIterable<Uint8Array>;
  readonly ended: Promise<number>;
  end(): void;
}

export interface ServiceLogOptions {
  readonly follow: boolean;
  /** The newest so many lines; undefined: all. */
  readonly tail?: number;
  /** RFC 3339, both included. */
  readonly since?: string;
  readonly until?: string;
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
  /** Docker on the host only: the same, but what the command prints is read here. Throws `not-running`. */
  readonly carryOutput?: (argv: readonly string[]) => Promise<ProgramOutput>;
  /** Docker on the host only: what the container of a Compose service said, with timestamps; undefined when it has no container. */
  readonly serviceLog?: (service: string, options: ServiceLogOptions) => Promise<ProgramOutput | undefined>;
}
