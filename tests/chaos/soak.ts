// Random faults, one after another, on one stack with one viewer who never reloads: `--seed` makes the same ones again.

import { median, round } from '../bench/numbers.ts';
import type { PlayerHouse } from '../helpers/browser-player.ts';
import { media } from '../helpers/media.ts';
import { kill, supervisorPids } from '../helpers/stack.ts';
import type { OriginMode } from '../helpers/faulty-origin.ts';
import type { Fault } from './fault.ts';
import { supervisorReturns } from './returns.ts';
import { figuresOf, judge, play, recover } from './run-fault.ts';
import { createScene, processesOf, type Scene } from './scene.ts';

export interface SoakStep {
  readonly name: string;
  readonly longestStallSeconds: number;
  readonly problems: readonly string[];
  readonly supervisorMb: number;
  /** How long that supervisor had been running; some faults end it. */
  readonly supervisorSeconds: number;
  /** Processes of the stack, ours and short-lived ones with them. */
  readonly processes: number;
  readonly seconds: number;
}

export interface Soak {
  readonly seed: number;
  readonly steps: readonly SoakStep[];
  readonly reloads: number;
  readonly sequenceBack: number;
  readonly longestStallSeconds: number;
  /** Resident memory of the supervisor, of the steps in which it was of the same age: medians of the first and of the last third. */
  readonly memoryMb: { readonly early: number; readonly late: number };
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** Two sources for the viewer's channel, and neighbours that must not suffer. */
const shape: Fault = {
  id: 'soak',
  name: 'soak',
  sources: (origin) => [origin.ts('a'), origin.ts('b')],
  more: (origin) => `  - id: sport\n    source: ${origin.hls('c')}\n  - id: music\n    source: ${neighbour}`,
  inject: async () => undefined,
};
let neighbour = '';
/** Picture standing still for longer than this fails a step. */
const stallLimitSeconds = 20;
const recoverySeconds = 150;
/** A supervisor younger than this still grows, and few get older. */
const ageSeconds = { least: 40, most: 300 };
/** Keeper and its watch (3), supervisor, nginx (4), three jobs, a look at pictures (2), a reader of the list, a question. */
const mostProcesses = 18;

type Random = () => number;
type Act = (scene: Scene, random: Random) => Promise<void>;

const both = async (scene: Scene, mode: OriginMode): Promise<void> => {
  for (const channel of ['a', 'b']) await scene.origin.behave(channel, mode);
};

/** The one that plays misbehaves, and is well again after a while. */
function source(mode: OriginMode, shortest: number, longest: number): Act {
  return async (scene, random) => {
    const channel = (await scene.news()).source.index === 0 ? 'a' : 'b';
    await scene.origin.behave(channel, mode);
    await scene.sleep(shortest + random() * (longest - shortest));
    await scene.origin.behave(channel, { answer: 'live' });
  };
}

const acts: Readonly<Record<string, Act>> = {
  'job SIGKILL': async (scene) => {
    const before = scene.job();
    kill(before);
    await scene.nextJob(before);
  },
  'job SIGSTOP for good': async (scene) => {
    const before = scene.job();
    kill(before, 'SIGSTOP');
    await scene.nextJob(before);
  },
  'job SIGSTOP for a moment': async (scene, random) => {
    const pid = scene.job();
    kill(pid, 'SIGSTOP');
    await scene.sleep(1 + random() * 3);
    kill(pid, 'SIGCONT');
  },
  'nginx SIGKILL': async (scene) => {
    const before = await scene.nginx();
    kill(-before);
    await scene.nextNginx(before);
  },
  'nginx SIGTERM': async (scene) => {
    const before = await scene.nginx();
    kill(before, 'SIGTERM');
    await scene.nextNginx(before);
  },
  'supervisor SIGKILL': async (scene) => {
    const before = await scene.supervisor();
    kill(before);
    await supervisorReturns(scene, before);
  },
  'supervisor SIGSTOP for a moment': async (scene, random) => {
    const pid = await scene.supervisor();
    kill(pid, 'SIGSTOP');
    await scene.sleep(1 + random() * 3);
    kill(pid, 'SIGCONT');
  },
  'supervisor and job SIGKILL': async (scene) => {
    const before = await scene.supervisor();
    const job = scene.job();
    kill(before);
    kill(job);
    await supervisorReturns(scene, before);
    await scene.nextJob(job);
  },
  'source silent': source({ answer: 'silent' }, 4, 15),
  'source 500': source({ answer: 'code', status: 500, open: 'rst' }, 3, 12),
  'source 403': source({ answer: 'code', status: 403, open: 'eof' }, 3, 12),
  'source login page': source({ answer: 'html' }, 3, 12),
  'source reset': source({ answer: 'live', open: 'rst' }, 1, 3),
  'source clean end': source({ answer: 'live', open: 'eof' }, 1, 3),
  'source garbage': source({ answer: 'garbage' }, 3, 10),
  'source trickles': source({ answer: 'live', rate: 0.3 }, 5, 15),
  'source changes resolution': source({ answer: 'live', clip: 'h264-aac-large.ts' }, 3, 10),
  'source jumps an hour': source({ answer: 'live', shiftSeconds: 3600 }, 3, 10),
  'all sources 500': async (scene, random) => {
    await both(scene, { answer: 'code', status: 500, open: 'rst' });
    await scene.sleep(3 + random() * 15);
    await both(scene, { answer: 'live' });
  },
  'server of all sources SIGSTOPped': async (scene, random) => {
    scene.origin.freeze();
    await scene.sleep(2 + random() * 10);
    scene.origin.thaw();
  },
};

export async function soak(
  house: PlayerHouse,
  options: { readonly count: number; readonly seed: number; readonly say: (text: string) => void; readonly stopped: () => boolean },
): Promise<Soak> {
  const began = performance.now();
  const random = generator(options.seed);
  const names = Object.keys(acts);
  const steps: SoakStep[] = [];
  const problems: string[] = [];
  let sequenceBack = 0;
  neighbour = await media('h264-aac.mp4');
  const scene = await createScene(shape, house);
  let reloads = 0;
  try {
    await scene.stack.iptv('start', '--all', '--wait', '--timeout', '60s');
    await play(scene);
    while (steps.length < options.count && !options.stopped()) {
      const name = names[Math.floor(random() * names.length)] ?? '';
      const step = await oneStep(scene, name, random);
      steps.push(step.step);
      sequenceBack += step.sequenceBack;
      options.say(`${stepLine(steps.length, step.step)}\n`);
      if (steps.length % 10 === 0) await noneLeaked(scene, steps);
    }
    reloads = await scene.reloads();
    await scene.until('the neighbours play', async () => (await scene.status()).streams.every(({ state }) => state === 'running'));
    for (const id of ['news', 'sport', 'music']) scene.expect(scene.stack.jobs(id).length === 1, `${id} has not exactly one job`);
  } catch (error) {
    problems.push(String(error));
  } finally {
    await scene.close();
  }
  problems.push(...scene.problems);
  const aged = steps.filter(({ supervisorSeconds }) => supervisorSeconds >= ageSeconds.least && supervisorSeconds <= ageSeconds.most);
  const third = Math.max(1, Math.floor(aged.length / 3));
  const memory = (part: readonly SoakStep[]): number => (part.length === 0 ? 0 : round(median(part.map((step) => step.supervisorMb)), 1));
  return {
    seed: options.seed,
    steps,
    reloads,
    sequenceBack,
    longestStallSeconds: Math.max(0, ...steps.map((step) => step.longestStallSeconds)),
    memoryMb: { early: memory(aged.slice(0, third)), late: memory(aged.slice(-third)) },
    problems,
    seconds: Math.round((performance.now() - began) / 1000),
  };
}

async function oneStep(scene: Scene, name: string, random: Random): Promise<{ readonly step: SoakStep; readonly sequenceBack: number }> {
  const began = performance.now();
  const problems: string[] = [];
  await scene.mark();
  try {
    await acts[name]?.(scene, random);
    await recover(scene, recoverySeconds);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  const player = await scene.player().report();
  const watch = scene.watch().report();
  const viewer = figuresOf(player, watch);
  problems.push(...judge(viewer, watch, player, { stallSeconds: stallLimitSeconds, unreachableSeconds: 3 }));
  const { memoryBytes, startedAt } = await scene.status().then(
    ({ supervisor }) => supervisor,
    () => ({ memoryBytes: 0, startedAt: '' }),
  );
  return {
    step: {
      name,
      longestStallSeconds: viewer.longestStallSeconds,
      problems,
      supervisorMb: round(memoryBytes / 2 ** 20, 1),
      supervisorSeconds: startedAt === '' ? 0 : Math.round((Date.now() - Date.parse(startedAt)) / 1000),
      processes: processesOf(scene.stack.directory).length,
      seconds: round((performance.now() - began) / 1000, 1),
    },
    sequenceBack: viewer.sequenceBack,
  };
}

/** One job for each stream, no second supervisor, and no more processes than it takes. */
async function noneLeaked(scene: Scene, steps: readonly SoakStep[]): Promise<void> {
  try {
    for (const id of ['news', 'sport', 'music']) {
      await scene.until(`${id} has exactly one job`, () => scene.stack.jobs(id).length === 1, recoverySeconds);
    }
    await scene.until('only one supervisor', () => supervisorPids(scene.stack.state).length === 1);
    await scene.until(`no more than ${mostProcesses} processes`, () => processesOf(scene.stack.directory).length <= mostProcesses);
  } catch (error) {
    scene.expect(false, `after ${steps.length} faults: ${String(error)}`);
  }
}

function stepLine(number: number, step: SoakStep): string {
  const { name, longestStallSeconds, problems, supervisorMb, supervisorSeconds, processes, seconds } = step;
  const result = problems.length === 0 ? 'ok' : 'FAILED';
  const figures = `stall ${longestStallSeconds.toFixed(1)} s, supervisor ${supervisorMb} MB after ${supervisorSeconds} s, ${processes} processes (${seconds} s)`;
  return [
    `${String(number).padStart(3)} ${result.padEnd(6)} ${name.padEnd(34)} ${figures}`,
    ...problems.map((text) => `    ! ${text}`),
  ].join('\n');
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function generator(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
