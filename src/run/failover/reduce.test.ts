import { describe, expect, it } from 'vitest';

import { reduceFailover } from './reduce.ts';
import { initialFailover, type FailoverEffect, type FailoverEvent, type FailoverPolicy, type FailoverState } from './state.ts';
import { nextWake } from './fail-back.ts';

const policy: FailoverPolicy = {
  retries: 1,
  windowMs: 60_000,
  cooldownMs: 30_000,
  pauseMs: 1000,
  failBackAfterMs: 120_000,
  stableAfterMs: 60_000,
  longestPauseMs: 60_000,
};

/** Drives the reducer in virtual time, as the supervisor would. */
function drive(count: number, changed: Partial<FailoverPolicy> = {}) {
  const used = { ...policy, ...changed };
  let state: FailoverState = initialFailover(Array.from({ length: count }, (_, index) => `source ${index}`));
  let now = 1000;
  let effects: readonly FailoverEffect[] = [];
  const self = {
    state: () => state,
    effects: () => effects,
    now: () => now,
    pass(ms: number) {
      now += ms;
      return self;
    },
    send(event: FailoverEvent) {
      const step = reduceFailover(state, event, now, used);
      state = step.state;
      effects = step.effects;
      return self;
    },
    start() {
      self.send({ type: 'starting' });
      return self.send({ type: 'started', source: state.next.source, delivering: false });
    },
    /** Starts and delivers for this long. */
    play(ms: number) {
      return self.start().pass(1000).send({ type: 'delivering' }).pass(ms);
    },
    fail(cause: string, more: Partial<FailoverEvent & { type: 'failed' }> = {}) {
      return self.send({ type: 'failed', cause, message: `it was ${cause}`, neverStarted: false, renewable: false, ...more });
    },
    probe(source: number, cause: string | null = null) {
      return self.send({ type: 'probed', source, cause, message: cause ?? 'good' });
    },
    /** Time passes, and whatever is due happens; every source answers probes as told. */
    playOn(ms: number, isGood: (source: number) => boolean, open = Array.from({ length: count }, () => true)) {
      const end = now + ms;
      for (let wake = nextWake(state, used); wake !== null && wake <= end; wake = nextWake(state, used)) {
        now = Math.max(now, wake);
        self.send({ type: 'wake', open });
        for (const effect of effects) if (effect.type === 'probe') self.probe(effect.source, isGood(effect.source) ? null : 'refused');
        if (effects.some(({ type }) => type === 'switch')) return self;
      }
      now = Math.max(now, end);
      return self;
    },
    running: () => state.run?.source,
    tries: () => effects.find((effect) => effect.type === 'try'),
  };
  return self;
}

describe('a source that fails', () => {
  it('is tried once more when it had delivered, then gives way', () => {
    const world = drive(3).play(5000).fail('reset');
    expect(world.tries()).toMatchObject({ source: 0, delayMs: null });
    world.play(3000).fail('reset');
    expect(world.tries()).toMatchObject({ source: 1, delayMs: policy.pauseMs });
  });

  it('gives way at once when it never delivered, or when another try would cost a whole timeout', () => {
    expect(drive(2).start().fail('reset').tries()).toMatchObject({ source: 1 });
    for (const cause of ['stalled', 'timeout', 'refused', 'dns', 'auth', 'not-media'])
      expect(drive(2).play(5000).fail(cause).tries()).toMatchObject({ source: 1 });
  });

  it('that ends cleanly has failed: a live source never ends (m3u-editor #746)', () => {
    const world = drive(2).play(90_000).fail('ended');
    expect(world.state().sources[0]).toMatchObject({ failures: 1, cause: 'ended' });
    world.play(1000).fail('ended');
    expect(world.tries()).toMatchObject({ source: 1 });
  });

  it('that plays for moments only does not keep a healthy one waiting for ever (Dispatcharr #1594)', () => {
    const world = drive(2);
    const seen: (number | undefined)[] = [];
    for (let round = 0; round < 4; round += 1) {
      world.play(3000);
      seen.push(world.running());
      world.fail('reset').pass(2000);
    }
    expect(seen.slice(0, 3)).toEqual([0, 0, 1]);
  });

  it('has its retries counted in a window, not for ever', () => {
    const world = drive(2).play(5000).fail('reset');
    world.play(59_000).pass(10_000).fail('reset');
    expect(world.tries()).toMatchObject({ source: 0 });
  });

  it('rests longer each time, and by cause: 403 is not a timeout', () => {
    const rest = (cause: string) => {
      const world = drive(2).start().fail(cause);
      return (world.state().sources[0]?.restUntil ?? 0) - world.now();
    };
    expect(rest('timeout')).toBe(30_000);
    expect(rest('auth')).toBe(300_000);
    const world = drive(2).start().fail('timeout').pass(40_000);
    world.start();
    expect(world.running()).toBe(0);
    world.fail('timeout');
    expect((world.state().sources[0]?.restUntil ?? 0) - world.now()).toBe(60_000);
  });

  it('is not blamed for what is local', () => {
    for (const cause of ['leg-dead', 'lock-held', 'killed', 'output', 'disk-full', 'read-only']) {
      const world = drive(2).play(5000).fail(cause);
      expect(world.tries()).toMatchObject({ source: 0, delayMs: null });
      expect(world.state().sources[0]).toMatchObject({ failures: 0, restUntil: null });
    }
    const world = drive(2).send({ type: 'starting' }).fail('ffmpeg-missing', { neverStarted: true });
    expect(world.tries()).toMatchObject({ source: 0 });
  });

  it('that this ffmpeg cannot open gives way although nothing was started', () => {
    const world = drive(2).send({ type: 'starting' }).fail('ffmpeg-lacks', { neverStarted: true });
    expect(world.tries()).toMatchObject({ source: 1 });
  });
});

