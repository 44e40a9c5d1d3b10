// The files port: plain reads, atomic writes, disk space.

import { closeSync, fchmodSync, fstatSync, openSync, readFileSync, readSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { chmod, chown, copyFile, open, readdir, rename, rm, stat, statfs, truncate, unlink, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import type { DiskSpace, FileStat, FilesPort } from '../core/ports.ts';
import { fileError, isAbsent } from './os-errors.ts';

export function createFilesPort(): FilesPort {
  return {
    readText: (path) => orWhenAbsent(async () => readFileSync(path, 'utf8'), undefined, `read ${path}`),
    stat: (path) => orWhenAbsent(async () => readStat(path), undefined, `read ${path}`),
    list: (path) => orWhenAbsent<readonly string[]>(() => readdir(path), [], `list ${path}`),
    makeDirectory: (path, mode) => explained(makeDirectory(path, mode), `make the folder ${path}`),
    setMode: (path, mode) => explained(chmod(path, mode), `change the mode of ${path}`),
    setOwner: (path, uid, gid) => explained(chown(path, uid, gid), `change the owner of ${path}`),
    writeAtomic: (path, text, mode = 0o644) => explained(writeAtomic(path, text, mode), `write ${path}`),
    replace: (path, text) =>
      explained(
        inPromise(() => replace(path, text)),
        `write ${path}`,
      ),
    copy: (from, to) => explained(copyAtomic(from, to), `copy ${from} to ${to}`),
    touch: (path) => orWhenAbsent(() => utimes(path, new Date(), new Date()), undefined, `touch ${path}`),
    remove: (path) => orWhenAbsent(() => unlink(path).then(() => true), false, `remove ${path}`),
    diskSpace: (path) => explained(readDiskSpace(path), `read the free space of ${path}`),
    readFrom: (path, offset, limit) => orWhenAbsent(async () => readFrom(path, offset, limit), new Uint8Array(), `read ${path}`),
    truncate: (path) => orWhenAbsent(() => truncate(path, 0), undefined, `truncate ${path}`),
  };
}

/**
 * Looks and small reads are synchronous: they take microseconds, while a promise costs ten times that in this thread and as
 * much again in libuv's, and the supervisor does several of them a second for every channel. Listings, deletions and what is synced are not.
 */
function readStat(path: string): FileStat | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return {
    inode: found.ino,
    size: found.size,
    mtimeMs: found.mtimeMs,
    mode: found.mode & 0o7777,
    uid: found.uid,
    gid: found.gid,
    isDirectory: found.isDirectory(),
  };
}

/**
 * fs-extra is loaded only when there is something to make: folders nearly always exist already, and loading costs more than looking.
 * The mode is set again afterwards because mkdir(2) subtracts the umask; a folder that exists keeps its own.
 */
async function makeDirectory(path: string, mode: number | undefined): Promise<void> {
  const found = await orWhenAbsent(() => stat(path), undefined, `read ${path}`);
  if (found?.isDirectory() === true) return;
  const { ensureDir } = await import('fs-extra/esm');
  await ensureDir(path, mode);
  if (mode !== undefined) await chmod(path, mode);
}

/** The temp file sits in the same folder because rename(2) is atomic only within one file system. */
async function writeAtomic(path: string, text: string, mode: number): Promise<void> {
  const unique = `${process.pid}-${performance.now()}-${Math.random().toString(36).slice(2)}`;
  const temporary = join(dirname(path), `.${basename(path)}.${unique}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Synchronous as looks are, although it may wait for the disk: on ext4 a new file waits for the journal, and a rename over an old one
 * for the data (ext4(5), auto_da_alloc). Measured with three writers that called fsync at load 17: 2.6 ms at the median, 95 ms of a
 * hundred, 190 ms at most, against 1.7, 46 and 139 ms by promises, which cost half as much CPU again; every channel does it with each segment.
 */
function replace(path: string, text: string): void {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  const file = openSync(temporary, 'w');
  try {
    // The umask may hide it from nginx.
    fchmodSync(file, 0o644);
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

async function copyAtomic(from: string, to: string): Promise<void> {
  const temporary = join(dirname(to), `.${basename(to)}.tmp`);
  try {
    await copyFile(from, temporary);
    await chmod(temporary, 0o644);
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function readDiskSpace(path: string): Promise<DiskSpace> {
  const found = await statfs(path);
  return {
    // bavail and not bfree: the rest is kept for root.
    freeBytes: found.bavail * found.bsize,
    totalBytes: found.blocks * found.bsize,
    freeInodes: found.ffree,
    totalInodes: found.files,
  };
}

function readFrom(path: string, offset: number, limit: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.max(0, Math.min(limit, size - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, bytes.length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}

async function orWhenAbsent<T>(work: () => Promise<T>, absent: T, action: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isAbsent(error)) return absent;
    throw fileError(error, action);
  }
}

/** What it throws is a rejection. */
async function inPromise(work: () => void): Promise<void> {
  work();
}

async function explained<T>(work: Promise<T>, action: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fileError(error, action);
  }
}
