// What an edge costs, and what it spares: segments per second against bare nginx, and origin requests per object under a crowd.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createTestOrigin, startTestEdge } from '../helpers/edge.ts';
import { freePort } from '../helpers/free-port.ts';
import { runCrowd, type CrowdReport } from '../helpers/hls-crowd.ts';
import { createMovingChannel } from '../helpers/moving-channel.ts';
import { eventually } from '../helpers/wait.ts';
import type { Figure, PartReport } from './figure.ts';
import { median, pairRatios, quantile } from './numbers.ts';
import type { Session } from './session.ts';

const segmentSeconds = 2;
/** Two seconds of 3 Mbit/s. */
const segmentBytes = 750_000;
/** Smaller for the crowd: it, the edge and the origin share this machine, and what is counted are requests. */
const crowdBytes = 20_000;

interface Speed {
  readonly bare: readonly number[];
  readonly edge: readonly number[];
}

export async function measureEdge(session: Session): Promise<PartReport> {
  const hasWrk = spawnSync('wrk', ['--version']).error === undefined;
  if (!hasWrk) session.say('edge: segments a second are left out: apt-get install wrk');
  const speed = hasWrk ? await measureSpeed(session) : undefined;
  const crowds: {
    readonly viewers: number;
    readonly perSegment: number;
    readonly playlistsPerSecond: number;
    readonly report: CrowdReport;
  }[] = [];
  for (const viewers of [200, 2000]) crowds.push(await measureCrowd(session, viewers));
  return {
    figures: [
      ...(speed === undefined ? [] : [speedFigure(speed)]),
      ...crowds.flatMap(({ viewers, perSegment, playlistsPerSecond, report }) => [
        {
          part: 'edge' as const,
          name: `origin requests per segment, ${viewers} viewers`,
          value: perSegment,
          unit: '',
          aim: 1.05,
          detail: `${report.segments} segments and ${report.playlists} playlists served, ${[...report.failures.values()].reduce((sum, one) => sum + one, 0)} failures`,
        },
        {
          part: 'edge' as const,
          name: `origin requests a second for a playlist that holds a second, ${viewers} viewers`,
          value: playlistsPerSecond,
          unit: '',
          aim: 1.05,
          detail: `oldest playlist ${Math.round(report.outdatedMs)} ms outdated, 99 % of answers within ${Math.round(quantile(report.latencies, 0.99))} ms`,
        },
      ]),
    ],
    samples: {
      speed,
      crowds: crowds.map(({ report, ...rest }) => ({
        ...rest,
        failures: [...report.failures],
        cache: [...report.cache],
        outdatedMs: report.outdatedMs,
        leastSegments: report.leastSegments,
        bytes: report.bytes,
      })),
    },
  };
}

function speedFigure({ bare, edge }: Speed): Figure {
  return {
    part: 'edge',
    name: 'bare nginx against the edge, segments a second',
    value: median(pairRatios(bare, edge)),
    unit: 'x',
    aim: 1.05,
    detail: `${Math.round(median(edge))} of ${segmentBytes / 1000} kB a second from the edge, ${Math.round(median(bare))} from bare nginx`,
  };
}

/**
 * The same file in turn from both, each with one worker, by the same client; all of them anew several times, because where in memory
 * the pages of a file happen to lie is worth some percent to either for as long as it lies there.
 */
async function measureSpeed(session: Session): Promise<Speed> {
  const rates = { bare: [] as number[], edge: [] as number[] };
  for (let start = 0; start < (session.quick ? 1 : 5); start += 1) await measureStart(session, start, rates);
  return rates;
}

function measureStart(session: Session, start: number, rates: { readonly bare: number[]; readonly edge: number[] }): Promise<void> {
  return withEdge(session, `speed-${start}`, segmentBytes, async ({ edgeUrl, hlsDirectory, warm }) => {
    const file = '/live/news/news-1001.ts';
    await warm();
    const bare = await startBare(session, join(hlsDirectory, 'news-1001.ts'));
    try {
      // Short rounds: what else the machine does for some seconds then spoils some pairs, and not the median.
      for (let round = 0; round < (session.quick ? 2 : 6); round += 1) {
        session.say(`edge: segments a second, start ${start + 1}, round ${round + 1}`);
        // In turn, and turned around each time: the second of a pair must not always have the warmer machine.
        const order = round % 2 === 0 ? (['bare', 'edge'] as const) : (['edge', 'bare'] as const);
        for (const which of order) {
          session.check();
          rates[which].push(wrk(which === 'bare' ? `${bare.url}/news-1001.ts` : `${edgeUrl}${file}`));
        }
      }
    } finally {
      await bare.stop();
    }
  });
}

