// What asking costs: `iptv status --json` and `iptv --version` against node with nothing to do.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import type { TestStack } from '../helpers/stack.ts';
import type { Figure, PartReport } from './figure.ts';
import { median, pairRatios, quantile, round } from './numbers.ts';
import { readEndedChildrenSeconds } from './proc-cost.ts';
import { entry, iptv, makeSource, withStack, type Session } from './session.ts';

const root = join(import.meta.dirname, '../..');
const aims = { status: 2, version: 1.5 };

interface Samples {
  readonly wallMs: number[];
  cpuMs: number;
}

type Subject = 'nothing' | 'version' | 'status';

export async function measureCli(session: Session): Promise<PartReport> {
  const source = makeSource(session, { name: 'low', size: '160x90', fps: 10, seconds: 60, videoBitrate: '48k', audioBitrate: '32k' });
  return withStack(session, { streams: `${entry('one', source)}\n${entry('two', source)}` }, async (stack) => {
    await iptv(session, stack, 'start', 'one', 'two', '--wait');
    const samples = await run(session, stack);
    return { figures: figuresOf(samples), samples };
  });
}

async function run(session: Session, stack: TestStack): Promise<Record<Subject, Samples>> {
  const bin = join(root, 'bin/iptv.js');
  const argvOf: Record<Subject, readonly string[]> = {
    nothing: ['-e', '0'],
    version: [bin, '--version'],
    status: [bin, 'status', '--json'],
  };
  const subjects: readonly Subject[] = ['nothing', 'version', 'status'];
  const samples: Record<Subject, Samples> = { nothing: none(), version: none(), status: none() };
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: stack.directory,
    IPTV_STATE_DIR: stack.state,
    IPTV_RUNTIME: 'local',
    IPTV_CONFIG: join(stack.directory, 'streams.yaml'),
  };
  const rounds = session.quick ? 5 : 41;
  const warmUps = 3;
  session.say(`cli: ${rounds} rounds`);
  for (let at = -warmUps; at < rounds; at += 1) {
    // Another order each time, so that nobody always runs in another one's wake.
    for (const subject of rotated(subjects, at + warmUps)) {
      // A breath for signals, and for whatever the last one left behind.
      await session.sleep(20);
      const cpuBefore = readEndedChildrenSeconds();
      const begun = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [...argvOf[subject]], { env, cwd: stack.directory, encoding: 'utf8' });
      const wallMs = performance.now() - begun;
      if (status !== 0) throw new Error(`${argvOf[subject].join(' ')} ended with ${status}: ${stderr}`);
      if (at < 0) continue;
      samples[subject].wallMs.push(wallMs);
      samples[subject].cpuMs += (readEndedChildrenSeconds() - cpuBefore) * 1000;
    }
  }
  return samples;
}

function figuresOf(samples: Record<Subject, Samples>): readonly Figure[] {
  const { nothing } = samples;
  const named = { version: 'iptv --version', status: 'iptv status --json' };
  return (['version', 'status'] as const).flatMap((subject): readonly Figure[] => {
    const ratios = pairRatios(samples[subject].wallMs, nothing.wallMs);
    const spread = `quartiles ${round(quantile(ratios, 0.25), 2)}..${round(quantile(ratios, 0.75), 2)}`;
    const wall = `${round(median(samples[subject].wallMs), 1)} ms against ${round(median(nothing.wallMs), 1)} ms of node -e 0`;
    const perRun = (total: number): string => `${round(total / nothing.wallMs.length, 1)} ms`;
    return [
      {
        part: 'cli',
        name: `${named[subject]}, wall`,
        value: median(ratios),
        unit: 'x node',
        aim: aims[subject],
        detail: `${wall}, ${ratios.length} pairs, ${spread}`,
      },
      {
        part: 'cli',
        name: `${named[subject]}, user+sys`,
        // The kernel counts in steps of 10 ms: only the sums say something.
        value: samples[subject].cpuMs / nothing.cpuMs,
        unit: 'x node',
        aim: aims[subject],
        detail: `${perRun(samples[subject].cpuMs)} against ${perRun(nothing.cpuMs)} of node -e 0, means`,
      },
    ];
  });
}

function none(): Samples {
  return { wallMs: [], cpuMs: 0 };
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
