// A place a check can look into: this host, or one of the two containers.

import type { RunResult } from '../core/ports.ts';

export interface Place {
  /** As people call it: `this host`, `backend`, `nginx-rtmp`. */
  readonly name: string;
  /** Why nothing can be looked at there; undefined: it can. */
  readonly unreachable: string | undefined;
  /** Runs a program there; never throws for how it ends. An unreachable place answers `missing`. */
  run(argv: Argv, options?: PlaceRunOptions): Promise<RunResult>;
  /** undefined when it is not there or may not be read. */
  readText(path: string): Promise<string | undefined>;
  /** The folder itself and what is in it, in one look; undefined when it is not there or may not be entered. */
  folder(path: string): Promise<FolderListing | undefined>;
  /** The same place as the user nginx's worker is, where that is another one than a visitor's. */
  readonly asWorker?: Place;
  /** The command a person would type to run this there. */
  describe(argv: Argv): string;
}

/** Program and arguments; no shell reads them. */
export type Argv = readonly [string, ...string[]];

export interface PlaceRunOptions {
  /** Milliseconds. For what may take its time or wait: without it, what is asked at once may share one run, of 10 000 in all. */
  readonly timeoutMs?: number;
  readonly input?: string;
}

export interface PlaceEntry {
  readonly name: string;
  /** One letter of find(1)'s %y: f, d, l ... */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly device: number;
  readonly inode: number;
}

export interface FolderListing {
  /** The folder itself. */
  readonly self: PlaceEntry;
  readonly entries: readonly PlaceEntry[];
}

/**
 * Where the two HLS writers live. local: both are this host, and `origin` acts as nginx's worker where that is another user.
 * docker: the two containers. Inside the backend container `backend` is where we are and `origin` cannot be reached.
 */
export interface Places {
  readonly backend: Place;
  readonly origin: Place;
}

/** Generous: on a machine that is busy, late is not broken. */
export const placeTimeoutMs = 10_000;

/** A word as it can be typed into a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export function shellWords(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}

const fields = String.raw`%P\t%y\t%s\t%T@\t%m\t%U\t%G\t%D\t%i\0`;

/** One program for the whole folder: a stat(2) a file would be a `docker exec` a file. */
export function listingArgv(path: string): Argv {
  return ['find', path, '-mindepth', '0', '-maxdepth', '1', '-printf', fields];
}

/** Reads what `listingArgv` prints; undefined when there is no folder. A file that vanished meanwhile is just absent. */
export function parseListing(text: string): FolderListing | undefined {
  let self: PlaceEntry | undefined;
  const entries: PlaceEntry[] = [];
  for (const record of text.split('\0')) {
    const parts = record.split('\t');
    // A tab in a name: the numbers are the last eight.
    const [type, size, mtime, mode, uid, gid, device, inode] = parts.slice(-8);
    if (parts.length < 9 || type === undefined) continue;
    const entry: PlaceEntry = {
      name: parts.slice(0, -8).join('\t'),
      type,
      size: Number(size),
      mtimeMs: Number(mtime) * 1000,
      mode: Number.parseInt(mode ?? '0', 8),
      uid: Number(uid),
      gid: Number(gid),
      device: Number(device),
      inode: Number(inode),
    };
    if (entry.name === '') self = entry;
    else entries.push(entry);
  }
  return self?.type === 'd' ? { self, entries } : undefined;
}
