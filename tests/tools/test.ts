// `npm test`: builds, sets up, runs every check and every test, and ends with one line of totals.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is read here; todo tests count as skipped. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

const root = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'iptv-test-'));
const env = { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter) };
const none: Counts = { passed: 0, failed: 0, skipped: 0 };
const oneFailure: Counts = { passed: 0, failed: 1, skipped: 0 };

try {
  const counts = runAll();
  const total = (key: keyof Counts): number => counts.reduce((sum, one) => sum + one[key], 0);
  console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
  process.exitCode = total('failed') === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function runAll(): readonly Counts[] {
  // Without dist/, ffmpeg and nginx the rest would only fail in a hundred slower ways.
  const built = step('build', 'node', ['tests/tools/build.ts']);
  if (built.failed > 0) return [built];
  const ready = step('set-up', 'node', ['bin/iptv.js', 'setup']);
  if (ready.failed > 0) return [ready];
  step('tools of the tests', 'node', ['tests/tools/test-tools.ts']);
  return [
    step('format', 'oxfmt', ['--check']),
    step('lint', 'oxlint', ['--type-aware', 'src', 'bin', 'tests']),
    step('types', 'tsc', ['--noEmit']),
    step('dead code', 'knip', []),
    tests('unit'),
    tests('integration'),
    tests('e2e'),
    dockerTests(),
  ];
}

function dockerTests(): Counts {
  const engine = [['version'], ['compose', 'version']].every((argv) => run('docker', argv, 'ignore') === 0);
  if (engine) return tests('docker');
  const skipped = listed('docker');
  heading('docker tests');
  console.log(`skipped ${skipped} Docker tests: no Docker engine with Compose answers here. Start one, then run: npm run test:docker`);
  return { ...none, skipped };
}

/** Steps that are not tests count only when they fail. */
function step(name: string, file: string, argv: readonly string[]): Counts {
  heading(name);
  const begun = performance.now();
  const failed = run(file, argv, 'inherit') !== 0;
  console.log(`${name}: ${failed ? 'FAILED' : 'ok'} (${seconds(begun)})`);
  return failed ? oneFailure : none;
}

function tests(project: string): Counts {
  heading(`${project} tests`);
  const begun = performance.now();
  const file = join(scratch, `${project}.json`);
  const status = run(
    'vitest',
    ['run', ...projectOptions(project), '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    'inherit',
  );
  const counts = readCounts(file);
  console.log(`${project} tests took ${seconds(begun)}`);
  // A file that cannot be loaded, or an error outside any test, fails the run without a failed test.
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function readCounts(file: string): Counts {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests };
  } catch {
    return none;
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

function run(file: string, argv: readonly string[], stdio: 'inherit' | 'ignore'): number | null {
  return spawnSync(file, argv, { cwd: root, env, stdio: ['ignore', stdio, stdio] }).status;
}

function heading(name: string): void {
  console.log(`\n== ${name}`);
}

function seconds(begun: number): string {
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
}