describe('a switch', () => {
  it('carries nothing of the old run over: the healthy backup is not burned (Dispatcharr #1671)', () => {
    const world = drive(2).play(300_000).fail('stalled').pass(1000).start();
    expect(world.state().run).toEqual({ source: 1, startedAt: world.now(), deliveringSince: null });
    expect(world.state().sources[1]).toMatchObject({ failures: 0, recent: [] });
    world.pass(20_000).send({ type: 'delivering' });
    expect(world.running()).toBe(1);
    expect(world.state().sources[1]).toMatchObject({ failures: 0, goodAt: world.now() });
  });

  it('lets nobody wait for the long rest of one source when it is the turn of another', () => {
    const driven = drive(2);
    for (let round = 0; round < 6; round += 1) driven.start().pass(1000).fail('auth').pass(60_000);
    driven.start().pass(1000).fail('auth');
    expect(driven.effects()).toMatchObject([{ type: 'try', withinMs: 60_000 }]);
  });

  it('goes round: after the last source comes the first (Dispatcharr #310)', () => {
    const world = drive(3);
    const seen: (number | undefined)[] = [];
    for (let round = 0; round < 7; round += 1) {
      world.start();
      seen.push(world.running());
      world.fail('refused').pass(1000);
    }
    expect(seen).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it('pauses between two sources (Threadfin #464)', () => {
    const world = drive(3, { pauseMs: 2500 }).play(1000).fail('timeout');
    expect(world.tries()).toMatchObject({ source: 1, delayMs: 2500 });
  });

  it('is told only after the first new segment (m3u-editor #1180), with the cause and how long it took', () => {
    const world = drive(3).play(5000).fail('auth').pass(1000).start();
    expect(world.effects()).toEqual([]);
    world.fail('refused').pass(1000).start().pass(3000);
    expect(world.effects()).toEqual([]);
    world.send({ type: 'delivering' });
    expect(world.effects()).toEqual([{ type: 'switched', from: 0, to: 2, cause: 'auth', afterMs: 5000 }]);
  });

  it('is not told when the same source came back', () => {
    expect(drive(2).play(5000).fail('reset').play(0).effects()).toEqual([]);
  });

  it('prefers the first source again once its rest is over', () => {
    const world = drive(2).play(5000).fail('timeout').pass(1000).play(100_000).fail('timeout');
    expect(world.tries()).toMatchObject({ source: 0 });
  });

  it('takes what became due during the wait', () => {
    const world = drive(2).start().fail('timeout').pass(1000).start().fail('timeout');
    expect(world.state().next.source).toBe(0);
    world.pass(40_000).send({ type: 'starting' });
    expect(world.state().next.source).toBe(0);
  });
});

describe('too many requests', () => {
  it('bars the source for as long as it says, whatever else happens', () => {
    const world = drive(2).start().fail('rate-limited', { retryAfterMs: 600_000 });
    for (let round = 0; round < 5; round += 1) {
      world.pass(60_000).start();
      expect(world.running()).toBe(1);
      world.fail('refused');
    }
    expect(world.tries()).toMatchObject({ source: 1 });
  });

  it('bars the only source, too', () => {
    const world = drive(1).start().fail('rate-limited', { retryAfterMs: 300_000 });
    expect(world.tries()).toMatchObject({ source: 0, delayMs: 300_000 });
  });
});

describe('an address that expires', () => {
  const renewable = { renewable: true };

  it('is resolved anew before a failure is counted', () => {
    const world = drive(2).play(3_600_000).fail('auth', renewable);
    expect(world.effects()).toMatchObject([
      { type: 'renew', source: 0 },
      { type: 'try', source: 0, delayMs: 0 },
    ]);
    expect(world.state().sources[0]).toMatchObject({ failures: 0, restUntil: null });
  });

  it('counts when the new one is refused as well', () => {
    const world = drive(2).play(3_600_000).fail('not-found', renewable).start().pass(1000).fail('auth', renewable);
    expect(world.tries()).toMatchObject({ source: 1 });
    expect(world.state().sources[0]).toMatchObject({ failures: 1 });
  });

  it('counts when it is refused again within the window although it played: no endless loop on one source', () => {
    const world = drive(2).play(3_600_000).fail('auth', renewable).play(5000).fail('auth', renewable);
    expect(world.tries()).toMatchObject({ source: 1 });
  });

  it('is resolved anew each time when there is no other source, if it had played for a while: it lasts for seconds, or for one connection', () => {
    const world = drive(1).play(25_000).fail('auth', renewable);
    for (let again = 0; again < 3; again += 1) {
      world.play(25_000).fail('reset', renewable).start().pass(500).fail('auth', renewable);
      expect(world.effects()).toMatchObject([
        { type: 'renew', source: 0 },
        { type: 'try', source: 0, delayMs: 0 },
      ]);
    }
    world.start().pass(500).fail('auth', renewable);
    expect(world.effects()).toMatchObject([{ type: 'try', delayMs: null }]);
    const short = drive(1).play(25_000).fail('auth', renewable).play(5000).fail('auth', renewable);
    expect(short.effects().map(({ type }) => type)).toEqual(['try']);
  });

  it('counts as usual when the resolver itself fails', () => {
    const world = drive(2)
      .send({ type: 'starting' })
      .fail('resolve-failed', { neverStarted: true, ...renewable });
    expect(world.tries()).toMatchObject({ source: 1 });
    expect(world.state().sources[0]).toMatchObject({ cause: 'resolve-failed', failures: 1 });
  });
});

describe('going back', () => {
  const onBackup = (changed: Partial<FailoverPolicy> = {}) => drive(2, changed).play(90_000).fail('refused').pass(1000).play(0);

  it('happens when the better source has been good for long enough, and is told after its first segment', () => {
    const world = onBackup();
    const left = world.now();
    world.playOn(600_000, () => true);
    expect(world.effects()).toMatchObject([{ type: 'switch', source: 0 }]);
    expect(world.now() - left).toBeGreaterThanOrEqual(120_000);
    expect(world.now() - left).toBeLessThanOrEqual(240_000);
    world.pass(2000).start().pass(3000).send({ type: 'delivering' });
    expect(world.effects()).toMatchObject([{ type: 'switched', from: 1, to: 0, cause: 'fail-back' }]);
  });

  it('does not happen while it is bad, or good now and then', () => {
    let looks = 0;
    const world = onBackup().playOn(3_600_000, () => (looks += 1) % 3 !== 0);
    expect(looks).toBeGreaterThan(5);
    expect(world.running()).toBe(1);
    expect(
      onBackup()
        .playOn(3_600_000, () => false)
        .running(),
    ).toBe(1);
  });

  it('never happens by itself when it is off, and no probe is made', () => {
    const world = onBackup({ failBackAfterMs: undefined });
    let looks = 0;
    world.playOn(3_600_000, () => (looks += 1) > 0);
    expect(looks).toBe(0);
  });

  it('is not probed when that would need a connection that the provider does not allow', () => {
    let looks = 0;
    const world = onBackup().playOn(3_600_000, () => (looks += 1) > 0, [false, true]);
    expect(looks).toBe(0);
    expect(world.state().probing).toMatchObject([{ source: 0, withoutSlot: true }]);
  });

  it('waits twice as long after each return that did not last', () => {
    const world = onBackup();
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const began = world.now();
      world.playOn(3_600_000, () => true);
      waits.push(world.now() - began);
      world.pass(1000).play(10_000).fail('refused').pass(1000).play(0);
      expect(world.running()).toBe(1);
    }
    expect(waits[1]).toBeGreaterThan((waits[0] ?? 0) * 1.3);
    expect(waits[2]).toBeGreaterThan((waits[1] ?? 0) * 1.3);
    world
      .playOn(3_600_000, () => true)
      .pass(1000)
      .play(0)
      .playOn(3_600_000, () => true);
    expect(world.state().holds).toBe(0);
  });

  it('looks at the second source too, while the third one plays and the first is dead', () => {
    const world = drive(3).play(90_000).fail('refused').pass(1000).start().fail('refused').pass(1000).play(0);
    world.playOn(3_600_000, (source) => source === 1);
    expect(world.effects()).toMatchObject([{ type: 'switch', source: 1 }]);
  });

  it('makes a source that was seen good the next one when the present one fails', () => {
    const world = onBackup()
      .playOn(60_000, () => true)
      .fail('timeout');
    expect(world.tries()).toMatchObject({ source: 0 });
  });
});

describe('a choice by hand', () => {
  it('is taken at once and kept, but gives way to others when it fails, and comes back', () => {
    const world = drive(3).play(90_000).send({ type: 'force', source: 2 });
    expect(world.effects()).toMatchObject([{ type: 'switch', source: 2 }]);
    world.pass(1000).play(90_000);
    expect(world.running()).toBe(2);
    world.playOn(3_600_000, () => true);
    expect(world.running()).toBe(2);
    world.fail('timeout').pass(1000).play(0);
    expect(world.running()).toBe(0);
    world.playOn(3_600_000, () => true);
    expect(world.effects()).toMatchObject([{ type: 'switch', source: 2 }]);
  });

  it('is given back: the first source is the preferred one again', () => {
    const world = drive(2).play(90_000).send({ type: 'force', source: 1 }).play(0).send({ type: 'force', source: null });
    expect(world.effects()).toEqual([]);
    world.playOn(3_600_000, () => true);
    expect(world.effects()).toMatchObject([{ type: 'switch', source: 0 }]);
  });

  it('ends the rest of a source', () => {
    const world = drive(2).start().fail('auth').pass(1000).play(0).send({ type: 'force', source: 0 });
    world.pass(1000).start();
    expect(world.running()).toBe(0);
  });
});

describe('no free connection', () => {
  const blocked = (open: readonly boolean[], freeInMs: number | null): FailoverEvent => ({ type: 'blocked', open, freeInMs });

  it('waits when one is given back in a moment', () => {
    expect(
      drive(2)
        .send({ type: 'starting' })
        .send(blocked([false, true], 3000))
        .effects(),
    ).toEqual([{ type: 'wait', source: 0 }]);
  });

  it('takes another source whose provider has one', () => {
    const world = drive(3)
      .send({ type: 'starting' })
      .send(blocked([false, false, true], null));
    expect(world.tries()).toMatchObject({ source: 2, delayMs: 0 });
    expect(world.send({ type: 'starting' }).state().next.source).toBe(2);
  });

  it('waits when there is none, and counts no failure', () => {
    const world = drive(2)
      .send({ type: 'starting' })
      .send(blocked([false, false], null));
    expect(world.effects()).toEqual([{ type: 'wait', source: 0 }]);
    expect(world.state().sources[0]).toMatchObject({ failures: 0, restUntil: null });
  });
});

describe('the list', () => {
  it('is followed by name when it changes: what is known stays with the source', () => {
    const world = drive(2).start().fail('auth').pass(1000).start();
    world.send({ type: 'sources', keys: ['new', 'source 1', 'source 0'] });
    expect(world.state().sources.map(({ cause }) => cause)).toEqual([null, null, 'auth']);
    expect(world.running()).toBe(1);
  });

  it('and an order to run begins with the first source, whatever it did before', () => {
    const world = drive(2).start().fail('auth').pass(1000).play(0).send({ type: 'ordered' }).start();
    expect(world.running()).toBe(0);
  });
});
