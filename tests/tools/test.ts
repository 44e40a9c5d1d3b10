// `npm test`: builds, sets up, runs every check and every test, runs what failed again by itself, and ends with what failed, what
// was flaky, and one line of totals.

import { spawn, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { RunReport } from './case-report.ts';
import { filesToRunAgain, summary, totalsLine, verdict, type Verdict } from './test-verdict.ts';

const root = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'iptv-test-'));
const env = { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter) };
const nothing: Verdict = { passed: 0, failed: 0, skipped: 0, told: [] };
/** Integration tests that look at times and loads, or use something of which a machine has one; so do all that watch a real player. */
const measuring = ['cron-service', 'doctor-healthy', 'edge', 'logs-spool', 'seamless'].map((name) => `tests/integration/${name}.test.ts`);
const player = 'browser-player.ts';

/** Much more than the summary shows, much less than what a compiler may print. */
const keptOutput = 20_000;

/** One project's full run, judged when what failed in it has had its second run. */
interface ProjectRun {
  readonly project: string;
  readonly full: RunReport;
}

try {
  const verdicts = await runAll();
  const told = verdicts.flatMap((one) => one.told);
  if (told.length > 0) heading('what failed, and what was flaky');
  for (const line of summary(told)) console.log(line);
  console.log(`\n${totalsLine(verdicts, told)}`);
  process.exitCode = verdicts.every(({ failed }) => failed === 0) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function runAll(): Promise<readonly Verdict[]> {
  // Without dist/, ffmpeg and nginx the rest would only fail in a hundred slower ways.
  const built = await step('build', 'node', ['tests/tools/build.ts']);
  if (built.failed > 0) return [built];
  const ready = await step('set-up', 'node', ['bin/iptv.js', 'setup']);
  if (ready.failed > 0) return [ready];
  await step('tools of the tests', 'node', ['tests/tools/test-tools.ts']);
  const steps = [
    await step('format', 'oxfmt', ['--check']),
    await step('lint', 'oxlint', ['--type-aware', 'src', 'bin', 'tests']),
    await step('types', 'tsc', ['--noEmit']),
    await step('dead code', 'knip', []),
  ];
  const docker = run('docker', ['version'], 'ignore') === 0 && run('docker', ['compose', 'version'], 'ignore') === 0;
  const runs = [
    { project: 'unit', full: tests('unit') },
    { project: 'integration', full: integrationTests() },
    { project: 'e2e', full: tests('e2e') },
    ...(docker ? [{ project: 'docker', full: tests('docker') }] : []),
  ];
  const skipped = docker ? [] : [skippedDocker()];
  return [...steps, ...runs.map(judge), ...skipped];
}

/** Most of their time these tests wait for ffmpeg, which plays at the speed of life: two files at once take half as long. */
function integrationTests(): RunReport {
  const alone = globSync('tests/integration/*.test.ts', { cwd: root }).filter(
    (file) => measuring.includes(file) || readFileSync(join(root, file), 'utf8').includes(player),
  );
  const parts = [
    tests('integration', { argv: alone.flatMap((file) => ['--exclude', file]), atOnce: Math.min(2, availableParallelism()) }),
    tests('integration', { argv: alone, what: 'that measure, one at a time' }),
  ];
  return { cases: parts.flatMap(({ cases }) => cases), loose: parts.flatMap(({ loose }) => loose) };
}

function skippedDocker(): Verdict {
  const skipped = listed('docker');
  heading('docker tests');
  console.log(`skipped ${skipped} Docker tests: no Docker engine with Compose answers here. Start one, then run: npm run test:docker`);
  return { ...nothing, skipped };
}

/** Steps that are not tests count only when they fail. */
async function step(name: string, file: string, argv: readonly string[]): Promise<Verdict> {
  heading(name);
  const begun = performance.now();
  const { status, output } = await shown(file, argv);
  console.log(`${name}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds(begun)})`);
  if (status === 0) return nothing;
  return { ...nothing, failed: 1, told: [{ kind: 'failed', what: `step ${name}`, how: `ended with ${status}`, message: output }] };
}

interface TestOptions {
  /** More words for vitest: files, and files that are left out. */
  readonly argv?: readonly string[];
  readonly what?: string;
  readonly atOnce?: number;
}

function tests(project: string, { argv = [], what, atOnce = 1 }: TestOptions = {}): RunReport {
  heading(what === undefined ? `${project} tests` : `${project} tests ${what}`);
  const begun = performance.now();
  const file = join(scratch, `${project}.json`);
  rmSync(file, { force: true });
  const status = run('vitest', ['run', ...projectOptions(project), ...argv], 'inherit', {
    TEST_REPORT: file,
    TEST_WORKERS: String(atOnce),
  });
  console.log(`${project} tests took ${seconds(begun)}`);
  const report = read(file);
  const isTold = report.loose.length > 0 || report.cases.some(({ state }) => state === 'failed');
  if (status === 0 || isTold) return report;
  return { ...report, loose: [{ file: undefined, name: 'vitest', message: `ended with ${status}, and no test failed` }] };
}

/** The machine is quiet by now: what fails again fails the run, what passes is told as flaky. */
function judge({ project, full }: ProjectRun): Verdict {
  const files = filesToRunAgain(full);
  return verdict(
    project,
    full,
    files.length === 0
      ? undefined
      : tests(project, { argv: [...files, '--no-file-parallelism'], what: 'again, one at a time: what failed' }),
  );
}

function read(file: string): RunReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunReport;
  } catch {
    return { cases: [], loose: [] };
  }
}

function listed(project: string): number {
  const { stdout } = spawnSync('vitest', ['list', ...projectOptions(project), '--json'], { cwd: root, env, encoding: 'utf8' });
  try {
    return (JSON.parse(stdout) as readonly unknown[]).length;
  } catch {
    return 1;
  }
}

function projectOptions(project: string): readonly string[] {
  return ['--config', 'tests/vitest.config.ts', '--project', project];
}

function run(
  file: string,
  argv: readonly string[],
  stdio: 'inherit' | 'ignore',
  more: Readonly<Record<string, string>> = {},
): number | null {
  return spawnSync(file, argv, { cwd: root, env: { ...env, ...more }, stdio: ['ignore', stdio, stdio] }).status;
}

/** Shows a program's output as it comes, and keeps the end of it. */
async function shown(file: string, argv: readonly string[]): Promise<{ status: number | null; output: string }> {
  const child = spawn(file, argv, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const [from, to] of [[child.stdout, process.stdout] as const, [child.stderr, process.stderr] as const])
    from.on('data', (bytes: Buffer) => {
      to.write(bytes);
      output = `${output}${bytes.toString()}`.slice(-keptOutput);
    });
  const status = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output = error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  return { status, output };
}

function heading(name: string): void {
  console.log(`\n== ${name}`);
}

function seconds(begun: number): string {
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
}
