// Faults of the job: the ffmpeg of a stream dies, freezes, or finds ruins of its own playlist.

import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isRunning, kill } from '../../helpers/stack.ts';
import type { Fault } from '../fault.ts';

export const jobFaults: readonly Fault[] = [
  {
    id: '32',
    name: 'job SIGKILL',
    async inject(scene) {
      const before = scene.job();
      kill(before);
      scene.note(`new segment after ${(await scene.newSegment()).toFixed(1)} s`);
      await scene.nextJob(before);
      scene.expect(scene.stack.jobs('news').length === 1, 'not exactly one job');
      scene.expect(!scene.watch().text().includes('ENDLIST'), 'EXT-X-ENDLIST');
    },
  },
  {
    id: '32b',
    name: 'job SIGSTOP (frozen, never comes back)',
    async inject(scene) {
      const before = scene.job();
      kill(before, 'SIGSTOP');
      scene.note(`new segment after ${(await scene.newSegment()).toFixed(1)} s`);
      await scene.nextJob(before);
      scene.expect(!isRunning(before), 'the frozen job is still there');
    },
  },
  {
    id: '32c',
    name: 'job SIGSTOP for 3 s, then SIGCONT',
    async inject(scene) {
      const pid = scene.job();
      kill(pid, 'SIGSTOP');
      await scene.sleep(3);
      kill(pid, 'SIGCONT');
      await scene.newSegment();
    },
  },
  {
    id: '32d',
    name: 'job SIGKILL, five times in a row',
    async inject(scene) {
      for (let round = 0; round < 5; round += 1) {
        const before = scene.job();
        kill(before);
        await scene.nextJob(before);
        await scene.sleep(1);
      }
    },
    limits: { stallSeconds: 20 },
  },
  {
    id: '32e',
    name: 'job SIGSTOP before its first segment, while its source is silent',
    cold: true,
    async inject(scene) {
      await scene.origin.behave('a', { answer: 'silent' });
      const ran = await scene.stack.iptv('start', 'news', '--no-wait');
      scene.expect(ran.code === 0, `start ended with ${ran.code}`);
      await scene.until('a job runs', () => scene.stack.jobs('news').length === 1);
      const before = scene.job();
      kill(before, 'SIGSTOP');
      const began = performance.now();
      await scene.nextJob(before);
      const took = (performance.now() - began) / 1000;
      scene.note(`another job after ${took.toFixed(1)} s`);
      scene.expect(took < 30, 'it had the time of a start that waits for its source');
    },
  },
  {
    id: '30',
    name: 'playlist empty, then random, segments missing, each before a start of the job',
    async inject(scene) {
      const playlist = join(scene.stack.hls, 'stream_news.m3u8');
      const ruins: readonly (() => void)[] = [
        () => truncateSync(playlist),
        () => writeFileSync(playlist, Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 251))),
        () => {
          const names = readdirSync(scene.stack.hls).filter((name) => name.startsWith('stream_news_'));
          for (const name of names.slice(0, 3)) rmSync(join(scene.stack.hls, name));
        },
      ];
      for (const ruin of ruins.slice(0, 2)) {
        const before = scene.job();
        kill(before);
        ruin();
        await scene.nextJob(before);
        await scene.newSegment();
        await scene.sleep(3);
      }
    },
  },
];
