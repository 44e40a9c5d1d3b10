// A ladder against the bare command of the same encode, both at the same time; and how well its rungs are cut together.

import { spawn } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { beginsAt, getRung } from '../helpers/rungs.ts';
import type { TestStack } from '../helpers/stack.ts';
import type { PartReport } from './figure.ts';
import { median, round } from './numbers.ts';
import { readCpuSeconds } from './proc-cost.ts';
import { makeSource, withStack, type Session } from './session.ts';

const aim = 1.05;
const fps = 25;
const rungs = [
  { name: '480p', size: [854, 480], kilobits: 1200 },
  { name: '360p', size: [640, 360], kilobits: 700 },
  { name: '240p', size: [426, 240], kilobits: 400 },
] as const;

export async function measureLadder(session: Session): Promise<PartReport> {
  const source = makeSource(session, { name: 'ladder', size: '854x480', fps, seconds: 20, videoBitrate: '2000k', audioBitrate: '128k' });
  const renditions = rungs.map(({ name, size, kilobits }) => `{ name: ${name}, video: { height: ${size[1]}, bitrate: ${kilobits}k } }`);
  const streams = `  - { id: news, source: ${source}, renditions: [${renditions.join(', ')}] }`;
  const rounds = session.quick ? 2 : 6;
  const windowMs = session.quick ? 6000 : 15_000;
  return withStack(session, { streams }, async (stack) => {
    const ran = await stack.iptv('start', 'news', '--wait', '--timeout', '90s');
    if (ran.code !== 0) throw new Error(`the ladder does not play: ${ran.stderr}`);
    const bare = startBare(source, join(stack.directory, 'bare'));
    try {
      // Both have settled: encoders are full, nothing is opened any more.
      await session.sleep(8000);
      const ratios: number[] = [];
      const cores: number[] = [];
      for (let at = 0; at < rounds; at += 1) {
        session.say(`ladder: window ${at + 1} of ${rounds}`);
        const job = stack.jobs('news')[0] ?? 0;
        const before = [readCpuSeconds(job), readCpuSeconds(bare.pid)];
        await session.sleep(windowMs);
        if (!stack.jobs('news').includes(job)) {
          session.say('ladder: the job was started again, this window does not count: is the machine too busy?');
          continue;
        }
        const [ours = 0, theirs = 0] = [readCpuSeconds(job), readCpuSeconds(bare.pid)].map((now, index) => now - (before[index] ?? 0));
        ratios.push(ours / theirs);
        cores.push((1000 * ours) / windowMs);
      }
      if (ratios.length === 0) throw new Error('no window without a restart of the job: the machine is too busy to measure');
      const apart = await framesApart(stack);
      return {
        figures: [
          {
            part: 'ladder',
            name: 'CPU of a ladder of three rungs',
            value: median(ratios),
            unit: 'x ffmpeg',
            aim,
            detail: `${round(median(cores), 2)} cores, ${ratios.length} windows of ${windowMs / 1000} s, both at once`,
          },
          {
            part: 'ladder',
            name: 'segments of the rungs begin apart',
            value: apart.frames,
            unit: 'frames',
            aim: 1,
            detail: `${apart.compared} segments of both legs`,
          },
        ],
        samples: { ratios, cores, apart },
      };
    } finally {
      bare.stop();
    }
  });
}

/** What one would type: the same filters, encoders and bit rates, one HLS output a rung, no RTMP. */
function startBare(source: string, directory: string): { readonly pid: number; stop(): void } {
  mkdirSync(directory);
  const graph = [
    `[0:v:0]bwdif=mode=send_frame:parity=auto:deint=interlaced,fps=${fps},split=${rungs.length}${rungs.map((_, at) => `[s${at}]`).join('')}`,
    ...rungs.map(({ size: [width, height] }, at) => `[s${at}]scale=${width}:${height},setsar=1,format=yuv420p[v${at}]`),
  ].join(';');
  const outputs = rungs.flatMap(({ name, kilobits }, at) => [
    ...[
      '-map',
      `[v${at}]`,
      '-map',
      '0:a:0',
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-sc_threshold',
      '0',
      '-g',
      '50',
      '-keyint_min',
      '50',
    ],
    ...['-b:v', `${kilobits}k`, '-maxrate', `${kilobits * 1.2}k`, '-bufsize', `${2 * kilobits}k`, '-c:a', 'copy'],
    ...['-f', 'hls', '-hls_time', '2', '-hls_list_size', '10', '-hls_flags', 'delete_segments', join(directory, `${name}.m3u8`)],
  ]);
  const words = [
    '-nostdin',
    '-nostats',
    '-loglevel',
    'error',
    '-re',
    '-stream_loop',
    '-1',
    '-i',
    source,
    '-filter_complex',
    graph,
    ...outputs,
  ];
  const child = spawn('ffmpeg', words, { stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('ffmpeg cannot be started');
  return { pid: child.pid, stop: () => void child.kill('SIGKILL') };
}

/** The largest distance between the first pictures of one entry in all rungs, in frames. */
async function framesApart(stack: TestStack): Promise<{ readonly frames: number; readonly compared: number }> {
  const ask = () => Promise.all(rungs.map(({ name }) => getRung(`${stack.url}/live/news/${name}/index.m3u8`)));
  let lists = await ask();
  // Between two writes a rung may be one segment ahead.
  for (let tries = 0; tries < 50 && new Set(lists.map((list) => list?.mediaSequence)).size > 1; tries += 1) lists = await ask();
  const legs = await Promise.all(rungs.map(({ name }) => getRung(`${stack.url}/hls/stream_news_${name}.m3u8`)));
  let frames = 0;
  let compared = 0;
  for (const set of [lists, legs]) {
    // The newest ones: older ones may be deleted while they are looked at.
    const count = Math.min(4, ...set.map((list) => list?.segments.length ?? 0));
    for (let at = 1; at <= count; at += 1) {
      const names = set.map((list) => list?.segments.at(-at)?.uri ?? '');
      // On a machine that cannot keep up a slate was shown meanwhile; a job that is ended at once leaves an empty file in its leg.
      if (names.some((name) => name.startsWith('slate-') || !hasContent(join(stack.hls, name)))) continue;
      const begins = await Promise.all(names.map((name) => beginsAt(stack.hls, name)));
      frames = Math.max(frames, (Math.max(...begins) - Math.min(...begins)) * fps);
      compared += 1;
    }
  }
  return { frames: round(frames, 3), compared };
}

function hasContent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
