// Faults of the HLS folder: full, out of inodes, deleted, read-only, denied.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { needsRoot } from '../needs.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

const outageSeconds = 15;

/** The legs are back and the picture moves, whatever the viewer saw meanwhile. */
async function heals(scene: Scene): Promise<void> {
  const took = await scene.until(
    'a leg is fresh again',
    async () => {
      const { primary, backup } = (await scene.news()).legs;
      return primary.state === 'fresh' || backup.state === 'fresh';
    },
    90,
  );
  scene.note(`a leg is fresh ${took.toFixed(1)} s after the end of the fault`);
}

async function noteVerdict(scene: Scene): Promise<void> {
  const { verdict, lastFailure } = await scene.news();
  scene.note(`verdict ${verdict?.name ?? '-'}, cause ${lastFailure?.cause ?? '-'}`);
}

/** A mount of the folder upon itself that takes no writes: a real remount is refused while a file is open for writing. */
function makeReadOnly({ stack }: Scene): void {
  for (const argv of [
    ['--bind', stack.hls, stack.hls],
    ['-o', 'remount,bind,ro', stack.hls],
  ]) {
    const { status, stderr } = spawnSync('mount', argv, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`mount ${argv.join(' ')}: ${stderr}`);
  }
}

/** While nothing can be written a picture cannot move: what is promised is that the viewer is served and goes on by himself. */
const cannotMove = { stallSeconds: outageSeconds + 30 };

export const volumeFaults: readonly Fault[] = [
  {
    id: '25',
    name: `disk full for ${outageSeconds} s`,
    hlsMount: 'size=8m',
    needs: needsRoot,
    async inject(scene) {
      const filler = join(scene.stack.hls, 'filler');
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k', 'count=1000']);
      await scene.sleep(outageSeconds);
      await noteVerdict(scene);
      rmSync(filler);
      await heals(scene);
    },
    limits: cannotMove,
    recoverySeconds: 90,
  },
  {
    id: '26',
    name: `inodes used up for ${outageSeconds} s`,
    hlsMount: 'size=64m,nr_inodes=200',
    needs: needsRoot,
    async inject(scene) {
      const folder = join(scene.stack.hls, 'filler');
      mkdirSync(folder);
      try {
        for (let index = 0; index < 400; index += 1) writeFileSync(join(folder, String(index)), '');
      } catch {
        // ENOSPC: that is the point.
      }
      await scene.sleep(outageSeconds);
      await noteVerdict(scene);
      rmSync(folder, { recursive: true });
      await heals(scene);
    },
    limits: cannotMove,
    recoverySeconds: 90,
  },
  {
    id: '27',
    name: 'HLS folder deleted',
    async inject(scene) {
      const job = scene.job();
      rmSync(scene.stack.hls, { recursive: true });
      const took = await scene.until('the folder is back', () => existsSync(scene.stack.hls), 30);
      scene.note(`folder back after ${took.toFixed(1)} s`);
      await heals(scene);
      scene.expect(scene.job() === job, 'the job was restarted');
    },
    limits: { stallSeconds: 25, segmentsLost: true },
  },
  {
    id: '27b',
    name: 'everything in the HLS folder deleted',
    async inject(scene) {
      spawnSync('find', [scene.stack.hls, '-mindepth', '1', '-delete']);
      await scene.newSegment();
      await heals(scene);
    },
    limits: { stallSeconds: 15, segmentsLost: true },
  },
  {
    id: '28',
    name: `HLS volume read-only for ${outageSeconds} s`,
    hlsMount: 'size=64m',
    needs: needsRoot,
    async inject(scene) {
      makeReadOnly(scene);
      try {
        await scene.sleep(outageSeconds);
        await noteVerdict(scene);
      } finally {
        spawnSync('umount', ['-l', scene.stack.hls]);
      }
      await heals(scene);
    },
    limits: cannotMove,
    recoverySeconds: 90,
  },
];
