import { beforeEach, describe, expect, it } from 'vitest';

import { createVirtualClock, type VirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { createLanes, type Lanes } from './lanes.ts';

let clock: VirtualClock;
let lanes: Lanes;
let errors: string[];

beforeEach(() => {
  clock = createVirtualClock();
  errors = [];
  lanes = createLanes(clock, (name, error) => errors.push(`${name}: ${String(error)}`));
});

describe('lanes', () => {
  it('report a piece that fails, also one that throws at once, and run it again', async () => {
    let runs = 0;
    const fails = async (): Promise<void> => {
      runs += 1;
      throw new Error('EIO');
    };
    await lanes.run('news', fails);
    await lanes.run('news', fails);
    await lanes.run('sport', () => {
      throw new Error('at once');
    });
    expect(runs).toBe(2);
    expect(errors).toEqual(['news: Error: EIO', 'news: Error: EIO', 'sport: Error: at once']);
    expect(clock.pending()).toBe(0);
  });

  it('go on without a piece that hangs, never start it twice, and say so once', async () => {
    let runs = 0;
    const gate = Promise.withResolvers<void>();
    const hangs = (): Promise<void> => {
      runs += 1;
      return gate.promise;
    };
    let rounds = 0;
    for (let round = 0; round < 20; round += 1) {
      void lanes.run('news', hangs).then(() => (rounds += 1));
      await clock.advance(1000);
    }
    expect(rounds).toBe(20);
    expect(runs).toBe(1);
    expect(errors).toHaveLength(1);
    gate.resolve();
    await clock.advance(0);
    await lanes.run('news', async () => void (runs += 1));
    expect(runs).toBe(2);
  });
});
