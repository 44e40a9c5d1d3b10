// Faults of the origin: nginx dies, hangs, is absent, reloads, refuses, or keeps the ghost of a publisher.

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startFreezeProxy, type FreezeProxy } from '../../helpers/freeze-proxy.ts';
import { kill } from '../../helpers/stack.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

/** The job goes on with the same process, and its RTMP leg comes back. */
async function primaryReturns(scene: Scene, job: number, limitSeconds = 30): Promise<void> {
  const took = await scene.until(
    'the primary leg is back',
    async () => {
      const { state, ageSeconds } = (await scene.news()).legs.primary;
      return state === 'fresh' && (ageSeconds ?? 99) < 3;
    },
    limitSeconds,
  );
  scene.note(`primary leg back after ${took.toFixed(1)} s more`);
  scene.expect(scene.job() === job, 'the job was restarted');
}

async function httpIsBack(scene: Scene): Promise<void> {
  const took = await scene.until(
    'HTTP answers',
    async () => (await fetch(`${scene.stack.url}/healthz`, { signal: AbortSignal.timeout(500) })).ok,
  );
  scene.note(`HTTP back after ${took.toFixed(1)} s`);
}

const workersOf = (master: number): readonly number[] =>
  readFileSync(`/proc/${master}/task/${master}/children`, 'utf8')
    .split(' ')
    .filter((text) => text.trim() !== '')
    .map(Number);

let proxy: FreezeProxy | undefined;

export const nginxFaults: readonly Fault[] = [
  {
    id: '1',
    name: 'nginx SIGKILL (master and workers), twice',
    async inject(scene) {
      const job = scene.job();
      for (let round = 0; round < 2; round += 1) {
        const before = await scene.nginx();
        kill(-before);
        await httpIsBack(scene);
        await scene.nextNginx(before);
        await primaryReturns(scene, job);
      }
    },
    limits: { unreachableSeconds: 3 },
  },
  {
    id: '2',
    name: 'nginx SIGTERM by a stranger',
    async inject(scene) {
      const job = scene.job();
      const before = await scene.nginx();
      kill(before, 'SIGTERM');
      await scene.nextNginx(before);
      await primaryReturns(scene, job);
    },
    limits: { unreachableSeconds: 4 },
  },
  {
    id: '3',
    name: 'nginx absent for 15 s at the start',
    cold: true,
    prepare(scene) {
      const fake = join(scene.stack.directory, 'bin/nginx');
      const gate = join(scene.stack.directory, 'gate');
      writeFileSync(fake, `#!/bin/sh\ncase "$*" in *"daemon off"*) [ -e ${gate} ] || exit 1;; esac\nexec /usr/sbin/nginx "$@"\n`);
      chmodSync(fake, 0o755);
    },
    async inject(scene) {
      await scene.stack.iptv('start', 'news', '--no-wait');
      await scene.until('the backup leg is fresh', async () => (await scene.news()).legs.backup.state === 'fresh');
      const job = scene.job();
      await scene.sleep(15);
      writeFileSync(join(scene.stack.directory, 'gate'), '');
      await httpIsBack(scene);
      await scene.openViewers();
      await primaryReturns(scene, job, 90);
      scene.expect((await scene.news()).restarts === 0, 'a restart was counted');
    },
  },
  {
    id: '4',
    name: 'nginx hangs (worker SIGSTOP)',
    async inject(scene) {
      const job = scene.job();
      const before = await scene.nginx();
      for (const worker of workersOf(before)) kill(worker, 'SIGSTOP');
      await scene.nextNginx(before);
      await primaryReturns(scene, job);
    },
    limits: { unreachableSeconds: 15, stallSeconds: 15 },
  },
  {
    id: '5',
    name: 'RTMP connection freezes without a word: the ghost of the publisher stays',
    async prepare(scene) {
      const started = await startFreezeProxy(scene.stack.ports.rtmp);
      scene.defer(() => started.close());
      proxy = started;
      scene.server(`  rtmpUrl: rtmp://127.0.0.1:${started.port}/live`);
    },
    async inject(scene) {
      const job = scene.job();
      proxy?.freeze();
      await scene.until('the primary leg stands still', async () => (await scene.news()).legs.primary.state !== 'fresh');
      await primaryReturns(scene, job, 60);
    },
  },
  {
    id: '6',
    name: 'nginx reload (SIGHUP): the publisher stays in the old worker',
    async inject(scene) {
      kill(await scene.nginx(), 'SIGHUP');
      await scene.sleep(20);
      scene.expect(scene.stack.jobs('news').length === 1, 'not exactly one job');
    },
    limits: { unreachableSeconds: 3 },
  },
  {
    id: '7',
    name: "nginx's master SIGKILL: its worker would hold the ports",
    async inject(scene) {
      const job = scene.job();
      const before = await scene.nginx();
      kill(before);
      await scene.nextNginx(before);
      await primaryReturns(scene, job);
    },
    limits: { unreachableSeconds: 3 },
  },
  {
    id: '8',
    name: 'RTMP publish refused for good (application does not exist)',
    cold: true,
    prepare(scene) {
      scene.server(`  rtmpUrl: rtmp://127.0.0.1:${scene.stack.ports.rtmp}/nosuch`);
    },
    async inject(scene) {
      const ran = await scene.stack.iptv('start', 'news', '--wait', '--timeout', '60s');
      scene.expect(ran.code === 0, `start ended with ${ran.code}`);
      await scene.openViewers();
      await scene.sleep(20);
      const { restarts, verdict } = await scene.news();
      // A leg that stays dead while nginx answers is tried to be mended by one restart of the job (decision 2).
      scene.expect(restarts <= 1, `${restarts} restarts`);
      scene.expect(verdict === undefined || verdict.name === 'rtmp-refused' || verdict.name === 'degraded', `verdict ${verdict?.name}`);
      scene.note(`verdict: ${verdict?.name ?? 'none'}`);
      const lines = scene.stack.log('news').split('\n').length;
      scene.expect(lines < 300, `${lines} lines in the log`);
    },
  },
];
