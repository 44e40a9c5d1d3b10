// What the CLI and the supervisor say to each other: HTTP with JSON over a unix socket.

import type { Diagnostic } from '../core/errors.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { Runtime } from '../core/config.ts';
import type { FailoverReport, ProbeReport } from '../core/failover.ts';
import type { ListDiff } from '../core/list-diff.ts';
import type { StatusDocument } from '../core/status.ts';

/** Raised when an older client could misread an answer; additions do not raise it. */
export const controlProtocol = 1;

/** GET /v1/hello */
export interface Hello {
  readonly name: 'iptv';
  readonly protocol: number;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly runtime: Runtime;
  readonly configPath: string;
  readonly stateDirectory: string;
  /** The shell that starts the supervisor again when it dies; absent where somebody else does (systemd, a person). */
  readonly keeper?: { readonly pid: number; readonly alive: boolean };
}

/** POST /v1/order. Exactly one of ids, all, tags. */
export interface OrderRequest {
  readonly action: 'start' | 'stop' | 'restart';
  readonly ids?: readonly string[];
  /** start: every enabled stream. stop, restart: every stream ordered to run. */
  readonly all?: boolean;
  readonly tags?: readonly string[];
  /** restart: false stops and starts, also where a second connection could carry the channel meanwhile. */
  readonly seamless?: boolean;
  /** start, restart: false takes the list in force, whatever the file says by now. A batch has read it at its beginning. */
  readonly reload?: boolean;
}

export interface OrderResult {
  /** The streams the order was given to, in the order of the list. */
  readonly ids: readonly string[];
  /** Remarks for the user, such as "sport was already running". */
  readonly notes: readonly string[];
}

/** POST /v1/shutdown. `keep` leaves jobs and nginx running for the next supervisor. */
export interface ShutdownRequest {
  readonly jobs: 'stop' | 'keep';
}

/** POST /v1/failover. `source` counts from 0; null gives the choice back. GET /v1/failover?id= only reports. */
export interface ForceRequest {
  readonly id: string;
  readonly source: number | null;
}

/** POST /v1/probe: one look at a source, within its provider's limit. */
export interface ProbeRequest {
  readonly id: string;
  readonly source: number;
}

/** Body of every answer with a status of 400 or more. */
export interface ErrorBody {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly next?: string;
  readonly diagnostics?: readonly Diagnostic[];
}

/** The client's face; every call throws AppError (the supervisor's own, or `not-running` with exit code 3). */
export interface ControlClient {
  readonly hello: Hello;
  status(ids?: readonly string[]): Promise<StatusDocument>;
  order(request: OrderRequest): Promise<OrderResult>;
  /** Re-reads streams.yaml and takes it over; answers what that changes for what runs. Invalid: AppError with diagnostics, nothing changed. */
  reload(): Promise<ListDiff>;
  /** GET /v1/diff: what the file as it is now would change; changes nothing. Invalid: AppError with diagnostics. */
  diff(): Promise<ListDiff>;
  /** POST /v1/applied: these streams are now as the list says. */
  markApplied(ids: readonly string[]): Promise<void>;
  /** POST /v1/rollback: back to the definition that last played, and a restart with it; false when none is known. */
  rollback(id: string): Promise<boolean>;
  shutdown(request: ShutdownRequest): Promise<void>;
  failover(id: string): Promise<FailoverReport>;
  force(request: ForceRequest): Promise<FailoverReport>;
  probe(request: ProbeRequest): Promise<ProbeReport>;
}
