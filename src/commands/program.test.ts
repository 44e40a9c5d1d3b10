import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

import { fakeContext, stackOf } from '../../tests/fakes/command-context.ts';
import { nearest } from '../core/nearest.ts';
import type { Stack } from '../stack/stack.ts';
import { findCommandName } from '../ui/globals.ts';
import { renderHelp } from '../ui/help.ts';
import { createTheme } from '../ui/theme.ts';
import { readHotQuestion } from './hot.ts';
import { commandEntries } from './index.ts';
import { createProgram } from './program.ts';
import { declare as declareStatus } from './status.ts';

async function launch(argv: readonly string[], stack: Partial<Stack> = {}) {
  const fake = fakeContext({ argv, more: { selectStack: async () => stackOf(undefined, stack) } });
  const program = await createProgram(fake.context, findCommandName(argv) ?? '');
  return { ...fake, outcome: await program.run(argv) };
}

describe('wrong usage', () => {
  it.each([
    [['stauts'], "unknown command 'stauts'; did you mean status?", 'iptv --help'],
    [['status', '--jsn'], "unknown option '--jsn'; did you mean --json?", 'iptv status --help'],
    [['--jsn'], "unknown option '--jsn'; did you mean --json?", 'iptv --help'],
    [['plan'], "missing required argument 'id'", 'iptv plan --help'],
    [['plan', 'a', 'b'], 'too many arguments', 'iptv plan --help'],
    [
      ['start', 'news', '--timeout', 'soon'],
      "option '--timeout <duration>' argument 'soon' is invalid. Write a duration",
      'iptv start --help',
    ],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish', 'iptv completion --help'],
    [['up', '--runtime', 'podman'], 'Allowed choices are auto, local, docker', 'iptv up --help'],
    [['list', '--config'], "option '--config <file>' argument missing", 'iptv list --help'],
  ])('%j', async (argv, message, next) => {
    const { outcome, stdout, stderr } = await launch(argv);
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { exitCode: 2, code: 'usage', next, message: expect.stringContaining(message) as string },
    });
    // Rendering is somebody else's work.
    expect(stdout() + stderr()).toBe('');
  });
});

const hidden = commandEntries.filter((entry) => entry.hidden === true).map((entry) => entry.name);

describe('help', () => {
  const text = async (argv: readonly string[]): Promise<string> => {
    const { outcome } = await launch(argv);
    if (outcome.kind !== 'help') throw new Error(outcome.kind);
    return renderHelp(outcome.page, createTheme(false), 80);
  };

  it('is short for a bare iptv and whole with --help', async () => {
    const [short, whole] = [await text([]), await text(['--help'])];
    expect(short).not.toContain('--quiet');
    expect(whole).toContain('--quiet');
    for (const group of ['Streams:', 'Stack:', 'Diagnose:', 'Other:']) expect(short).toContain(group);
    for (const name of hidden) expect(short).not.toMatch(new RegExp(`^ +${name} `, 'm'));
  });

  it.each(commandEntries.map((entry) => entry.name))('of %s shows examples before usage, and its flags', async (name) => {
    const page = await text([name, '--help']);
    if (!hidden.includes(name)) expect(page.indexOf('Examples:')).toBeGreaterThan(0);
    expect(page.indexOf('Usage:')).toBeGreaterThan(page.indexOf('Examples:'));
    expect(page).toContain(`iptv ${name}`);
    expect(page).toContain('--json');
    expect(page.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  it('writes required, optional, several and choices in one notation', async () => {
    expect(await text(['plan', '-h'])).toContain('iptv plan <id> [flags]');
    expect(await text(['logs', '-h'])).toContain('iptv logs [name...] [flags]');
    expect(await text(['completion', '-h'])).toContain('iptv completion {bash|zsh|fish} [flags]');
    expect(await text(['up', '-h'])).toContain('--runtime {auto|local|docker}');
    expect(await text(['start', '-h'])).toMatch(/\(default:\s+60s\)/);
  });
});

it('prints the version', async () => {
  const { outcome, stdout } = await launch(['--version', '--json']);
  expect([outcome.kind, stdout()]).toEqual(['done', '1.2.3\n']);
});

describe('with Docker on the host', () => {
  const carriedNames = ['start', 'stop', 'restart', 'status', 'plan', 'is-healthy'];

  it.each(carriedNames)('%s runs inside the backend container, with its exit code', async (name) => {
    const argv = [name, 'news', '--json', '--config', 'host.yaml'];
    let carried: readonly string[] = [];
    const carry = async (words: readonly string[]) => {
      carried = words;
      return 3;
    };
    const { code } = await launch(argv, { carry });
    expect(carried).toEqual([name, 'news', '--json']);
    expect(code()).toBe(3);
  });

  it('flags are checked before anything is carried', async () => {
    const carry = () => Promise.reject(new Error('carried'));
    expect((await launch(['start', 'news', '--wat'], { carry })).outcome).toMatchObject({ kind: 'failed', error: { exitCode: 2 } });
  });
});

describe('the quick way to status', () => {
  it.each([
    [['status'], []],
    [['status', '--json'], []],
    [
      ['status', 'news', '--json', 'sport'],
      ['news', 'sport'],
    ],
  ])('%j is read as the parser reads it', async (argv, ids) => {
    expect(readHotQuestion(argv)?.ids).toEqual(ids);
    const command = new Command().exitOverride().option('--json');
    let parsed: unknown;
    declareStatus(command, fakeContext().context, async (options) => {
      parsed = options;
      return 0;
    });
    await command.parseAsync(argv.slice(1), { from: 'user' });
    expect(parsed).toEqual({ ids, watch: false, wide: false });
  });

  it.each([
    [['status', '--watch']],
    [['--json', 'status']],
    [['status', '-h']],
    [['status', '--config', 'a']],
    [['status', '--', 'x']],
    [['status', '']],
    [['start', 'x']],
    [[]],
  ])('%j is left to the parser', (argv) => {
    expect(readHotQuestion(argv)).toBeUndefined();
  });
});

it('has no two commands that are hard to tell apart', () => {
  const names = commandEntries.filter((entry) => entry.hidden === undefined).map((entry) => entry.name);
  expect(new Set(names).size).toBe(names.length);
  expect(nearest('stat', names)).not.toBe('stop');
});
