// A power cut, as far as one can be made without one: everything dies at once, and the state folder is that of another boot.

import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventually, isRunning, keeperPids, kill, supervisorPids, type TestStack } from './stack.ts';

/** What the records say once they are of another boot. */
const otherBoot = '01234567-89ab-cdef-0123-456789abcdef';

/** A breach of an empty list: nothing of the list before is left, and that cannot be otherwise, whoever writes it. */
export const isInevitable = (breach: string): boolean => /^(?:no-segments|removed-too-early)/.test(breach);

/**
 * SIGKILL of keeper, supervisor, jobs and nginx, none of which sees another one die; sockets stay behind. The records name another boot,
 * and `damaged` files of the state folder end in the middle, as on a disk that reports as written what is not.
 */
export async function cutPower(stack: TestStack, damaged: readonly string[] = []): Promise<void> {
  const { pid: nginx } = JSON.parse(readFileSync(join(stack.state, 'jobs/nginx-rtmp.json'), 'utf8')) as { pid: number };
  const all = [...keeperPids(stack.state), ...supervisorPids(stack.state), ...stack.jobs()];
  // Frozen first: a keeper that lives a moment longer would start another supervisor.
  for (const pid of all) kill(pid, 'SIGSTOP');
  for (const pid of [...all, -nginx]) kill(pid);
  const left = (): readonly number[] =>
    [...all, nginx, ...keeperPids(stack.state), ...supervisorPids(stack.state), ...stack.jobs()].filter(isRunning);
  await eventually('everything is dead', () => {
    for (const pid of left()) kill(pid);
    return left().length === 0;
  });
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  for (const folder of [stack.state, join(stack.state, 'jobs')]) {
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.json') || each.endsWith('.json.spare'))) {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(boot, otherBoot));
    }
  }
  for (const name of damaged) {
    const path = join(stack.state, name);
    if (existsSync(path)) truncateSync(path, Math.floor(readFileSync(path).length / 2));
  }
}
