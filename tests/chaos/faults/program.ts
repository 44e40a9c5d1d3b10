// Faults of a program that is not ffmpeg as we know it: it ignores signals, exits at once, floods its log. A scripted ffmpeg plays it.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { isRunning } from '../../helpers/stack.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

const behaviour = (name: string) => (): readonly string[] => [`http://fake.invalid/${name}`];
const isState =
  (scene: Scene, ...states: readonly string[]) =>
  async (): Promise<boolean> =>
    states.includes((await scene.news()).state);

export const programFaults: readonly Fault[] = [
  {
    id: '33',
    name: 'ffmpeg ignores SIGTERM (scripted)',
    fakeFfmpeg: true,
    cold: true,
    sources: behaviour('ignore-term'),
    async inject(scene) {
      await scene.stack.iptv('start', 'news', '--no-wait');
      await scene.until('it runs', isState(scene, 'running'));
      const pid = scene.job();
      const began = performance.now();
      await scene.stack.iptv('stop', 'news');
      const took = (performance.now() - began) / 1000;
      scene.note(`stopped after ${took.toFixed(1)} s`);
      scene.expect(took < 10, `stopping took ${took.toFixed(1)} s`);
      scene.expect(!isRunning(pid), 'it still runs');
    },
  },
  {
    id: '34',
    name: 'ffmpeg exits at once, every time (scripted), for 20 s',
    fakeFfmpeg: true,
    cold: true,
    sources: behaviour('exit/1'),
    async inject(scene) {
      await scene.stack.iptv('start', 'news', '--no-wait');
      await scene.sleep(20);
      const { restarts, nextRetrySeconds } = await scene.news();
      scene.note(`${restarts} restarts in 20 s, next in ${nextRetrySeconds?.toFixed(0)} s`);
      scene.expect(restarts <= 8, `${restarts} restarts in 20 s`);
      await scene.stack.iptv('stop', 'news');
      scene.expect(scene.stack.jobs().length === 0, 'a job is left');
    },
  },
  {
    id: '35',
    name: 'ffmpeg floods its log with megabytes a second (scripted), for 15 s',
    fakeFfmpeg: true,
    cold: true,
    sources: behaviour('flood'),
    async inject(scene) {
      await scene.stack.iptv('start', 'news', '--no-wait');
      await scene.until('it runs', isState(scene, 'running'));
      const before = (await scene.status()).supervisor.memoryBytes;
      await scene.sleep(15);
      const { supervisor, streams } = await scene.status();
      const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
      const path = join(scene.stack.state, 'logs/news.log');
      const size = existsSync(path) ? statSync(path).size : 0;
      scene.note(`supervisor ${megabytes(before)} -> ${megabytes(supervisor.memoryBytes)} MB, log ${megabytes(size)} MB`);
      scene.expect(supervisor.memoryBytes - before < 60 * 2 ** 20, 'the supervisor grew');
      scene.expect(size < 64 * 2 ** 20, 'the log grew without bound');
      scene.expect(streams[0]?.state === 'running', `state ${streams[0]?.state}`);
    },
  },
];