function wrk(url: string): number {
  const { stdout, status, stderr } = spawnSync('wrk', ['-t1', '-c16', '-d1s', url], { encoding: 'utf8' });
  const rate = /Requests\/sec:\s*([\d.]+)/.exec(stdout)?.[1];
  if (status !== 0 || rate === undefined || /Non-2xx/.test(stdout)) throw new Error(`wrk could not measure ${url}: ${stdout}${stderr}`);
  return Number(rate);
}

/** nginx with nothing but the settings that everybody gives a file server. */
async function startBare(session: Session, file: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const directory = join(session.directory, 'bare');
  mkdirSync(join(directory, 'www'), { recursive: true });
  for (const path of [directory, join(directory, 'www')]) chmodSync(path, 0o755);
  copyFileSync(file, join(directory, 'www/news-1001.ts'));
  const port = await freePort();
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`).join(' ');
  const conf = `${process.getuid?.() === 0 ? 'user nobody nogroup;' : ''} worker_processes 1; pid ${directory}/pid; events { worker_connections 4096; }
http { access_log off; ${temp} sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 10000; types { video/mp2t ts; }
server { listen ${port}; root ${directory}/www; } }`;
  writeFileSync(join(directory, 'nginx.conf'), conf);
  const child = spawn('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(
    () =>
      fetch(`${url}/news-1001.ts`).then(
        async (answer) => (await answer.arrayBuffer()).byteLength > 0,
        () => false,
      ),
    (answers) => answers,
  );
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function measureCrowd(session: Session, viewers: number) {
  session.say(`edge: ${viewers} viewers`);
  return withEdge(session, `crowd-${viewers}`, crowdBytes, async ({ edgeUrl, channel, requests, warm }) => {
    await warm();
    channel.start();
    const before = await requests();
    const begun = performance.now();
    const report = await runCrowd({
      url: `${edgeUrl}/live/news/index.m3u8`,
      viewers,
      seconds: session.quick ? 10 : 30,
      arriveSeconds: segmentSeconds,
      segment: channel.segment,
      outdatedMs: channel.outdatedMs,
    });
    const seconds = (performance.now() - begun) / 1000;
    const after = await requests();
    const asked = [...after].map(([path, count]) => ({ path, count: count - (before.get(path) ?? 0) })).filter(({ count }) => count > 0);
    const segments = asked.filter(({ path }) => path.endsWith('.ts'));
    const playlists = asked.filter(({ path }) => path.endsWith('.m3u8')).reduce((sum, { count }) => sum + count, 0);
    const perSegment = segments.reduce((sum, { count }) => sum + count, 0) / segments.length;
    return { viewers, perSegment, playlistsPerSecond: playlists / seconds, report };
  });
}

async function withEdge<T>(
  session: Session,
  name: string,
  bytes: number,
  work: (at: {
    readonly edgeUrl: string;
    readonly hlsDirectory: string;
    readonly channel: ReturnType<typeof createMovingChannel>;
    readonly requests: () => Promise<ReadonlyMap<string, number>>;
    /** Makes the channel popular and its segments cached. */
    readonly warm: () => Promise<void>;
  }) => Promise<T>,
): Promise<T> {
  session.check();
  const directory = join(session.directory, name);
  mkdirSync(join(directory, 'origin'), { recursive: true });
  for (const path of [session.directory, directory, join(directory, 'origin')]) chmodSync(path, 0o755);
  const origin = await createTestOrigin(join(directory, 'origin'), segmentSeconds);
  await origin.start();
  // As it is by default: what is popular lies in memory.
  const memoryDirectory = `/dev/shm/iptv-bench-${process.pid}-${name}`;
  const edge = await startTestEdge({
    directory: join(directory, 'edge'),
    origins: [`127.0.0.1:${origin.httpPort}`],
    segmentSeconds,
    memoryDirectory,
  });
  const channel = createMovingChannel({ id: 'news', hlsDirectory: origin.hlsDirectory, segmentSeconds, segmentBytes: bytes, window: 6 });
  try {
    return await work({
      edgeUrl: edge.url,
      hlsDirectory: origin.hlsDirectory,
      channel,
      requests: () => origin.requests(),
      async warm() {
        for (let count = 0; count < 20; count += 1) await fetch(`${edge.url}/live/news/index.m3u8`).then((answer) => answer.text());
        for (let count = 0; count < 4; count += 1)
          for (let number = 1000; number < 1004; number += 1)
            await fetch(`${edge.url}/live/news/news-${number}.ts`).then((answer) => answer.arrayBuffer());
      },
    });
  } finally {
    channel.stop();
    await edge.stop();
    await origin.stop();
    rmSync(memoryDirectory, { recursive: true, force: true });
  }
}
