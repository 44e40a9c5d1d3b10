// `npm run chaos`: every fault against a real stack with a real player; a table, a JSON file, and an exit code.

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { readLoad, readMachine } from '../bench/machine.ts';
import { chromiumPath, openPlayerHouse, type PlayerHouse } from '../helpers/browser-player.ts';
import { dockerIds, runDockerFaults } from './docker.ts';
import type { Outcome } from './fault.ts';
import { faults } from './faults/index.ts';
import { figureLine, measureFigures, type ChaosFigure } from './figures.ts';
import { helpText, readOptions, type ChaosOptions } from './options.ts';
import { line, markdown, totals } from './report.ts';
import { runFault } from './run-fault.ts';
import { soak, type Soak } from './soak.ts';

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.stderr.write('interrupted; the present fault is ended first\n');
    interrupted = true;
  });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(helpText);
  else if (options.list) for (const { id, name } of [...faults, ...dockerIds]) process.stdout.write(`${id.padEnd(4)} ${name}\n`);
  else await chaos(options);
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode ??= 1;
}

async function chaos(options: ChaosOptions): Promise<void> {
  if (chromiumPath === undefined) throw new Error('no Chromium is installed: node tests/tools/test-tools.ts');
  const machine = readMachine(new Date());
  const { date, cores, cpu, memoryMb, kernel, node, ffmpeg, nginx } = machine;
  const facts = `${date}: ${cores} cores (${cpu}), ${memoryMb} MB, Linux ${kernel}, node ${node}, ffmpeg ${ffmpeg}, nginx ${nginx}`;
  process.stdout.write(`${facts}, load ${readLoad()}\n\n`);
  const house = await openPlayerHouse();
  const outcomes: Outcome[] = [];
  let figures: readonly ChaosFigure[] = [];
  let soaked: Soak | undefined;
  const say = (text: string): void => void process.stdout.write(text);
  try {
    if (options.random !== undefined) {
      say(`seed ${options.seed}\n`);
      soaked = await soak(house, { count: options.random, seed: options.seed, say, stopped: () => interrupted });
    } else {
      if (!options.figures) await eachFault(options.only, house, outcomes);
      if (options.only === undefined && !interrupted) figures = await measureFigures(house, say);
    }
  } finally {
    await house.close();
  }
  if (outcomes.length > 0) say(`\n${totals(outcomes)}\n`);
  if (soaked !== undefined) say(soakText(soaked));
  const document = { schemaVersion: 1, machine, load: readLoad(), outcomes, figures, soak: soaked ?? null };
  writeFileSync(resolve(options.jsonPath), `${JSON.stringify(document, undefined, 2)}\n`);
  if (options.tablePath !== undefined) {
    const parts = [facts, markdown(outcomes), figures.map(figureLine).join('\n')];
    writeFileSync(resolve(options.tablePath), `${parts.join('\n\n')}\n`);
  }
  const failed = outcomes.some(({ result }) => result === 'FAILED') || (soaked !== undefined && !isGood(soaked));
  process.exitCode = interrupted ? 130 : failed ? 1 : 0;
}

function isGood({ reloads, sequenceBack, problems, steps }: Soak): boolean {
  return reloads === 0 && sequenceBack === 0 && problems.length === 0 && steps.every((step) => step.problems.length === 0);
}

function soakText({ steps, reloads, sequenceBack, longestStallSeconds, memoryMb, problems, seconds, seed }: Soak): string {
  const bad = steps.filter((step) => step.problems.length > 0).length;
  const minutes = (seconds / 60).toFixed(0);
  return `
${steps.length} random faults in ${minutes} min (seed ${seed}): ${reloads} reloads, sequence back ${sequenceBack} times, longest stall ${longestStallSeconds.toFixed(1)} s,
supervisor ${memoryMb.early} MB early, ${memoryMb.late} MB late; ${bad} faults with problems; ${problems.join('; ') || 'nothing left behind'}
`;
}

async function eachFault(only: readonly string[] | undefined, house: PlayerHouse, outcomes: Outcome[]): Promise<void> {
  const isChosen = ({ id }: { readonly id: string }): boolean => only === undefined || only.includes(id);
  const unknown = (only ?? []).filter((id) => ![...faults, ...dockerIds].some((fault) => fault.id === id));
  if (unknown.length > 0) throw new Error(`no fault ${unknown.join(', ')}: npm run chaos -- --list`);
  const report = (outcome: Outcome): void => {
    outcomes.push(outcome);
    process.stdout.write(line(outcome));
  };
  for (const fault of faults.filter(isChosen)) if (!interrupted) report(await runFault(fault, house));
  const inDocker = dockerIds.filter(isChosen).map(({ id }) => id);
  if (!interrupted) await runDockerFaults(inDocker, house, report);
}
