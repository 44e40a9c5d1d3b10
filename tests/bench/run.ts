// `npm run bench`: measures, prints a table, writes JSON. Missed aims are told, not punished.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { measureCli } from './cli.ts';
import { measureDoctor } from './doctor.ts';
import { measureEdge } from './edge.ts';
import { renderFigures, verdict, type PartReport } from './figure.ts';
import { readLoad, readMachine, type Machine } from './machine.ts';
import { measureLadder } from './ladder.ts';
import { measureMetrics } from './metrics.ts';
import { helpText, readOptions, type BenchOptions, type PartName } from './options.ts';
import { measureOnDemand } from './ondemand.ts';
import { renderRows, rowsOf } from './peers/peers-table.ts';
import { measurePeers } from './peers/run-peers.ts';
import { measureRolling } from './rolling.ts';
import { withSession, type Session } from './session.ts';
import { measureStart } from './start.ts';
import { measureSupervisor } from './supervisor.ts';
import { measureTop } from './top.ts';

const root = join(import.meta.dirname, '../..');
const measures: Record<PartName, (session: Session) => Promise<PartReport>> = {
  cli: measureCli,
  start: measureStart,
  supervisor: measureSupervisor,
  doctor: measureDoctor,
  metrics: measureMetrics,
  rolling: measureRolling,
  top: measureTop,
  ladder: measureLadder,
  ondemand: measureOnDemand,
  edge: measureEdge,
};

interface Load {
  readonly before: string;
  readonly after: string;
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.exitCode = 130;
    interrupt.abort(new Error('interrupted; what was started is being ended'));
  });
}

try {
  const options = readOptions(process.argv.slice(2), root);
  if (options === 'help') process.stdout.write(helpText);
  else await (options.peers ? benchPeers(options) : bench(options));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode ??= 1;
}

async function bench(options: BenchOptions): Promise<void> {
  const machine = readMachine(new Date());
  const loadBefore = readLoad();
  const reports = await withSession(options.quick, interrupt.signal, async (session) => {
    const done: [PartName, PartReport][] = [];
    for (const part of options.parts) done.push([part, await measures[part](session)]);
    return done;
  });
  const load = { before: loadBefore, after: readLoad() };
  const figures = reports.flatMap(([, report]) => report.figures);
  writeHead(machine, load, options);
  process.stdout.write(renderFigures(figures));
  const document = {
    schemaVersion: 1,
    machine,
    load,
    quick: options.quick,
    figures: figures.map((figure) => ({ ...figure, verdict: verdict(figure) })),
    samples: Object.fromEntries(reports.map(([part, report]) => [part, report.samples])),
  };
  writeDocument(document, options);
}

async function benchPeers(options: BenchOptions): Promise<void> {
  const machine = readMachine(new Date());
  const loadBefore = readLoad();
  const report = await withSession(options.quick, interrupt.signal, measurePeers);
  const load = { before: loadBefore, after: readLoad() };
  const rows = rowsOf(report);
  writeHead(machine, load, options);
  process.stdout.write(renderRows(rows, report));
  writeDocument({ schemaVersion: 1, machine, load, quick: options.quick, rows, ...report }, options);
}

function writeHead({ cores, cpu, memoryMb, kernel, node, ffmpeg, nginx, date }: Machine, load: Load, { quick }: BenchOptions): void {
  process.stdout.write(
    `${date}: ${cores} cores (${cpu}), ${memoryMb} MB, Linux ${kernel}, node ${node}, ffmpeg ${ffmpeg}, nginx ${nginx}\n`,
  );
  process.stdout.write(`load ${load.before} before, ${load.after} after${quick ? '; --quick, too few rounds to quote' : ''}\n\n`);
}

function writeDocument(document: object, options: BenchOptions): void {
  const path = resolve(options.jsonPath);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(document, undefined, 2)}\n`);
  process.stdout.write(`\nwritten to ${path}\n`);
}
