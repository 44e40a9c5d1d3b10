// The files port on a real file system: atomic under readers, tolerant of absence, honest about refusals.

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createFilesPort } from '../../src/platform/files.ts';
import { createProcessPort } from '../../src/platform/process.ts';

const files = createFilesPort();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iptv-files-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('replace', () => {
  it('shows readers the old or the new text, whatever the umask, and leaves nothing beside it', async () => {
    const path = join(folder, 'index.m3u8');
    const umask = process.umask(0o077);
    try {
      await files.replace(path, 'one');
      await writeFile(join(folder, '.index.m3u8.tmp'), 'half of a');
      await files.replace(path, 'two');
    } finally {
      process.umask(umask);
    }
    expect(await readFile(path, 'utf8')).toBe('two');
    expect((await files.stat(path))?.mode).toBe(0o644);
    expect(await readdir(folder)).toEqual(['index.m3u8']);
    await expect(files.replace(join(folder, 'absent/index.m3u8'), 'x')).rejects.toMatchObject({ name: 'AppError' });
  });
});

describe('writeAtomic', () => {
  it('shows readers the old or the new text, never half', async () => {
    const path = join(folder, 'orders.json');
    const texts = ['a', 'b'].map((letter) => letter.repeat(300_000));
    await files.writeAtomic(path, texts[0] as string);
    let writing = true;
    const writer = (async () => {
      for (let round = 0; round < 60; round += 1) await files.writeAtomic(path, texts[round % 2] as string);
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      expect(texts.includes(await readFile(path, 'utf8'))).toBe(true);
      reads += 1;
    }
    await writer;
    expect(reads).toBeGreaterThan(5);
    expect(await readdir(folder)).toEqual(['orders.json']);
  });

  it('sets the mode whatever the umask, on new and on replaced files', async () => {
    const path = join(folder, 'x');
    const umask = process.umask(0o077);
    try {
      await files.writeAtomic(path, '1', 0o666);
      expect((await files.stat(path))?.mode).toBe(0o666);
      await files.writeAtomic(path, '2', 0o600);
      expect((await files.stat(path))?.mode).toBe(0o600);
    } finally {
      process.umask(umask);
    }
  });

  it('removes its temp file when it cannot finish', async () => {
    await mkdir(join(folder, 'taken'));
    await expect(files.writeAtomic(join(folder, 'taken'), 'text')).rejects.toMatchObject({ name: 'AppError', code: 'file-unusable' });
    expect(await readdir(folder)).toEqual(['taken']);
  });

  it('keeps its temp files out of sight while it writes', async () => {
    const seen = new Set<string>();
    const path = join(folder, 'big');
    let writing = true;
    const writer = files.writeAtomic(path, 'x'.repeat(20_000_000)).finally(() => {
      writing = false;
    });
    while (writing) for (const name of await readdir(folder)) seen.add(name);
    await writer;
    seen.delete('big');
    expect([...seen].every((name) => name.startsWith('.') && name.endsWith('.tmp'))).toBe(true);
    expect(seen.size).toBe(1);
  });

  it('says that the disk is full, and leaves the old text and no temp file', async (context) => {
    const script = `
      import { createFilesPort } from '${join(import.meta.dirname, '../../src/platform/files.ts')}';
      const files = createFilesPort();
      await files.writeAtomic('${folder}/x', 'old');
      const error = await files.writeAtomic('${folder}/x', 'y'.repeat(200000)).catch((caught) => caught);
      console.log(JSON.stringify([error.code, error.exitCode, await files.readText('${folder}/x'), await files.list('${folder}')]));`;
    // A small file system in a mount namespace of its own: nothing is left behind, and no rights are needed where user namespaces exist.
    const inside = 'mount -t tmpfs -o size=64k tmpfs "$1" && exec "$2" --input-type=module-typescript -e "$3"';
    const argv = ['-rm', 'sh', '-c', inside, 'sh', folder, process.execPath, script];
    const result = await createProcessPort().run('unshare', argv, { timeoutMs: 60_000 });
    if (result.missing || /unshare|mount/.test(result.stderr)) context.skip('no mount namespaces here');
    expect(JSON.parse(result.stdout)).toEqual(['disk-full', 75, 'old', ['x']]);
  });
});

describe('absence', () => {
  it('is an answer, not an error', async () => {
    const gone = join(folder, 'gone');
    expect(await files.readText(gone)).toBeUndefined();
    expect(await files.stat(gone)).toBeUndefined();
    expect(await files.list(gone)).toEqual([]);
    expect(await files.remove(gone)).toBe(false);
    expect(await files.readFrom(gone, 0, 10)).toHaveLength(0);
    await expect(files.truncate(gone)).resolves.toBeUndefined();
  });

  it('includes a path below a plain file', async () => {
    await writeFile(join(folder, 'plain'), '');
    expect(await files.readText(join(folder, 'plain', 'x'))).toBeUndefined();
  });
});

describe('makeDirectory', () => {
  it('makes parents, sets the mode whatever the umask, and leaves an existing folder alone', async () => {
    const path = join(folder, 'a', 'b');
    const umask = process.umask(0o022);
    try {
      await files.makeDirectory(path, 0o777);
      expect((await files.stat(path))?.mode).toBe(0o777);
      await files.makeDirectory(path, 0o700);
      expect((await files.stat(path))?.mode).toBe(0o777);
    } finally {
      process.umask(umask);
    }
  });

  it('says so when a file is in the way', async () => {
    await writeFile(join(folder, 'plain'), '');
    await expect(files.makeDirectory(join(folder, 'plain'))).rejects.toMatchObject({ exitCode: 69, code: 'file-unusable' });
    await expect(files.makeDirectory(join(folder, 'plain', 'x'))).rejects.toMatchObject({ exitCode: 69, code: 'file-unusable' });
  });
});

describe('readFrom', () => {
  it('reads from a position, at most the limit, and nothing behind the end', async () => {
    const path = join(folder, 'log');
    await writeFile(path, 'zero\none\ntwo\n');
    expect(Buffer.from(await files.readFrom(path, 5, 3)).toString()).toBe('one');
    expect(Buffer.from(await files.readFrom(path, 9, 100)).toString()).toBe('two\n');
    expect(await files.readFrom(path, 100, 10)).toHaveLength(0);
  });
});

describe('space, modes and owners', () => {
  it('reports bytes and inodes', async () => {
    const space = await files.diskSpace(folder);
    expect(space.totalBytes).toBeGreaterThan(space.freeBytes);
    expect(space.freeBytes).toBeGreaterThan(0);
    expect(space.totalInodes).toBeGreaterThanOrEqual(space.freeInodes);
  });

  it('changes modes and owners', async () => {
    const path = join(folder, 'x');
    await writeFile(path, '');
    const { uid, gid } = await stat(path);
    await files.setOwner(path, uid, gid);
    // After chown(2), which clears the set-group bit.
    await files.setMode(path, 0o2775);
    expect(await files.stat(path)).toMatchObject({ mode: 0o2775, uid, gid, size: 0, isDirectory: false });
  });

  it('explains a refusal with the path and exit code 77', async () => {
    // Modes of /proc/<pid> files cannot be changed, not even by root.
    await expect(files.setMode('/proc/self/stat', 0o777)).rejects.toMatchObject({
      exitCode: 77,
      code: 'permission-denied',
      message: 'cannot change the mode of /proc/self/stat: permission denied',
    });
  });
});
