// What a planned job does, without any restart, while nginx or the HLS directory is away: MPEG-TS sources with ADTS sound, 5.1 and 7.1.

import { mkdir, rename, rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFaultyOrigin } from '../helpers/faulty-origin.ts';
import { containerFfmpeg, hostFfmpeg } from '../helpers/ffmpeg-runner.ts';
import { media } from '../helpers/media.ts';
import { openWorkshop, type PlannedJob, type Workshop } from '../helpers/planned-jobs.ts';
import { sourceOf } from '../helpers/streams.ts';

const codecsOf = async (job: PlannedJob, leg: 'primary' | 'backup', segments = 2): Promise<readonly string[]> => {
  const decoded = await job.decodeNext(leg, segments);
  expect(decoded.videoFrames).toBeGreaterThan(40);
  expect(decoded.audioFrames).toBeGreaterThan(40);
  return decoded.codecs;
};
const playable = ['h264', 'aac'];

for (const runner of [hostFfmpeg, containerFfmpeg()]) {
  if (runner === undefined) continue;

  describe(`on the ffmpeg of the ${runner.name}`, { timeout: 480_000 }, () => {
    let workshop: Workshop;

    beforeEach(async () => {
      workshop = await openWorkshop(runner);
    }, 360_000);

    afterEach(async () => {
      await workshop.close();
    }, 360_000);

    async function runAll(): Promise<readonly PlannedJob[]> {
      const ac3 = { video: { codec: 'h264', fps: 25 }, audio: { codec: 'ac3' } };
      const hevc = { video: { codec: 'hevc', fps: 25 }, audio: { codec: 'aac' } };
      return [
        await workshop.run('copied', sourceOf('file', await media('h264-aac.ts'))),
        await workshop.run('sound-encoded', sourceOf('file', await media('h264-ac3.ts')), { known: ac3 }),
        await workshop.run('picture-encoded', sourceOf('file', await media('hevc-aac.ts')), { known: hevc }),
        await workshop.run('bars', sourceOf('test', 'test:?size=320x180')),
      ];
    }

    it('goes on without nginx, and publishes again when it is back, twice', async () => {
      await workshop.nginx.start();
      const jobs = await runAll();
      await Promise.all(jobs.map(async (job) => expect(await codecsOf(job, 'primary')).toEqual(playable)));
      for (const _ of [1, 2]) {
        await workshop.nginx.kill();
        await Promise.all(jobs.map(async (job) => expect(await codecsOf(job, 'backup')).toEqual(playable)));
        await workshop.nginx.start();
        await Promise.all(jobs.map(async (job) => expect(await codecsOf(job, 'primary', 3)).toEqual(playable)));
      }
      await Promise.all(jobs.map(async (job) => expect(await codecsOf(job, 'backup')).toEqual(playable)));
      // One run, no restart: the numbers of the backup leg go up without a gap.
      for (const job of jobs) {
        const playlist = await job.leg('backup');
        expect(playlist?.segments.map((name) => Number(/_(\d+)\.ts$/.exec(name)?.[1]))).toEqual(
          playlist?.segments.map((_, index) => (playlist?.mediaSequence ?? 0) + index),
        );
      }
    });

    it('starts without nginx, and publishes when it comes', async () => {
      const jobs = await runAll();
      await Promise.all(jobs.map(async (job) => expect(await codecsOf(job, 'backup')).toEqual(playable)));
      await workshop.nginx.start();
      await Promise.all(jobs.map(async (job) => expect(await codecsOf(job, 'primary')).toEqual(playable)));
    });

    it('writes on while nginx hangs, and publishes again after it', async () => {
      await workshop.nginx.start();
      const job = await workshop.run('copied', sourceOf('file', await media('h264-aac.ts')));
      expect(await codecsOf(job, 'primary')).toEqual(playable);
      await workshop.nginx.hang();
      expect(await codecsOf(job, 'backup', 6)).toEqual(playable);
      await workshop.nginx.resume();
      expect(await codecsOf(job, 'primary', 2)).toEqual(playable);
      expect(job.isAlive()).toBe(true);
    });

    it('follows a source that changes its resolution, in both legs', async () => {
      await workshop.nginx.start();
      const origin = await startFaultyOrigin(['h264-aac.ts', 'h264-aac-large.ts']);
      try {
        const job = await workshop.run('changing', sourceOf('http-ts', origin.ts('a')));
        expect((await job.decodeNext('primary')).errors).toEqual([]);
        await origin.behave('a', { answer: 'live', clip: 'h264-aac-large.ts' });
        // What was cut off at the change may be broken; three segments later all of it is new.
        const [primary, backup] = await Promise.all([job.decodeNext('primary', 4), job.decodeNext('backup', 4)]);
        expect([primary.errors, primary.width]).toEqual([[], 640]);
        expect([backup.errors, backup.width]).toEqual([[], 640]);
      } finally {
        await origin.close();
      }
    });

    it('heals the backup leg, numbers intact, when its directory was gone', async () => {
      const job = await workshop.run('copied', sourceOf('file', await media('h264-aac.ts')));
      await job.decodeLeg('backup', 2);
      const before = await job.leg('backup');
      const { hlsDirectory } = workshop.nginx;
      await rename(hlsDirectory, `${hlsDirectory}-gone`);
      await new Promise((resolve) => setTimeout(resolve, 5000));
      await mkdir(hlsDirectory);
      const decoded = await job.decodeLeg('backup', 2);
      expect(decoded.codecs).toEqual(playable);
      expect((await job.leg('backup'))?.mediaSequence).toBeGreaterThanOrEqual(before?.mediaSequence ?? 0);
      expect(job.isAlive()).toBe(true);
      await rm(`${hlsDirectory}-gone`, { recursive: true });
    });
  });
}
