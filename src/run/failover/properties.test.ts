// What holds for any outage: sources die and return at random times, and the reducer is driven as the supervisor drives it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isDue, preference } from './choose.ts';
import { nextWake } from './fail-back.ts';
import { reduceFailover } from './reduce.ts';
import { parseFailover, printFailover } from './saved.ts';
import { initialFailover, type FailoverEvent, type FailoverPolicy, type FailoverState } from './state.ts';

const policy: FailoverPolicy = {
  retries: 2,
  windowMs: 60_000,
  cooldownMs: 30_000,
  pauseMs: 1000,
  failBackAfterMs: 60_000,
  stableAfterMs: 60_000,
  longestPauseMs: 60_000,
};
const ownBackOffMs = 60_000;
const causes = ['reset', 'ended', 'timeout', 'refused', 'auth', 'not-media', 'rate-limited', 'stalled', 'upstream-5xx'] as const;

/** A source is up and down in turn; while it is down, starts and runs fail with its cause. */
interface Fate {
  readonly cause: (typeof causes)[number];
  /** Lengths of the spells in milliseconds: down, up, down, ... */
  readonly spells: readonly number[];
}

const fate: fc.Arbitrary<Fate> = fc.record({
  cause: fc.constantFrom(...causes),
  spells: fc.array(fc.integer({ min: 1000, max: 400_000 }), { maxLength: 8 }),
});
const world = fc.record({
  fates: fc.array(fate, { minLength: 1, maxLength: 4 }),
  /** Whether a probe's connection is free, asked in turn. */
  open: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
});

/** When the state of a source changes next, and what it is at `now`; up for ever after its last spell. */
function at(each: Fate, now: number): { readonly isUp: boolean; readonly until: number } {
  let end = 0;
  for (const [index, spell] of each.spells.entries()) {
    end += spell;
    if (now < end) return { isUp: index % 2 === 1, until: end };
  }
  return { isUp: true, until: Infinity };
}

interface Start {
  readonly source: number;
  readonly now: number;
  readonly state: FailoverState;
  /** An in-place retry, or chosen by the way back: whatever else may be due. */
  readonly isFixed: boolean;
}

interface Story {
  readonly starts: readonly Start[];
  readonly probes: readonly { readonly source: number; readonly open: readonly boolean[]; readonly running: number | undefined }[];
  readonly switched: readonly { readonly to: number; readonly delivering: boolean }[];
  readonly final: FailoverState;
  readonly states: readonly { readonly state: FailoverState; readonly now: number }[];
}

function live({ fates, open }: { readonly fates: readonly Fate[]; readonly open: readonly boolean[] }, untilMs: number): Story {
  let state = initialFailover(fates.map((_, index) => `source ${index}`));
  let now = 1000;
  let looks = 0;
  const starts: Start[] = [];
  const probes: Story['probes'][number][] = [];
  const switched: Story['switched'][number][] = [];
  const states: Story['states'][number][] = [];
  let waitMs = 0;
  let restartNow = false;

  function send(event: FailoverEvent): void {
    const step = reduceFailover(state, event, now, policy);
    state = step.state;
    states.push({ state, now });
    for (const effect of step.effects) {
      if (effect.type === 'try') waitMs = effect.delayMs ?? Math.min(effect.withinMs ?? ownBackOffMs, ownBackOffMs);
      if (effect.type === 'switch') restartNow = true;
      if (effect.type === 'switched')
        switched.push({ to: effect.to, delivering: state.run?.source === effect.to && state.run.deliveringSince !== null });
      if (effect.type !== 'probe') continue;
      const fateOf = fates[effect.source];
      probes.push({ source: effect.source, open: event.type === 'wake' ? event.open : [], running: state.run?.source });
      const isUp = fateOf !== undefined && at(fateOf, now).isUp;
      send({ type: 'probed', source: effect.source, cause: isUp ? null : (fateOf?.cause ?? 'refused'), message: '' });
    }
  }

  for (let steps = 0; now < untilMs && steps < 3000; steps += 1) {
    const isFixed = state.next.fixed;
    send({ type: 'starting' });
    const { source } = state.next;
    starts.push({ source, now, state, isFixed });
    send({ type: 'started', source, delivering: false });
    const own = fates[source];
    if (own === undefined) break;
    now += 500;
    restartNow = false;
    if (at(own, now).isUp) {
      now += 500;
      send({ type: 'delivering' });
      const { until } = at(own, now);
      const end = at(own, now).isUp ? Math.min(until, untilMs) : now;
      for (let wake = nextWake(state, policy); !restartNow && wake !== null && wake < end; wake = nextWake(state, policy)) {
        now = Math.max(now, wake);
        send({ type: 'wake', open: fates.map(() => open[(looks += 1) % open.length] ?? true) });
      }
      if (restartNow) {
        now += 1000;
        continue;
      }
      now = Math.max(now, end);
      if (now >= untilMs) break;
    }
    send({ type: 'failed', cause: own.cause, message: '', neverStarted: false, renewable: false });
    now += waitMs;
  }
  return { starts, probes, switched, final: state, states };
}

