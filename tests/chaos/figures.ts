// The figures that were promised, each measured several times in one run, beside the floor that nobody can beat.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { median, round } from '../bench/numbers.ts';
import type { Player, PlayerHouse, PlayerReport } from '../helpers/browser-player.ts';
import { media } from '../helpers/media.ts';
import { kill } from '../helpers/stack.ts';
import { sleep } from '../helpers/wait.ts';
import type { Fault } from './fault.ts';
import { supervisorReturns } from './returns.ts';
import { play, recover } from './run-fault.ts';
import { createScene, type Scene } from './scene.ts';

export interface ChaosFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The largest value that would be fine; absent: gives scale. */
  readonly aim?: number;
  /** In the order of measuring; `value` is their median, or the worst of them where the name says so. */
  readonly samples: readonly number[];
}

type Add = (
  name: string,
  samples: readonly number[],
  how: { readonly worst?: boolean; readonly aim?: number; readonly unit?: string },
) => void;

const rounds = 3;
const killRounds = 5;
/** More than hls.js keeps between itself and the newest segment of two seconds: there is a cushion for who joins now. */
const runningSegments = 5;
const recoverySeconds = 120;
/** A run as short as between two rounds forgets the failures before it: each round measures a first failure. */
const stream = '    restart: { stableAfter: 5s }';
const part = (sources: Fault['sources']): Fault => ({
  id: 'figures',
  name: 'figures',
  stream,
  ...(sources === undefined ? {} : { sources }),
  inject: async () => undefined,
});

export async function measureFigures(house: PlayerHouse, say: (text: string) => void): Promise<readonly ChaosFigure[]> {
  const figures: ChaosFigure[] = [];
  const add: Add = (name, samples, { worst = false, aim, unit = 's' }) => {
    const value = worst ? Math.max(...samples) : median(samples);
    const figure = {
      name: `${name}${worst ? ' (worst)' : ''}`,
      value: round(value, 2),
      unit,
      samples: samples.map((each) => round(each, 2)),
    };
    figures.push(aim === undefined ? figure : { ...figure, aim: round(aim, 2) });
    say(`${figureLine(figures.at(-1) ?? figure)}\n`);
  };
  const file = await media('h264-aac.ts');
  const parts: readonly [Fault, (scene: Scene, add: Add) => Promise<number | undefined>][] = [
    [part(() => [file]), (scene) => killJobs(scene, house, add, file)],
    [part(() => [file]), (scene) => killHouse(scene, house, add)],
    [part(undefined), silence],
    [part((origin) => [origin.ts('a'), origin.ts('b')]), killSources],
  ];
  const reloads: number[] = [];
  for (const [fault, measure] of parts) {
    const scene = await createScene(fault, house);
    try {
      await play(scene);
      const ofOthers = await measure(scene, add);
      reloads.push((await scene.reloads()) + (ofOthers ?? 0));
    } finally {
      await scene.close();
    }
  }
  add('reloads in all of these', reloads, { aim: 0, worst: true, unit: '' });
  return figures;
}

export function figureLine({ name, value, unit, aim, samples }: ChaosFigure): string {
  const verdict = aim === undefined ? '' : value <= aim ? `aim ${aim}: met` : `aim ${aim}: NOT met`;
  return `${name.padEnd(80)} ${`${value} ${unit}`.padEnd(8)} ${verdict.padEnd(18)} [${samples.join(', ')}]`;
}

