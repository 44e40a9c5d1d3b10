import { describe, expect, it } from 'vitest';

import type { VerdictName } from '../../core/verdict.ts';
import { createAlarms, type AlarmRules, type Observed } from './alarms.ts';

const rules: AlarmRules = { on: new Set<VerdictName>(['source-dead', 'nginx-down', 'degraded']), forMs: 10_000, minIntervalMs: 60_000 };

const observed = (id: string, name: VerdictName): Observed => ({
  id,
  verdict: { name, layer: null, reason: `${id} is ${name}`, evidence: [], since: '2026-01-01T00:00:00.000Z' },
});

/** `phases`: for so many seconds, the verdicts of these streams. */
function play(
  phases: readonly (readonly [seconds: number, verdicts: Readonly<Record<string, VerdictName>>])[],
  more: Partial<AlarmRules> = {},
  saved = {},
) {
  const alarms = createAlarms({ ...rules, ...more }, saved);
  const told: string[] = [];
  let second = 0;
  for (const [seconds, verdicts] of phases) {
    for (let count = 0; count < seconds; count += 1) {
      second += 1;
      const notices = alarms.step(
        Object.entries(verdicts).map(([id, name]) => observed(id, name)),
        second * 1000,
      );
      for (const { kind, verdict, streams } of notices) told.push(`${second} ${kind} ${verdict} ${streams.map(({ id }) => id).join(' ')}`);
    }
  }
  return { told, saved: alarms.saved() };
}

const many = (name: VerdictName): Readonly<Record<string, VerdictName>> => ({ a: name, b: name, c: name, d: name });

describe('alarms', () => {
  it('come after it has lasted, once, and end with one recovery', () => {
    const { told } = play([
      [5, { a: 'healthy' }],
      [60, { a: 'source-dead' }],
      [5, { a: 'healthy' }],
    ]);
    expect(told).toEqual(['18 alarm source-dead a', '68 recovered source-dead a']);
  });

  it('do not come for what passes, nor for what nobody asked about', () => {
    expect(
      play([
        [9, { a: 'source-dead' }],
        [5, { a: 'healthy' }],
        [9, { a: 'source-dead' }],
        [30, { a: 'healthy' }],
      ]).told,
    ).toEqual([]);
    expect(
      play([
        [60, { a: 'source-silent' }],
        [9, { a: 'healthy' }],
      ]).told,
    ).toEqual([]);
  });

  it('are one for many, and so is their end, although each recovers in its own time', () => {
    const { told } = play(
      [
        [1, many('healthy')],
        [20, many('nginx-down')],
        [3, { ...many('nginx-down'), a: 'healthy' }],
        [4, { ...many('healthy'), d: 'nginx-down' }],
        [9, many('healthy')],
      ],
      { forMs: 0 },
    );
    expect(told).toEqual(['4 alarm nginx-down a b c d', '29 recovered nginx-down a b c d']);
  });

  it('do not wait for ever for the last one', () => {
    const { told } = play(
      [
        [20, many('nginx-down')],
        [60, { ...many('healthy'), d: 'nginx-down' }],
      ],
      { forMs: 0 },
    );
    expect(told).toEqual(['3 alarm nginx-down a b c d', '51 recovered nginx-down a b c']);
  });

  it('are told apart by verdict', () => {
    expect(play([[20, { a: 'source-dead', b: 'degraded' }]]).told).toEqual(['13 alarm source-dead a', '13 alarm degraded b']);
  });

  it('do not come again at once for what goes up and down', () => {
    const flap = Array.from({ length: 12 }, (_, index) => [10, { a: index % 2 === 0 ? 'source-dead' : 'healthy' }] as const);
    const { told } = play(flap, { forMs: 1000 });
    expect(told.filter((line) => line.includes('alarm'))).toEqual(['4 alarm source-dead a', '66 alarm source-dead a']);
  });

  it('believe in no recovery that did not last, and take a start for none', () => {
    const { told } = play([
      [20, { a: 'source-dead' }],
      [1, { a: 'healthy' }],
      [20, { a: 'source-dead' }],
      [9, { a: 'starting' }],
    ]);
    expect(told).toEqual(['13 alarm source-dead a']);
  });

  it('tell when it has become another trouble', () => {
    const { told } = play(
      [
        [20, { a: 'source-dead' }],
        [20, { a: 'nginx-down' }],
      ],
      { minIntervalMs: 0 },
    );
    expect(told).toEqual(['13 alarm source-dead a', '33 alarm nginx-down a']);
  });

  it('are over in silence for what left the list', () => {
    const { told, saved } = play([
      [20, { a: 'source-dead' }],
      [20, {}],
    ]);
    expect(told).toEqual(['13 alarm source-dead a']);
    expect(saved).toEqual({});
  });

  it('outlive the supervisor: the next one tells of the end and not again of the beginning', () => {
    const { saved } = play([[20, { a: 'source-dead' }]]);
    expect(saved).toEqual({ a: { verdict: 'source-dead', since: '2026-01-01T00:00:00.000Z' } });
    expect(
      play(
        [
          [20, { a: 'source-dead' }],
          [9, { a: 'healthy' }],
        ],
        {},
        saved,
      ).told,
    ).toEqual(['23 recovered source-dead a']);
  });
});
