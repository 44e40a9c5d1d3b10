// Faults of the house: files run out, the state folder is full, everything fails at once.

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { isRunning, kill } from '../../helpers/stack.ts';
import { needsProgram, needsRoot } from '../needs.ts';
import { mountTmpfs } from '../scene.ts';
import type { Fault } from '../fault.ts';

const crowd = 50;

export const houseFaults: readonly Fault[] = [
  {
    id: '40',
    name: 'supervisor has no file descriptors left for 10 s',
    needs: needsProgram('/usr/bin/prlimit'),
    async inject(scene) {
      const pid = await scene.supervisor();
      const job = scene.job();
      spawnSync('prlimit', ['--pid', String(pid), '--nofile=3:4096']);
      await scene.sleep(10);
      spawnSync('prlimit', ['--pid', String(pid), '--nofile=4096:4096']);
      await scene.sleep(3);
      scene.expect(isRunning(pid), 'the supervisor died');
      scene.expect(scene.job() === job, 'the job was restarted');
    },
    limits: { stallSeconds: 15 },
  },
  {
    id: '40b',
    name: 'disk of state and logs full for 15 s, a job killed meanwhile',
    needs: needsRoot,
    prepare(scene) {
      mkdirSync(scene.stack.state, { recursive: true });
      mountTmpfs(scene.stack.state, 'size=24m');
      scene.defer(async () => {
        await scene.stack.iptv('down');
        spawnSync('umount', ['-l', scene.stack.state]);
      });
    },
    async inject(scene) {
      const filler = join(scene.stack.state, 'filler');
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k', 'count=1000']);
      await scene.sleep(5);
      const before = scene.job();
      kill(before);
      await scene.nextJob(before);
      await scene.newSegment();
      await scene.sleep(8);
      rmSync(filler);
      scene.expect(scene.stack.jobs('news').length === 1, 'not exactly one job');
    },
  },
  {
    id: '40c',
    name: 'no more processes may be started for 10 s, a job killed meanwhile',
    needs: needsProgram('/usr/bin/prlimit'),
    async inject(scene) {
      const pid = await scene.supervisor();
      // Root is not bound by RLIMIT_NPROC: what runs out instead is the address space of whoever is started.
      const before = scene.job();
      spawnSync('prlimit', ['--pid', String(pid), '--nofile=24:4096']);
      kill(before);
      await scene.sleep(10);
      spawnSync('prlimit', ['--pid', String(pid), '--nofile=4096:4096']);
      await scene.nextJob(before);
      scene.expect(isRunning(pid), 'the supervisor died');
    },
    limits: { stallSeconds: 25 },
  },
  {
    id: '43',
    name: `${crowd} channels: all jobs SIGKILLed at once`,
    more: () => Array.from({ length: crowd - 1 }, (_, index) => `  - id: c${index}\n    source: ${crowdSource}`).join('\n'),
    async prepare() {
      const { media } = await import('../../helpers/media.ts');
      crowdSource = await media('h264-aac.ts');
    },
    async inject(scene) {
      await scene.stack.iptv('start', '--all', '--wait', '--timeout', '120s');
      const all = async (): Promise<boolean> => (await scene.status()).streams.every(({ state }) => state === 'running');
      await scene.until('all run', all, 120);
      await scene.sleep(5);
      const pids = scene.stack.jobs();
      scene.expect(pids.length === crowd, `${pids.length} jobs`);
      for (const pid of pids) kill(pid);
      const started = await scene.until(
        'all have a job',
        () => scene.stack.jobs().filter((pid) => !pids.includes(pid)).length === crowd,
        120,
      );
      const running = await scene.until('all run', all, 120);
      scene.note(`all started after ${started.toFixed(1)} s, all run after ${(started + running).toFixed(1)} s`);
      const { memoryBytes } = (await scene.status()).supervisor;
      scene.note(`supervisor ${Math.round(memoryBytes / 2 ** 20)} MB`);
    },
    recoverySeconds: 120,
  },
];

let crowdSource = '';
