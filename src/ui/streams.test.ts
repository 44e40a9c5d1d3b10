import { describe, expect, it } from 'vitest';

import { readGlobals } from './globals.ts';
import { colorChoice, createStreams, describeTerminals } from './streams.ts';

const terminal = () => ({ isTTY: true, columns: 120, rows: 40, write: () => true });
const pipe = () => ({ write: () => true });
const none = readGlobals([]);

describe('colour', () => {
  it.each([
    ['the flag wins over everything', true, { NO_COLOR: '1', FORCE_COLOR: '0', TERM: 'dumb' }, false, true],
    ['the flag can also take it away', false, { FORCE_COLOR: '1' }, true, false],
    ['FORCE_COLOR wins over NO_COLOR', undefined, { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    ['FORCE_COLOR=0 means none', undefined, { FORCE_COLOR: '0' }, true, false],
    ['NO_COLOR counts when not empty', undefined, { NO_COLOR: 'anything' }, true, false],
    ['an empty NO_COLOR is no NO_COLOR', undefined, { NO_COLOR: '' }, true, true],
    ['a dumb terminal has none', undefined, { TERM: 'dumb' }, true, false],
    ['a terminal has it', undefined, {}, true, true],
    ['a pipe has none', undefined, {}, false, false],
  ])('%s', (_title, flag, env, isTerminal, expected) => {
    expect(colorChoice(flag, env, () => isTerminal)).toBe(expected);
  });
});

describe('the streams', () => {
  it('are judged apart', () => {
    const streams = createStreams(pipe, terminal, {}, none);
    expect([streams.out.isTerminal, streams.err.isTerminal, streams.out.hasColor, streams.err.hasColor]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([streams.out.columns, streams.err.columns]).toEqual([80, 120]);
  });

  it('are not opened before they are used', () => {
    const never = () => {
      throw new Error('opened');
    };
    expect(createStreams(terminal, never, {}, none).out.isTerminal).toBe(true);
  });

  it.each([
    ['a terminal', {}, [], true],
    ['CI', { CI: 'true' }, [], false],
    ['a dumb terminal', { TERM: 'dumb' }, [], false],
    ['--json', {}, ['--json'], false],
    ['-q', {}, ['-q'], false],
  ])('animation on %s', (_title, env, argv, expected) => {
    expect(createStreams(terminal, terminal, env, readGlobals(argv)).animate).toBe(expected);
  });

  it('can be described to a process behind pipes, which then treats them as terminals', () => {
    const described = describeTerminals(createStreams(terminal, pipe, {}, none));
    expect(described).toBe('out:120');
    const inside = createStreams(pipe, pipe, { IPTV_TERMINAL: described }, none);
    expect([inside.out.isTerminal, inside.out.columns, inside.err.isTerminal]).toEqual([true, 120, false]);
    expect(describeTerminals(createStreams(pipe, pipe, {}, none))).toBeUndefined();
  });

  it.each([
    ['-v', ['-v'], {}, true],
    ['DEBUG=iptv', [], { DEBUG: 'express,iptv' }, true],
    ['another DEBUG', [], { DEBUG: 'iptvx' }, false],
  ])('are verbose with %s', (_title, argv, env, expected) => {
    expect(createStreams(pipe, pipe, env, readGlobals(argv)).verbose).toBe(expected);
  });
});
