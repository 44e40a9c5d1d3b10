// A file system in memory, with time stamps from a clock and faults on demand.

import type { ClockPort, FilesPort, FileStat } from '../../src/core/ports.ts';

export interface MemoryFiles extends FilesPort {
  readonly texts: Map<string, string>;
  put(path: string, text: string, mtimeMs?: number): void;
  /** Every write fails with this while set, as on a full disk. */
  writeError: Error | undefined;
}

export function createMemoryFiles(clock: Pick<ClockPort, 'now'>): MemoryFiles {
  const texts = new Map<string, string>();
  const times = new Map<string, number>();
  const encoder = new TextEncoder();
  let inode = 0;

  const files: MemoryFiles = {
    texts,
    writeError: undefined,
    put(path, text, mtimeMs = clock.now()) {
      texts.set(path, text);
      times.set(path, mtimeMs);
    },
    readText: async (path) => texts.get(path),
    async stat(path): Promise<FileStat | undefined> {
      const text = texts.get(path);
      if (text === undefined) return undefined;
      inode += 1;
      return {
        size: encoder.encode(text).length,
        mtimeMs: times.get(path) ?? 0,
        mode: 0o644,
        uid: 0,
        gid: 0,
        isDirectory: false,
        inode,
      } as FileStat;
    },
    list: async (path) => [...texts.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1)),
    makeDirectory: async () => undefined,
    setMode: async () => undefined,
    setOwner: async () => undefined,
    async writeAtomic(path, text) {
      if (files.writeError !== undefined) throw files.writeError;
      files.put(path, text);
    },
    async replace(path, text) {
      if (files.writeError !== undefined) throw files.writeError;
      files.put(path, text);
    },
    async copy(from, to) {
      if (files.writeError !== undefined) throw files.writeError;
      const text = texts.get(from);
      if (text === undefined) throw new Error(`no ${from}`);
      files.put(to, text);
    },
    async touch(path) {
      const text = texts.get(path);
      if (text !== undefined) files.put(path, text);
    },
    remove: async (path) => texts.delete(path),
    diskSpace: async () => ({ freeBytes: 1e9, totalBytes: 2e9, freeInodes: 1e6, totalInodes: 2e6 }),
    readFrom: async (path, offset, limit) => encoder.encode(texts.get(path) ?? '').slice(offset, offset + limit),
    truncate: async (path) => void (texts.has(path) && files.put(path, '')),
  };
  return files;
}
