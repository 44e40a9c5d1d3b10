import { describe, expect, it } from 'vitest';

import { findCommandName, readGlobals, withoutConfigFlag } from './globals.ts';

describe('global flags', () => {
  it('are found anywhere', () => {
    expect(readGlobals(['--json', 'status', 'news', '-qv', '--no-color', '--config', 'a.yaml'])).toEqual({
      json: true,
      quiet: true,
      verbose: true,
      color: false,
      config: 'a.yaml',
    });
  });

  it('end at --', () => {
    expect(readGlobals(['complete', '--', '--json', '-q'])).toMatchObject({ json: false, quiet: false });
  });

  it('take the last word on colour', () => {
    expect(readGlobals(['--color', '--no-color']).color).toBe(false);
    expect(readGlobals(['--no-color', '--color']).color).toBe(true);
    expect(readGlobals([]).color).toBeUndefined();
  });

  it('know both spellings of --config', () => {
    expect(readGlobals(['list', '--config=b.yaml']).config).toBe('b.yaml');
  });

  it('are not letters of other flags', () => {
    expect(readGlobals(['-V', '--verbose-not', '-n5'])).toMatchObject({ verbose: false, quiet: false });
  });
});

describe('the command', () => {
  it.each([
    [['status', '--json'], 'status'],
    [['--json', '-q', 'status'], 'status'],
    [['--config', 'start', 'list'], 'list'],
    [['--config=start', 'list'], 'list'],
    [['--help'], undefined],
    [['--', 'status'], undefined],
    [[], undefined],
  ])('of %j is %s', (argv, expected) => {
    expect(findCommandName(argv)).toBe(expected);
  });
});

describe('a carried command line', () => {
  it.each([
    [
      ['status', '--config', 'a.yaml', '--json'],
      ['status', '--json'],
    ],
    [['--config=a.yaml', 'status'], ['status']],
    [
      ['status', '--', '--config'],
      ['status', '--', '--config'],
    ],
  ])('loses --config: %j', (argv, expected) => {
    expect(withoutConfigFlag(argv)).toEqual(expected);
  });
});
