// `iptv bench machine`: how much of this machine a copied channel and a ladder take, by short real runs.

import type { Command } from 'commander';

import { AppError, usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports } from '../core/ports.ts';
import { writeJson } from '../ui/json.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';

export interface BenchOptions {
  readonly what: string;
}

export const help: CommandHelp = {
  purpose:
    'Measure how many copied channels and how many ladders this machine holds: short encodes at full speed, half a minute in all. What it finds is remembered, and "iptv plan" says with it what a ladder costs.',
  examples: [
    ['iptv bench machine', 'measure and remember'],
    ['iptv bench machine --json', 'the same figures for a program'],
  ],
};

export function declare(command: Command, context: Context, run: Run<BenchOptions>): void {
  command.argument('<what>', 'machine').action(async (what: string) => context.finish(await run({ what }, context)));
}

const seconds = 4;
const copySeconds = { short: 2, long: 14 };
const timeoutMs = 180_000;
/** 1280x720, 854x480 and 640x360 at 25 frames a second: `ladder: 720p`. */
const sizes = ['1280:720', '854:480', '640:360'] as const;
const encodedMegapixels =
  (sizes.reduce((sum, size) => sum + size.split(':').reduce((area, side) => area * Number(side), 1), 0) * 25 * seconds) / 1_000_000;

export async function run({ what }: BenchOptions, context: Context): Promise<ExitCode> {
  if (what !== 'machine') throw usageError(`${what} cannot be measured`, 'iptv bench machine');
  const { streams, paths } = context;
  const [{ path: ffmpeg, version }, ports] = await Promise.all([context.ffmpegFacts(), context.ports()]);
  const source = `${paths.directory}/bench-source.ts`;
  await ports.files.makeDirectory(paths.directory);
  try {
    // Not the machine's best case: a little noise, as a broadcast has it.
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25,noise=alls=8:allf=t', '-f', 'lavfi', '-i', 'sine=frequency=440'];
    const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-b:v', '4M', '-g', '50', '-c:a', 'aac'];
    await cpuSeconds(ports, ffmpeg, ['-y', ...picture, '-t', String(seconds), ...encode, source]);
    const input = ['-i', source];
    // At the speed of life, as a job runs: packet by packet. What the start costs is taken off.
    const copy = (length: number) =>
      cpuSeconds(ports, ffmpeg, [
        ...['-re', '-stream_loop', '-1', ...input, '-t', String(length), '-map', '0', '-c', 'copy', '-tag:v', '7', '-tag:a', '10'],
        ...['-f', 'tee', '[f=flv:bsfs/a=aac_adtstoasc]/dev/null|[f=mpegts]/dev/null'],
      ]);
    const [short, long] = [await copy(copySeconds.short), await copy(copySeconds.long)];
    const copied = long - short;
    const encoded = await cpuSeconds(ports, ffmpeg, [...input, ...ladderWords()]);
    const cores = Number((await ports.process.run('nproc', [], { timeoutMs: 5000 })).stdout.trim()) || 1;
    const figures = {
      schemaVersion: 1 as const,
      measuredAt: new Date(context.now()).toISOString(),
      ffmpeg: version,
      cores,
      copyCores: Math.max(0.0001, rounded(copied / (copySeconds.long - copySeconds.short), 4)),
      secondsPerMegapixel: rounded(encoded / encodedMegapixels, 5),
    };
    await ports.files.writeAtomic(`${paths.directory}/machine.json`, `${JSON.stringify(figures)}\n`, 0o644);
    const ladderCores = rounded(encoded / seconds, 2);
    const holds = { copyChannels: Math.floor((0.8 * cores) / figures.copyCores), ladders: Math.floor((0.8 * cores) / ladderCores) };
    if (streams.json) writeJson(streams.out, { ...figures, ladderCores, holds });
    else {
      streams.out.write(
        [
          `${cores} ${cores === 1 ? 'core' : 'cores'}, ffmpeg ${version}; four fifths of them count as usable`,
          `a copied channel (720p, 4 Mb/s, both legs): ${rounded(100 * figures.copyCores, 2)} % of a core, so about ${holds.copyChannels} channels by ffmpeg alone`,
          `a ladder (720p, 480p, 360p, x264 veryfast): ${ladderCores} cores, so ${holds.ladders} ${holds.ladders === 1 ? 'ladder' : 'ladders'}`,
          'nginx, network and disk come on top; what else ran meanwhile was not counted, CPU time was',
          '',
        ].join('\n'),
      );
    }
    return ExitCode.ok;
  } finally {
    await ports.files.remove(source);
  }
}

function ladderWords(): readonly string[] {
  const graph = [
    `[0:v:0]fps=25,split=${sizes.length}${sizes.map((_, at) => `[s${at}]`).join('')}`,
    ...sizes.map((size, at) => `[s${at}]scale=${size},format=yuv420p[v${at}]`),
  ].join(';');
  const rates = [2800, 1200, 700];
  const outputs = sizes.flatMap((_, at) => {
    const rate = rates[at] ?? 700;
    return [
      ...['-map', `[v${at}]`, '-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-sc_threshold', '0'],
      ...['-b:v', `${rate}k`, '-maxrate', `${rate * 1.2}k`, '-bufsize', `${rate * 2}k`, '-f', 'null', '-'],
    ];
  });
  return ['-filter_complex', graph, ...outputs];
}

/** User and system time as ffmpeg's -benchmark tells them at its end. */
async function cpuSeconds(ports: Ports, ffmpeg: string, words: readonly string[]): Promise<number> {
  const argv = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'info', '-benchmark', ...words];
  const { exitCode, stderr, timedOut } = await ports.process.run(ffmpeg, argv, { timeoutMs });
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? [];
  if (exitCode === 0 && user !== undefined && system !== undefined) return Number(user) + Number(system);
  throw new AppError({
    exitCode: timedOut ? ExitCode.tryAgain : ExitCode.unavailable,
    code: 'bench-failed',
    message: timedOut ? `ffmpeg needed more than ${timeoutMs / 1000} s for ${seconds} s of picture` : 'ffmpeg cannot encode here',
    evidence: stderr.trim().split('\n').slice(-3),
    next: 'iptv doctor ffmpeg',
  });
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
