// Planned commands on every source kind over real protocols: both legs play.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceConfig } from '../../src/core/config.ts';
import { classifyFailure } from '../../src/observe/failure-class.ts';
import { createProgressParser } from '../../src/observe/progress.ts';
import { containerFfmpeg, hostFfmpeg } from '../helpers/ffmpeg-runner.ts';
import { feedRtmp, feedRtp, feedSrt, feedUdp, serveRtsp, type Feed } from '../helpers/feeds.ts';
import { media, serveHls, serveTs, type Serving } from '../helpers/media.ts';
import { openWorkshop, type PlannedJob, type Workshop } from '../helpers/planned-jobs.ts';
import { sourceOf } from '../helpers/streams.ts';
import { eventually } from '../helpers/wait.ts';

for (const runner of [hostFfmpeg, containerFfmpeg()]) {
  if (runner === undefined) continue;

  describe(`on the ffmpeg of the ${runner.name}`, { timeout: 480_000 }, () => {
    let workshop: Workshop;
    const feeds: Feed[] = [];
    const servings: Serving[] = [];
    const jobs = new Map<string, PlannedJob>();

    beforeAll(async () => {
      const file = await media('h264-aac.ts');
      workshop = await openWorkshop(runner);
      await workshop.nginx.start();
      const ts = await serveTs(file);
      const hls = await serveHls(file, join(workshop.directory, 'origin'));
      servings.push(ts, hls);
      const pulled = feedRtmp(await media('h264-aac.mp4'), `rtmp://127.0.0.1:${workshop.nginx.rtmpPort}/live/origin`);
      const [udp, rtp, srt, rtsp] = [await feedUdp(file), await feedRtp(file), await feedSrt(file), await serveRtsp(file)];
      feeds.push(pulled, udp, rtp, srt, rtsp);
      await eventually(
        () => fetch(hls.url).then((answer) => answer.ok),
        (ok) => ok,
        { what: 'the HLS origin' },
      );
      const identity = { userAgent: 'Test/1', referer: 'http://tv.example/', headers: { 'X-Account': 'seven' } };
      const sources: readonly SourceConfig[] = [
        sourceOf('http-ts', ts.url, identity),
        sourceOf('hls', hls.url),
        sourceOf('rtmp', pulled.url),
        sourceOf('udp', udp.url),
        sourceOf('rtp', rtp.url),
        sourceOf('srt', srt.url),
        sourceOf('rtsp', rtsp.url),
      ];
      for (const source of sources) jobs.set(source.kind, await workshop.run(`from-${source.kind}`, source));
    }, 480_000);

    afterAll(async () => {
      await workshop.close();
      for (const feed of feeds) feed.close();
      await Promise.all(servings.map((serving) => serving.close()));
    }, 240_000);

    it.each(['http-ts', 'hls', 'rtmp', 'udp', 'rtp', 'srt', 'rtsp'])('%s: both legs play', async (kind) => {
      const job = jobs.get(kind);
      for (const leg of ['primary', 'backup'] as const) {
        // A receiver that joins in the middle begins with a broken picture; the third segment is past that.
        const decoded = await job?.decodeLeg(leg, 3);
        expect(decoded?.errors).toEqual([]);
        expect(decoded?.codecs).toEqual(['h264', 'aac']);
        expect(decoded?.videoFrames).toBeGreaterThan(20);
        expect(decoded?.audioFrames).toBeGreaterThan(20);
      }
    });

    it('sends user agent, referer and headers', () => {
      expect(servings[0]?.requests[0]?.headers).toMatchObject({
        'user-agent': 'Test/1',
        referer: 'http://tv.example/',
        'x-account': 'seven',
      });
    });

    it('tells its progress on descriptor 3', async () => {
      // Speed counts from the start, at which ffmpeg has looked at its source for some seconds: it takes a while to come near 1.
      const blocks = await eventually(
        async () => createProgressParser().feed((await jobs.get('http-ts')?.progress()) ?? ''),
        (found) => found.length > 2 && (found.at(-1)?.outTimeUs ?? 0) > 2_000_000 && (found.at(-1)?.speed ?? 0) > 0.5,
        { timeoutMs: 120_000, every: 500 },
      );
      const times = blocks.map((block) => block.outTimeUs ?? 0);
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
    });

    it('ends by itself, with a cause, when the source is gone for good', async () => {
      const job = jobs.get('srt');
      feeds[3]?.close();
      const exit = await job?.ended;
      const found = classifyFailure(((await job?.stderr()) ?? '').split('\n'), exit ?? {});
      // Measured: ffmpeg ends with 0 although its live source broke off.
      expect(exit?.code).toBe(0);
      expect(['ended', 'reset', 'timeout']).toContain(found.cause);
    });

    it('stops at once when told to, and closes its files', async () => {
      const job = jobs.get('hls');
      // Long before it would be killed, which closes no file.
      expect(await job?.stop()).toBeLessThan(20_000);
      const playlist = await job?.leg('backup');
      expect(playlist?.ended).toBe(false);
      expect(
        createProgressParser()
          .feed((await job?.progress()) ?? '')
          .at(-1)?.done,
      ).toBe(true);
    });
  });
}
