// The four doors to the outside world. `platform/` opens them; tests build them from fakes.

export interface Ports {
  readonly process: ProcessPort;
  readonly files: FilesPort;
  readonly clock: ClockPort;
  readonly net: NetPort;
}

export interface RunOptions {
  /** Milliseconds; the program is killed after it (SIGKILL follows SIGTERM). */
  readonly timeoutMs: number;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** `bare`: PATH, HOME and TZ are all it gets to see of our environment. Default: also proxies and sockets. */
  readonly inherit?: 'bare';
  /** A program that prints more is ended. Default 16 Mi. */
  readonly maxOutputCharacters?: number;
}

export interface RunResult {
  /** undefined when the program could not be started or died by a signal. */
  readonly exitCode: number | undefined;
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** The program itself was not found (ENOENT). */
  readonly missing: boolean;
}

/** A long-running program whose output goes to append-mode files, so it outlives us. */
export interface DaemonSpec {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** stdout and stderr are appended here. */
  readonly stderrPath: string;
  /** Opened append-mode as file descriptor 3 when given. */
  readonly fd3Path?: string;
  /** The same from file descriptor 4 on; with `fd3Path` only. */
  readonly morePaths?: readonly string[];
}

export interface ExitInfo {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

export interface Daemon {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat (proc(5)): clock ticks since boot; with the pid it names a process for good. */
  readonly startTime: string;
  readonly exited: Promise<ExitInfo>;
}

export interface ProcessInfo {
  readonly pid: number;
  readonly startTime: string;
  /** One letter of proc(5): R, S, D, Z, T ... */
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
}

/** What a process that stands still is doing; from proc(5), so it costs the process nothing. */
export interface ProcessVitals {
  /** The states of all its threads, such as `S` or `SD`; `T` is stopped, `D` waits for a disk. */
  readonly states: string;
  /** CPU time so far, of all threads, milliseconds; in steps of 10. */
  readonly cpuMs: number;
  /** Bytes that arrived and were not read yet, over all its network sockets but those of `exceptPort`; undefined when it cannot be told. */
  readonly unreadBytes: number | undefined;
}

/** A process that carries one of our environment marks. */
export interface MarkedProcess extends ProcessInfo {
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessPort {
  readonly pid: number;
  /** Runs a program to its end and captures what it prints. Never throws for exit codes. */
  run(file: string, argv: readonly string[], options: RunOptions): Promise<RunResult>;
  /** Starts a program in its own process group; throws AppError `unavailable` when it cannot be started. */
  startDaemon(spec: DaemonSpec): Promise<Daemon>;
  /** Signals the whole group, only if pid and start time still name the same process. */
  signalGroup(pid: number, startTime: string, signal: NodeJS.Signals): boolean;
  /** Signals one process, under the same condition. */
  signal(pid: number, startTime: string, signal: NodeJS.Signals): boolean;
  inspect(pid: number): ProcessInfo | undefined;
  /** undefined when it is gone. `exceptPort`: the remote port of connections that only carry output. */
  vitals(pid: number, exceptPort: number | undefined): ProcessVitals | undefined;
  /** What it costs; undefined when it is gone. */
  usage(pid: number): { readonly cpuSeconds: number; readonly residentBytes: number } | undefined;
  /** The living members of a process group, whose leader may be gone. */
  groupMembers(groupId: number): readonly ProcessInfo[];
  /** Every process whose environment holds `name=value`, with the variables that start with IPTV_. */
  findMarked(name: string, value: string): readonly MarkedProcess[];
}

export interface FileStat {
  /** Tells a rotated file from the new one of the same name. */
  readonly inode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly isDirectory: boolean;
}

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly freeInodes: number;
  readonly totalInodes: number;
}

export interface FilesPort {
  /** undefined when it does not exist. */
  readText(path: string): Promise<string | undefined>;
  stat(path: string): Promise<FileStat | undefined>;
  /** Names in a folder; empty when it does not exist. */
  list(path: string): Promise<readonly string[]>;
  makeDirectory(path: string, mode?: number): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  setOwner(path: string, uid: number, gid: number): Promise<void>;
  /** Temp file in the same folder, fsync, rename: a reader sees the old or the new text, never half. */
  writeAtomic(path: string, text: string, mode?: number): Promise<void>;
  /**
   * Temp file in the same folder (`.<name>.tmp`, one writer) and rename, without fsync: for what is written often and may be lost
   * with the machine.
   */
  replace(path: string, text: string): Promise<void>;
  /** Temp file in the target's folder (`.<name>.tmp`) and rename, readable for all: a reader sees the whole copy or none. */
  copy(from: string, to: string): Promise<void>;
  /** Sets its time of last change to now; nothing when it is gone. Works on a full disk, too. */
  touch(path: string): Promise<void>;
  /** Removes a file; true when it was there. */
  remove(path: string): Promise<boolean>;
  diskSpace(path: string): Promise<DiskSpace>;
  /** Reads bytes from `offset` to the end, at most `limit`. */
  readFrom(path: string, offset: number, limit: number): Promise<Uint8Array>;
  truncate(path: string): Promise<void>;
}

export type CancelTimer = () => void;

export interface ClockPort {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never jump; only differences mean something. */
  monotonic(): number;
  /** Calls back once after `delayMs`. */
  after(delayMs: number, callback: () => void): CancelTimer;
  /** Uniform in [0, 1). */
  random(): number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; one that was sent twice has its values joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface GetOptions {
  /** Of the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** GET when not given. */
  readonly method?: 'GET' | 'HEAD' | 'OPTIONS';
  /** How bytes become text: `latin1` keeps each byte as one character. utf8 when not given. */
  readonly encoding?: 'utf8' | 'latin1';
}

export interface NetPort {
  /** undefined when nothing answered within the time. Body cut at 4 MiB. Redirects are answers, not followed. */
  get(url: string, options: GetOptions): Promise<HttpAnswer | undefined>;
  /** The same for a POST; redirects are not followed. */
  post(
    url: string,
    options: { timeoutMs: number; headers: Readonly<Record<string, string>>; body: string },
  ): Promise<HttpAnswer | undefined>;
  /** True when a TCP listener accepts at host:port. */
  canConnect(host: string, port: number, timeoutMs: number): Promise<boolean>;
  /** Who listens on a TCP port of this machine, from /proc; undefined when nobody does. */
  portHolder(port: number): Promise<PortHolder | undefined>;
}

export interface PortHolder {
  readonly port: number;
  /** Unknown when the process belongs to another user. */
  readonly pid?: number;
  readonly command?: string;
}
