// A folder of log files in memory that rotate as real ones do: each file keeps its inode under a new name.

import type { FilesPort } from '../../src/core/ports.ts';

export interface LogFolder {
  readonly files: FilesPort;
  append(path: string, text: string): void;
  appendBytes(path: string, bytes: Uint8Array): void;
  /** `<path>.1` becomes `<path>.2` and so on; afterwards nobody has the name. */
  rotate(path: string): void;
  truncate(path: string): void;
}

export function createLogFolder(): LogFolder {
  const files = new Map<string, { readonly inode: number; bytes: Uint8Array }>();
  let inodes = 100;
  const absent = (): never => {
    throw new Error('a log reader only reads');
  };

  function appendBytes(path: string, bytes: Uint8Array): void {
    const file = files.get(path) ?? { inode: (inodes += 1), bytes: new Uint8Array() };
    const joined = new Uint8Array(file.bytes.length + bytes.length);
    joined.set(file.bytes);
    joined.set(bytes, file.bytes.length);
    file.bytes = joined;
    files.set(path, file);
  }

  return {
    append: (path, text) => appendBytes(path, new TextEncoder().encode(text)),
    appendBytes,
    rotate(path) {
      let last = 0;
      while (files.has(`${path}.${last + 1}`)) last += 1;
      for (let copy = last; copy >= 1; copy -= 1) move(`${path}.${copy}`, `${path}.${copy + 1}`);
      move(path, `${path}.1`);
    },
    truncate(path) {
      const file = files.get(path);
      if (file !== undefined) file.bytes = new Uint8Array();
    },
    files: {
      readText: async (path) => new TextDecoder().decode(files.get(path)?.bytes),
      async stat(path) {
        const file = files.get(path);
        return file === undefined
          ? undefined
          : { inode: file.inode, size: file.bytes.length, mtimeMs: 0, mode: 0o644, uid: 0, gid: 0, isDirectory: false };
      },
      readFrom: async (path, offset, limit) => files.get(path)?.bytes.slice(offset, offset + limit) ?? new Uint8Array(),
      list: async () => [...files.keys()],
      makeDirectory: absent,
      setMode: absent,
      setOwner: absent,
      writeAtomic: absent,
      replace: absent,
      copy: absent,
      touch: absent,
      remove: absent,
      diskSpace: absent,
      truncate: absent,
    },
  };

  function move(from: string, to: string): void {
    const file = files.get(from);
    if (file === undefined) return;
    files.delete(from);
    files.set(to, file);
  }
}
