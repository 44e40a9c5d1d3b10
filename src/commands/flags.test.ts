import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

import { addSelection, parseCount, parseDuration, parseSince, readSelection, type Selection, type SelectionFlags } from './flags.ts';

const now = Date.UTC(2026, 0, 31, 12);

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['60s', 60_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['2d', 172_800_000],
    ['45', 45_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 's', '10 m', '10x', '-5s', '5s!', '1e3'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow('Write a duration');
  });
});

describe('--since', () => {
  it.each([
    ['10m', now - 600_000],
    ['2026-01-31T11:00:00Z', now - 3_600_000],
    ['2026-01-31T12:00:00+01:00', now - 3_600_000],
    ['2026-01-30', Date.UTC(2026, 0, 30)],
  ])('%s', (text, expected) => {
    expect(parseSince(text, now)).toBe(expected);
  });

  it.each(['yesterday', '2026-13-01T00:00:00Z', '31-01-2026'])('%s is refused', (text) => {
    expect(() => parseSince(text, now)).toThrow('Write a duration such as 10m, or');
  });
});

it.each(['-1', '1.5', 'many', '', '9999999999'])('%j is no count', (text) => {
  expect(() => parseCount(text)).toThrow('whole number');
});

describe('the selection of streams', () => {
  const parse = (argv: readonly string[]): Selection => {
    let selection: Selection | undefined;
    const command = new Command('start').exitOverride().configureOutput({ writeErr: () => undefined });
    addSelection(command, 'everything').action((ids: readonly string[], flags: SelectionFlags) => {
      selection = readSelection(ids, flags, 'start');
    });
    command.parse([...argv], { from: 'user' });
    if (selection === undefined) throw new Error('the action did not run');
    return selection;
  };

  it.each([
    [['news', 'sport', 'news'], { ids: ['news', 'sport'] }],
    [['--all'], { all: true }],
    [['--tag', 'hd', '--tag', 'sport'], { tags: ['hd', 'sport'] }],
  ])('%j', (argv, expected) => {
    expect(parse(argv)).toEqual(expected);
  });

  it.each([
    [[], 'start what?'],
    [['news', '--all'], 'only one of them'],
    [['--all', '--tag', 'hd'], 'only one of them'],
  ])('%j is wrong usage', (argv, message) => {
    expect(() => parse(argv)).toThrow(message);
  });
});
