// A lock file held through flock(1) for as long as this process lives, whatever ends it.

import { spawn } from 'node:child_process';

import { ExitCode } from '../core/exit-codes.ts';

export interface HeldLock {
  release(): void;
}

/**
 * flock(1) runs cat(1), which ends when our side of its stdin closes: with us, even by SIGKILL. What it echoes proves that the
 * lock is held. undefined: somebody else held it for all of `waitMs`. Rejects when flock is missing or the path is not writable.
 */
export function holdLock(path: string, waitMs: number): Promise<HeldLock | undefined> {
  const wait = waitMs > 0 ? ['-w', String(waitMs / 1000)] : ['-n'];
  // A group of its own: Ctrl-C is for us, and we release the lock when we are done.
  const child = spawn('flock', [...wait, '-E', String(ExitCode.tryAgain), '-F', path, 'cat'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.once('error', reject);
    child.stdin.on('error', () => undefined);
    child.once('exit', (code) => {
      if (code === ExitCode.tryAgain) resolve(undefined);
      else reject(new Error(`flock ended with code ${code}: ${said.trim()}`));
    });
    child.stdout.once('data', () => resolve({ release: () => child.stdin.end() }));
    child.stdin.write('held\n');
  });
}