describe('for any outage', () => {
  it('no source is started while a better one is due, but for a counted retry in place', () => {
    fc.assert(
      fc.property(world, (given) => {
        for (const start of live(given, 3_600_000).starts) {
          if (start.isFixed) continue;
          const order = preference(start.state);
          const better = order.slice(0, order.indexOf(start.source));
          expect(better.filter((index) => isDue(start.state.sources[index], start.now))).toEqual([]);
        }
      }),
    );
  });

  it('retries in place are bounded in each window', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { starts } = live(given, 3_600_000);
        for (const [index, start] of starts.entries()) {
          const recent = starts
            .slice(0, index + 1)
            .filter((each) => each.source === start.source && each.now > start.now - policy.windowMs);
          if (given.fates.length > 1) expect(recent.filter(({ isFixed }) => isFixed).length).toBeLessThanOrEqual(policy.retries + 1);
        }
      }),
    );
  });

  it('a source that asked to be left alone is not asked before its time', () => {
    fc.assert(
      fc.property(world, (given) => {
        for (const { state, source, now, isFixed } of live(given, 3_600_000).starts) {
          if (!isFixed) expect(state.sources[source]?.barredUntil ?? 0).toBeLessThanOrEqual(now);
        }
      }),
    );
  });

  it('some source is always tried soon, and each one again and again while all are dead', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...causes.filter((cause) => cause !== 'rate-limited')), { minLength: 1, maxLength: 4 }),
        (dead) => {
          const { starts } = live({ fates: dead.map((cause) => ({ cause, spells: [1e9] })), open: [true] }, 3_600_000);
          for (const [index, start] of starts.entries()) {
            expect(start.now - (starts[index - 1]?.now ?? 0)).toBeLessThanOrEqual(ownBackOffMs + 2000);
          }
          for (const source of dead.keys()) {
            expect(starts.filter((start) => start.source === source && start.now > 1_800_000).length).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  it('the stream is on its best source in the end, when all are well for long', () => {
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1, maxLength: 4 }), (fates) => {
        expect(live({ fates, open: [true] }, 24 * 3_600_000).final.run?.source).toBe(0);
      }),
    );
  });

  it('a look is never made without a free connection, nor at what plays', () => {
    fc.assert(
      fc.property(world, (given) => {
        for (const { source, open, running } of live(given, 3_600_000).probes) {
          expect(open[source]).toBe(true);
          expect(running).not.toBe(source);
        }
      }),
    );
  });

  it('a switch is told only of a source that delivers', () => {
    fc.assert(
      fc.property(world, (given) => {
        expect(live(given, 3_600_000).switched.filter(({ delivering }) => !delivering)).toEqual([]);
      }),
    );
  });

  it('what is known survives print and parse, also into another clock', () => {
    fc.assert(
      fc.property(world, fc.integer({ min: 0, max: 1e9 }), (given, laterMs) => {
        const { states } = live(given, 600_000);
        for (const { state, now } of states.slice(-5)) {
          const before = { monotonic: now, wall: 1_700_000_000_000 };
          const keys = state.sources.map(({ key }) => key);
          const text = JSON.stringify(printFailover(state, before));
          const same = parseFailover(JSON.parse(text), keys, before);
          expect(same).toMatchObject({ sources: state.sources, forced: state.forced, holds: state.holds });
          const later = parseFailover(JSON.parse(text), keys, { monotonic: 5000, wall: before.wall + laterMs });
          for (const [index, health] of later.sources.entries()) {
            const rest = (state.sources[index]?.restUntil ?? -Infinity) - now - laterMs;
            if (health.restUntil !== null && rest > 0) expect(health.restUntil - 5000).toBeCloseTo(rest, 0);
          }
        }
      }),
    );
  });

  it('no text is too strange to be parsed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseFailover(value, ['a', 'b'], { monotonic: 0, wall: 0 }).sources).toHaveLength(2);
        expect(parseFailover({ sources: value, forced: value, holds: value }, ['a'], { monotonic: 0, wall: 0 }).sources).toHaveLength(1);
      }),
    );
  });
});
