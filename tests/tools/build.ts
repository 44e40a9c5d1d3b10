// Compiles src/ into dist/ file by file, so that a supervisor which runs from dist/ never finds a module missing.

import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');

/** Inside the checkout, since rename(2) does not cross file systems; node_modules is ignored by every other tool. */
const fresh = mkdtempSync(join(root, 'node_modules', '.build-'));

try {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tests', 'tsconfig.build.json'), '--outDir', fresh], {
    stdio: 'inherit',
  });
  if (status === 0) replaceDist();
  else process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function replaceDist(): void {
  const built = filesIn(fresh);
  for (const path of built) {
    const target = join(dist, path);
    if (existsSync(target) && readFileSync(target).equals(readFileSync(join(fresh, path)))) continue;
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(fresh, path), target);
  }
  const wanted = new Set(built);
  for (const path of filesIn(dist)) if (!wanted.has(path)) rmSync(join(dist, path));
}

function filesIn(folder: string): readonly string[] {
  return globSync('**/*.*', { cwd: folder });
}
