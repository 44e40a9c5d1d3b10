// Faults of the supervisor: it is killed, frozen, doubled, misled by forged records, or lives through a jump of the clock.

import { spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isRunning, kill } from '../../helpers/stack.ts';
import { needsProgram } from '../needs.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';
import { supervisorReturns } from '../returns.ts';

const clockFile = join(tmpdir(), `iptv-chaos-clock-${process.pid}`);

export const supervisorFaults: readonly Fault[] = [
  {
    id: '36',
    name: 'supervisor SIGKILL',
    async inject(scene) {
      const job = scene.job();
      const nginx = await scene.nginx();
      const before = await scene.supervisor();
      kill(before);
      await supervisorReturns(scene, before);
      await scene.sleep(8);
      scene.expect(scene.job() === job && scene.stack.jobs('news').length === 1, 'the job was not adopted');
      scene.expect((await scene.nginx()) === nginx, 'nginx was not adopted');
      scene.note(`gap in the playlist ${scene.watch().report().longestGapSeconds.toFixed(1)} s`);
    },
  },
  {
    id: '36b',
    name: 'supervisor SIGSTOP for 10 s',
    async inject(scene) {
      const job = scene.job();
      const pid = await scene.supervisor();
      kill(pid, 'SIGSTOP');
      await scene.sleep(10);
      kill(pid, 'SIGCONT');
      await scene.sleep(4);
      scene.expect(scene.job() === job, 'the job was restarted');
    },
    limits: { stallSeconds: 12 },
  },
  {
    id: '36c',
    name: 'supervisor and job SIGKILL in the same moment',
    async inject(scene) {
      const before = await scene.supervisor();
      const job = scene.job();
      kill(before);
      kill(job);
      await supervisorReturns(scene, before);
      await scene.nextJob(job);
      scene.expect(scene.stack.jobs('news').length === 1, 'not exactly one job');
    },
  },
  {
    id: '36d',
    name: 'supervisor, job and nginx SIGKILL in the same moment',
    async inject(scene) {
      const before = await scene.supervisor();
      const job = scene.job();
      const nginx = await scene.nginx();
      for (const pid of [before, job, -nginx]) kill(pid);
      await supervisorReturns(scene, before);
      await scene.nextJob(job);
      await scene.nextNginx(nginx);
    },
    limits: { unreachableSeconds: 8 },
  },
  {
    id: '36e',
    name: 'iptv down, then iptv up, with a viewer who stays (an upgrade, a reboot)',
    async inject(scene) {
      await scene.stack.iptv('down');
      await scene.stack.iptv('up');
    },
    limits: { unreachableSeconds: 20, stallSeconds: 25, mayReload: true },
  },
  {
    id: '37',
    name: 'twenty starts and ups at once',
    async inject(scene) {
      const job = scene.job();
      const before = await scene.supervisor();
      const ran = await Promise.all(
        Array.from({ length: 20 }, (_, index) => scene.stack.iptv(...(index % 2 === 0 ? ['up'] : ['start', 'news', '--no-wait']))),
      );
      const bad = ran.filter(({ code }) => code !== 0 && code !== 75);
      scene.expect(bad.length === 0, `ended with ${bad.map(({ code, stderr }) => `${code}: ${stderr}`).join()}`);
      scene.expect(scene.job() === job && scene.stack.jobs('news').length === 1, 'not the same one job');
      scene.expect((await scene.supervisor()) === before, 'another supervisor');
    },
  },
  {
    id: '38',
    name: 'records are forged (foreign pid, half a file) while the supervisor is dead',
    async inject(scene) {
      const before = await scene.supervisor();
      const bystander = spawn('sleep', ['600'], { stdio: 'ignore' });
      scene.defer(() => bystander.kill('SIGKILL'));
      const record = join(scene.stack.state, 'jobs/news.json');
      scene.expect(existsSync(record), 'no record');
      kill(before);
      kill(scene.job());
      writeFileSync(record, JSON.stringify({ pid: bystander.pid, startTime: '1', startedAtMs: 1, planHash: 'x' }));
      await supervisorReturns(scene, before);
      await scene.newSegment();
      scene.expect(isRunning(bystander.pid ?? 0), 'a foreign process was killed');
      const second = await scene.supervisor();
      const job = scene.job();
      kill(second);
      writeFileSync(record, '{"pid": 1');
      await supervisorReturns(scene, second);
      await scene.sleep(4);
      scene.expect(scene.job() === job && scene.stack.jobs('news').length === 1, 'the job was not found by its marks');
    },
    limits: { stallSeconds: 15 },
  },
  ...clockFaults(),
];

/**
 * libfaketime, in everything that the stack runs: the wall clock jumps, the monotonic one does not. The times of files stay as they are,
 * which is more than a real jump does. (Debian package `faketime`.)
 */
function clockFaults(): readonly Fault[] {
  const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
  const monotonic = { DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  return (['+1h', '-1h'] as const).map((jump, index) => ({
    id: `39${index === 0 ? '' : 'b'}`,
    name: `wall clock jumps ${jump}, and back (libfaketime)`,
    needs: needsProgram(library),
    env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clockFile, FAKETIME_NO_CACHE: '1', ...monotonic },
    more: (origin) => `  - id: sport\n    source: ${origin.ts('b')}`,
    prepare(scene) {
      writeFileSync(clockFile, '+0');
      scene.defer(() => rmSync(clockFile, { force: true }));
    },
    async inject(scene) {
      const job = scene.job();
      const datesBefore = await dates(scene);
      writeFileSync(clockFile, jump);
      await scene.sleep(8);
      // Something to be written down with a date: proof that the supervisor has the other clock.
      await scene.stack.iptv('start', 'sport', '--wait', '--timeout', '60s');
      const offMinutes = (Date.parse(lastStamp(scene, 'sport')) - Date.now()) / 60_000;
      scene.expect(
        Math.abs(offMinutes - (jump === '+1h' ? 60 : -60)) < 2,
        `the jump did not take effect: ${offMinutes.toFixed(1)} minutes`,
      );
      scene.note(`the supervisor's clock is ${offMinutes.toFixed(0)} minutes off`);
      await scene.sleep(8);
      const { streams } = await scene.status();
      const news = streams.find(({ id }) => id === 'news');
      scene.expect(scene.job() === job && news?.restarts === 0, 'the job was restarted');
      scene.expect(news?.verdict?.name === 'healthy', `verdict ${news?.verdict?.name}`);
      const went = ((await dates(scene)).newest - datesBefore.newest) / 1000;
      // A clock that is set ahead is followed; one that is set back is not, or dates would go back.
      const most = jump === '+1h' ? 3720 : 120;
      scene.expect(went > 5 && went < most, `PROGRAM-DATE-TIME went ${went.toFixed(0)} s`);
      writeFileSync(clockFile, '+0');
      await scene.sleep(10);
      const later = await dates(scene);
      scene.expect(later.inOrder, 'PROGRAM-DATE-TIME goes back');
      scene.expect(scene.job() === job, 'the job was restarted when the clock came back');
    },
  }));
}

/** Dates of the channel playlist. */
async function dates(scene: Scene): Promise<{ readonly newest: number; readonly inOrder: boolean }> {
  const text = await (await fetch((await scene.news()).url)).text();
  const found = [...text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(.*)/g)].map((match) => Date.parse(match[1] ?? ''));
  return { newest: found.at(-1) ?? 0, inOrder: found.every((date, index) => index === 0 || date > (found[index - 1] ?? 0)) };
}

function lastStamp(scene: Scene, name: string): string {
  return scene.stack.log(name).trim().split('\n').at(-1)?.split(' ')[0] ?? '';
}
