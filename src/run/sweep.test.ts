import { describe, expect, it } from 'vitest';

import { createVirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { startSweep } from './sweep.ts';

describe('the sweep', () => {
  it('comes every second, five times a second while somebody waits, and also after a round that failed', async () => {
    const clock = createVirtualClock();
    const errors: unknown[] = [];
    let rounds = 0;
    let eager = false;
    const sweep = startSweep({
      clock,
      pulse: () => false,
      onError: (error) => errors.push(error),
      async round() {
        rounds += 1;
        if (rounds === 2) throw new Error('EIO');
        return eager;
      },
    });
    await clock.advance(3999);
    expect(rounds).toBe(4);
    expect(errors).toHaveLength(1);
    eager = true;
    await clock.advance(1001);
    const before = rounds;
    await clock.advance(1000);
    expect(rounds - before).toBe(5);
    sweep.stop();
    await clock.advance(5000);
    expect(clock.pending()).toBe(0);
  });

  it('never has two rounds at once, and hurries after the one under way', async () => {
    const clock = createVirtualClock();
    let under = 0;
    let most = 0;
    let rounds = 0;
    const gates: (() => void)[] = [];
    const sweep = startSweep({
      clock,
      pulse: () => false,
      onError: () => undefined,
      async round() {
        rounds += 1;
        under += 1;
        most = Math.max(most, under);
        await new Promise<void>((resolve) => gates.push(resolve));
        under -= 1;
        return false;
      },
    });
    await clock.advance(0);
    sweep.hurry();
    await clock.advance(2000);
    expect(rounds).toBe(1);
    gates.shift()?.();
    await clock.advance(200);
    expect(rounds).toBe(2);
    sweep.hurry();
    expect(most).toBe(1);
  });
});
