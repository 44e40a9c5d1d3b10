// Planned commands on real sources: whatever the codecs, both legs play, on the ffmpeg of this machine and on 7.1.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutputConfig } from '../../src/core/config.ts';
import type { SourceFacts } from '../../src/core/facts.ts';
import { containerFfmpeg, hostFfmpeg } from '../helpers/ffmpeg-runner.ts';
import { media, type MediaName } from '../helpers/media.ts';
import { openWorkshop, type PlannedJob, type Workshop } from '../helpers/planned-jobs.ts';
import { sourceOf } from '../helpers/streams.ts';

interface Case {
  readonly id: string;
  readonly media: MediaName | 'test';
  readonly known?: SourceFacts;
  readonly output?: Partial<OutputConfig>;
  readonly codecs: readonly string[];
}

const h264 = { codec: 'h264', fps: 25 };
const hevc = { codec: 'hevc', fps: 25 };

const cases: readonly Case[] = [
  { id: 'ts-aac', media: 'h264-aac.ts', codecs: ['h264', 'aac'] },
  { id: 'mp4-aac', media: 'h264-aac.mp4', known: { video: h264, audio: { codec: 'aac' } }, codecs: ['h264', 'aac'] },
  { id: 'ts-mp2', media: 'h264-mp2.ts', known: { video: h264, audio: { codec: 'mp2' } }, codecs: ['h264', 'aac'] },
  { id: 'ts-ac3', media: 'h264-ac3.ts', known: { video: h264, audio: { codec: 'ac3' } }, codecs: ['h264', 'aac'] },
  { id: 'ts-mp3', media: 'h264-mp3.ts', known: { video: h264, audio: { codec: 'mp3' } }, codecs: ['h264', 'aac'] },
  { id: 'hevc-aac', media: 'hevc-aac.ts', known: { video: hevc, audio: { codec: 'aac' } }, codecs: ['h264', 'aac'] },
  { id: 'mpeg2-mp2', media: 'mpeg2-mp2.ts', known: { video: { codec: 'mpeg2video' }, audio: { codec: 'mp2' } }, codecs: ['h264', 'aac'] },
  { id: 'silent', media: 'h264-none.ts', known: { video: h264 }, codecs: ['h264'] },
  { id: 'radio-aac', media: 'none-aac.ts', known: { audio: { codec: 'aac' } }, codecs: ['aac'] },
  { id: 'radio-mp3', media: 'none-mp3.mp3', known: { audio: { codec: 'mp3' } }, codecs: ['aac'] },
  { id: 'bars', media: 'test', codecs: ['h264', 'aac'] },
];

for (const runner of [hostFfmpeg, containerFfmpeg()]) {
  if (runner === undefined) continue;

  describe(`on the ffmpeg of the ${runner.name}`, { timeout: 480_000 }, () => {
    let workshop: Workshop;
    const jobs = new Map<string, PlannedJob>();

    beforeAll(async () => {
      workshop = await openWorkshop(runner);
      await workshop.nginx.start();
      for (const each of cases) {
        const source = each.media === 'test' ? sourceOf('test', 'test:') : sourceOf('file', await media(each.media));
        jobs.set(each.id, await workshop.run(each.id, source, each));
      }
    }, 480_000);

    afterAll(async () => {
      await workshop.close();
    }, 360_000);

    it.each(cases)('$id: both legs play', async ({ id, codecs }) => {
      const job = jobs.get(id);
      for (const leg of ['primary', 'backup'] as const) {
        const decoded = await job?.decodeLeg(leg);
        expect(decoded?.errors).toEqual([]);
        // nginx-rtmp's segments name a picture and a sound whether there are any or not.
        expect(decoded?.codecs).toEqual(leg === 'primary' ? ['h264', 'aac'] : codecs);
        expect((decoded?.videoFrames ?? 0) > 40).toBe(codecs.includes('h264'));
        expect((decoded?.audioFrames ?? 0) > 40).toBe(codecs.includes('aac'));
        expect((await job?.leg(leg))?.targetDuration).toBe(2);
      }
      expect((await job?.leg('backup'))?.mediaSequence).toBeGreaterThanOrEqual(100);
    });

    it('learns the codecs from the job itself', async () => {
      expect(await jobs.get('ts-aac')?.learned()).toMatchObject({
        video: { codec: 'h264', width: 320, height: 180, fps: 25 },
        audio: { codec: 'aac', channels: 2 },
      });
      expect(await jobs.get('mpeg2-mp2')?.learned()).toMatchObject({
        video: { codec: 'mpeg2video' },
        audio: { codec: 'mp2', sampleRate: 48_000 },
      });
      expect(await jobs.get('silent')?.learned()).toEqual({ video: { codec: 'h264', width: 320, height: 180, fps: 25 } });
      expect(await jobs.get('radio-mp3')?.learned()).toEqual({ audio: { codec: 'mp3', sampleRate: 44_100, channels: 2 } });
    });
  });

  describe(`with wrong or no knowledge, on the ffmpeg of the ${runner.name}`, { timeout: 480_000 }, () => {
    let workshop: Workshop;

    beforeAll(async () => {
      workshop = await openWorkshop(runner);
      await workshop.nginx.start();
    }, 360_000);

    afterAll(async () => {
      await workshop.close();
    }, 360_000);

    it.each<MediaName>(['h264-ac3.ts', 'hevc-aac.ts', 'h264-none.ts'])(
      '%s of unknown codecs: the backup leg plays and the codecs are learned',
      async (name) => {
        const job = await workshop.run(name.replace('.', '-'), sourceOf('file', await media(name)));
        const decoded = await job.decodeLeg('backup');
        expect(decoded.errors).toEqual([]);
        expect(decoded.videoFrames).toBeGreaterThan(40);
        expect((await job.learned())?.video?.codec).toBe(name.split('-')[0]);
        await job.stop();
      },
    );

    it('HEVC to be copied: the backup leg alone, as planned', async () => {
      const job = await workshop.run('copied', sourceOf('file', await media('hevc-aac.ts')), {
        known: { video: hevc, audio: { codec: 'aac' } },
        output: { video: 'copy' },
      });
      expect(job.plan.legs).toEqual(['backup']);
      const decoded = await job.decodeLeg('backup');
      expect(decoded.codecs).toEqual(['hevc', 'aac']);
      expect(await job.leg('primary')).toBeUndefined();
    });
  });
}