/** Spawn to first segment in the playlist, of an ffmpeg that does nothing else. */
async function plainStart(file: string): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'iptv-floor-'));
  const playlist = join(directory, 'index.m3u8');
  const began = performance.now();
  const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-map', '0', '-c', 'copy'];
  const child = spawn('ffmpeg', [...input, '-f', 'hls', '-hls_time', '2', '-hls_flags', 'temp_file', playlist], { stdio: 'ignore' });
  try {
    while (!(existsSync(playlist) && readFileSync(playlist, 'utf8').includes('.ts'))) await sleep(20);
    return (performance.now() - began) / 1000;
  } finally {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Who opens a channel in its first seconds finds one or two segments and has no cushion: it lasts as long as the viewer stays. Both kinds
 * are measured, this one joins while it runs.
 */
async function joinRunning(scene: Scene, house: PlayerHouse): Promise<Player> {
  await scene.until('the channel lists enough', () => scene.watch().listed().length >= runningSegments);
  const player = await house.open((await scene.news()).channel?.url.replace('localhost', '127.0.0.1') ?? '');
  await scene.until('its picture moves', async () => (await player.report()).playedSeconds > 3);
  return player;
}

const reloadsOf = ({ reloads, mediaRecoveries }: PlayerReport): number => reloads + mediaRecoveries;

/** Resolves with reloads of the viewers that it brought. */
async function killJobs(scene: Scene, house: PlayerHouse, add: Add, file: string): Promise<number> {
  let reloads = 0;
  const floor: number[] = [];
  const kills: number[] = [];
  const stalls: number[] = [];
  const stallsOfTheFirst: number[] = [];
  for (let index = 0; index < killRounds; index += 1) {
    floor.push(await plainStart(file));
    // Content is lost with each kill, and every viewer's cushion shrinks by it: each round has a viewer of its own.
    const viewer = await joinRunning(scene, house);
    try {
      await Promise.all([scene.mark(), viewer.mark()]);
      const { discontinuity } = scene.watch().report();
      const began = performance.now();
      kill(scene.job());
      // What the dead job had begun may still be listed; what counts is the first segment of the new job.
      const first = (): number | undefined => scene.watch().firstSegmentAfter(began, (entry) => entry.discontinuity > discontinuity);
      await scene.until('a segment of the new job', () => first() !== undefined);
      kills.push(((first() ?? began) - began) / 1000);
      await recover(scene, recoverySeconds);
      const report = await viewer.report();
      stalls.push(report.longestStallSeconds);
      reloads += reloadsOf(report);
      stallsOfTheFirst.push((await scene.player().report()).longestStallSeconds);
    } finally {
      await viewer.close();
    }
  }
  add('floor: plain ffmpeg, start to first segment listed', floor, {});
  add('job SIGKILL: first segment of the new job listed', kills, { aim: 1.15 * median(floor) });
  add('job SIGKILL: longest stall, viewer of a running channel', stalls, { worst: true });
  add("job SIGKILL: longest stall, viewer since the channel's first seconds", stallsOfTheFirst, { worst: true });
  return reloads;
}

async function killHouse(scene: Scene, house: PlayerHouse, add: Add): Promise<number> {
  let reloads = 0;
  const stalls: number[] = [];
  const stallsOfTheFirst: number[] = [];
  const gaps: number[] = [];
  const viewer = await joinRunning(scene, house);
  for (let index = 0; index < killRounds; index += 1) {
    await Promise.all([scene.mark(), viewer.mark()]);
    const before = await scene.supervisor();
    kill(before);
    await supervisorReturns(scene, before);
    await scene.sleep(8);
    const report = await viewer.report();
    stalls.push(report.longestStallSeconds);
    reloads += reloadsOf(report);
    stallsOfTheFirst.push((await scene.player().report()).longestStallSeconds);
    gaps.push(scene.watch().report().longestGapSeconds);
  }
  await viewer.close();
  add('supervisor SIGKILL: longest stall, viewer of a running channel', stalls, { worst: true, aim: 0.1 });
  add("supervisor SIGKILL: longest stall, viewer since the channel's first seconds", stallsOfTheFirst, { worst: true, aim: 0.1 });
  add('supervisor SIGKILL: longest time without a new segment', gaps, { worst: true });

  const silences: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    await scene.mark();
    const before = await scene.nginx();
    kill(-before);
    await scene.nextNginx(before);
    await recover(scene, recoverySeconds);
    silences.push(scene.watch().report().unreachableSeconds);
  }
  add('nginx SIGKILL: HTTP does not answer', silences, { worst: true, aim: 2 });
  return reloads;
}

async function silence(scene: Scene, add: Add): Promise<undefined> {
  const news: number[] = [];
  const stalls: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    await scene.mark();
    const began = performance.now();
    await scene.origin.behave('a', { answer: 'silent' });
    await scene.sleep(20);
    const { longestGapSeconds } = scene.watch().report();
    news.push(scene.watch().firstSegmentAfter(began + 3000) === undefined ? 20 : longestGapSeconds);
    await scene.origin.behave('a', { answer: 'live' });
    await recover(scene, recoverySeconds);
    stalls.push((await scene.player().report()).longestStallSeconds);
  }
  add('source silent: longest time without a new segment or slate', news, { worst: true, aim: 10 });
  add("source silent: viewer's longest stall", stalls, { worst: true });
}

async function killSources(scene: Scene, add: Add): Promise<undefined> {
  const stalls: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    const before = (await scene.news()).source.index;
    const [dying, other] = before === 0 ? ['a', 'b'] : ['b', 'a'];
    await scene.mark();
    await scene.origin.behave(dying, { answer: 'code', status: 500, open: 'rst' });
    await scene.until('the other source is asked', async () => ((await scene.origin.counts())[other]?.open ?? 0) > 0);
    await recover(scene, recoverySeconds);
    stalls.push((await scene.player().report()).longestStallSeconds);
    await scene.origin.behave(dying, { answer: 'live' });
    await scene.sleep(10);
  }
  add("source dies, a second one is there: viewer's longest stall", stalls, { worst: true, aim: 10 });
}
