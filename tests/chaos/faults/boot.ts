// Faults of the whole host: the power is cut, and only what a boot runs brings the channels back.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cutPower } from '../../helpers/power-loss.ts';
import { needsRoot } from '../needs.ts';
import type { Fault } from '../fault.ts';
import { mountTmpfs, type Scene } from '../scene.ts';

const darkSeconds = 8;
const tmpfs = 'size=64m';
/** Nobody answers for as long as the host is dark: a player with the usual settings gives up after about three seconds of that. */
const limits = { unreachableSeconds: darkSeconds + 15, stallSeconds: darkSeconds + 25, mayReload: true, beginsAnew: true };

export const bootFaults: readonly Fault[] = [
  {
    id: '46',
    name: `power cut and boot by iptv up: HLS folder empty, records of another boot, orders and a job's record cut in half`,
    hlsMount: tmpfs,
    needs: needsRoot,
    async inject(scene) {
      const before = lastSequence(scene);
      await cutPower(scene.stack, ['orders.json', 'jobs/news.json', 'facts.json']);
      spawnSync('umount', ['-l', scene.stack.hls]);
      mkdirSync(scene.stack.hls, { recursive: true });
      mountTmpfs(scene.stack.hls, tmpfs);
      await scene.sleep(darkSeconds);
      const up = await scene.stack.iptv('up');
      scene.expect(up.code === 0, `up ended with ${up.code}: ${up.stderr}`);
      await playsAgain(scene, before);
    },
    limits,
  },
  {
    id: '46b',
    name: 'power cut and boot by the systemd unit: HLS folder on a disk that has lost the last seconds',
    async inject(scene) {
      const playlist = join(scene.stack.hls, 'news/index.m3u8');
      const backup = join(scene.stack.hls, 'stream_news.m3u8');
      const old = [playlist, backup].map((path) => [path, readFileSync(path, 'utf8')] as const);
      await scene.sleep(7);
      const before = lastSequence(scene);
      const listed = scene.watch().listed();
      await cutPower(scene.stack, ['channels.json']);
      for (const [path, text] of old) writeFileSync(path, text);
      for (const name of listed.slice(-2)) {
        const path = join(scene.stack.hls, name);
        if (existsSync(path)) truncateSync(path, 0);
      }
      await scene.sleep(darkSeconds);
      await bootByUnit(scene);
      await playsAgain(scene, before);
    },
    limits,
  },
];

const lastSequence = (scene: Scene): number => scene.watch().report().lastSequence;

async function playsAgain(scene: Scene, before: number): Promise<void> {
  await scene.until('it answers', async () => (await scene.news()).state === 'running');
  scene.note(`a segment or slate is listed ${(await scene.newSegment()).toFixed(1)} s after that`);
  scene.expect(lastSequence(scene) > before, `the newest segment was ${before} and is ${lastSequence(scene)}`);
  scene.expect(scene.stack.jobs('news').length === 1, 'not exactly one job');
}

/** The words of the unit, as systemd would run them; it ends with `iptv down`, as every supervisor does. */
async function bootByUnit(scene: Scene): Promise<void> {
  const { stdout } = await scene.stack.iptv('service', 'print');
  const value = (key: string): readonly string[] => [...stdout.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => match[1] ?? '');
  const words = (line: string): readonly string[] => line.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? [];
  const env = Object.fromEntries(
    value('Environment')
      .flatMap(words)
      .map((word) => [word.split('=', 1)[0], word.slice(word.indexOf('=') + 1)]),
  );
  const [file = '', ...argv] = words(value('ExecStart')[0] ?? '');
  const { PATH = '' } = process.env;
  const child = spawn(file, argv, { env: { PATH, ...env }, stdio: 'ignore', detached: true, cwd: '/' });
  child.unref();
  await scene.until('the supervisor of the unit answers', async () => (await scene.supervisor()) === child.pid);
}
