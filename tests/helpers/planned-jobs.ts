// Plans real jobs against a real nginx-rtmp, runs them, and judges both legs by decoding them.

import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputConfig, SourceConfig } from '../../src/core/config.ts';
import type { SourceFacts } from '../../src/core/facts.ts';
import { legPlaylistName, type LegName } from '../../src/core/ids.ts';
import type { JobPlan } from '../../src/core/job-plan.ts';
import { createStreamLearner } from '../../src/observe/stream-lines.ts';
import { planJob } from '../../src/plan/job-plan.ts';
import type { FfmpegRunner, RunningJob } from './ffmpeg-runner.ts';
import { decode, readPlaylist, removeFolder, type Decoded, type Playlist } from './media.ts';
import { createNginx, type TestNginx } from './nginx.ts';
import { streamOf } from './streams.ts';
import { eventually } from './wait.ts';

export interface PlannedJob extends RunningJob {
  readonly id: string;
  readonly plan: JobPlan;
  readonly leg: (leg: LegName) => Promise<Playlist | undefined>;
  /** Waits until the leg lists so many segments, then decodes the newest one. */
  decodeLeg(leg: LegName, segments?: number): Promise<Decoded>;
  /** Waits for so many more segments than there are now, then decodes the newest one. */
  decodeNext(leg: LegName, segments?: number): Promise<Decoded>;
  /** What the learner makes of its stderr. */
  learned(): Promise<SourceFacts | undefined>;
}

export interface Workshop {
  readonly directory: string;
  readonly nginx: TestNginx;
  run(
    id: string,
    source: SourceConfig,
    more?: { readonly known?: SourceFacts; readonly output?: Partial<OutputConfig>; readonly startNumber?: number },
  ): Promise<PlannedJob>;
  /** Stops every job and nginx, removes the folder. */
  close(): Promise<void>;
}

/** nginx is not started yet. */
export async function openWorkshop(runner: FfmpegRunner): Promise<Workshop> {
  const directory = await mkdtemp(join(tmpdir(), 'iptv-plan-'));
  const nginx = await createNginx({ directory });
  const ffmpeg = await runner.facts();
  const jobs: PlannedJob[] = [];
  const http = `http://127.0.0.1:${nginx.httpPort}`;
  const endpoints = {
    rtmpUrl: `rtmp://127.0.0.1:${nginx.rtmpPort}/live`,
    hlsUrl: `${http}/hls`,
    publicHlsUrl: `${http}/hls`,
    statUrl: `${http}/stat`,
    healthUrl: `${http}/healthz`,
    hlsDirectory: nginx.hlsDirectory,
    liveUrl: `http://127.0.0.1:${nginx.httpPort}/live`,
    publicLiveUrl: `http://127.0.0.1:${nginx.httpPort}/live`,
  };

  return {
    directory,
    nginx,
    async run(id, source, more = {}) {
      const plan = planJob({
        stream: streamOf(source, more.output, id),
        sourceIndex: 0,
        endpoints,
        ffmpeg,
        source: more.known,
        startNumber: more.startNumber ?? 100,
        secrets: [],
      });
      const folder = join(directory, id);
      await mkdir(folder);
      const running = runner.start(plan.argv, folder);
      const leg = (name: LegName): Promise<Playlist | undefined> => readPlaylist(join(nginx.hlsDirectory, legPlaylistName(id, name)));
      const end = (playlist: Playlist | undefined): number =>
        playlist === undefined ? 0 : playlist.mediaSequence + playlist.segments.length;
      const decodeWhen = async (name: LegName, what: string, holds: (playlist: Playlist | undefined) => boolean): Promise<Decoded> => {
        const look = async (): Promise<Playlist | undefined> => {
          if (!running.isAlive()) throw new Error(`${id} ended: ${(await running.stderr()).slice(-2000)}`);
          return leg(name);
        };
        const playlist = await eventually(look, holds, { timeoutMs: 90_000, what: `${what} in the ${name} leg of ${id}` });
        return decode(join(nginx.hlsDirectory, playlist?.segments.at(-1) ?? ''));
      };
      const job: PlannedJob = {
        ...running,
        id,
        plan,
        leg,
        decodeLeg: (name, segments = 2) =>
          decodeWhen(name, `${segments} segments`, (playlist) => (playlist?.segments.length ?? 0) >= segments),
        async decodeNext(name, segments = 2) {
          const before = end(await leg(name));
          return decodeWhen(name, `${segments} more segments`, (playlist) => end(playlist) >= before + segments);
        },
        async learned() {
          const learner = createStreamLearner();
          return (await running.stderr())
            .split('\n')
            .map((line) => learner.feed(line))
            .find((facts) => facts !== undefined);
        },
      };
      jobs.push(job);
      return job;
    },
    async close() {
      await Promise.all(jobs.map((job) => job.stop()));
      await nginx.stop();
      await removeFolder(directory);
    },
  };
}
