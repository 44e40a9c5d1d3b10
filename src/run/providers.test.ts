import { describe, expect, it } from 'vitest';

import { createVirtualClock } from '../../tests/fakes/virtual-clock.ts';
import type { ProviderConfig } from '../core/config.ts';
import { createProviders, type Lease } from './providers.ts';

function desk(maxConnections: number | undefined, releaseDelayMs = 3000) {
  const clock = createVirtualClock();
  const one: ProviderConfig = { name: 'x', releaseDelayMs, ...(maxConnections === undefined ? {} : { maxConnections }) };
  const providers = createProviders(clock, [one]);
  const served: string[] = [];
  const leases = new Map<string, Lease>();
  const queue = (who: string) =>
    providers.wait('x', who, (lease) => {
      served.push(who);
      leases.set(who, lease);
    });
  return { clock, providers, served, leases, queue };
}

describe('connections to a provider', () => {
  it('are given out up to the limit', () => {
    const { providers } = desk(2);
    expect(providers.tryTake('x', 'a')).toBeDefined();
    expect(providers.slotsFree('x')).toBe(1);
    expect(providers.tryTake('x', 'b')).toBeDefined();
    expect(providers.tryTake('x', 'c')).toBeUndefined();
    expect(providers.holders('x')).toEqual(['a', 'b']);
  });

  it('count for the release delay after they were closed, and not when they never were opened', async () => {
    const { clock, providers } = desk(1);
    providers.tryTake('x', 'a')?.release(true);
    expect(providers.tryTake('x', 'b')).toBeUndefined();
    expect(providers.freeInMs('x')).toBe(3000);
    await clock.advance(3000);
    const taken = providers.tryTake('x', 'b');
    taken?.release(false);
    expect(providers.slotsFree('x')).toBe(1);
  });

  it('are given back once, however often that is said', async () => {
    const { clock, providers } = desk(2, 0);
    const lease = providers.tryTake('x', 'a');
    providers.tryTake('x', 'b');
    lease?.release(true);
    lease?.release(true);
    await clock.advance(10);
    expect(providers.slotsFree('x')).toBe(1);
  });

  it('go to those who wait in turn; who comes later does not overtake', async () => {
    const { clock, providers, served, leases, queue } = desk(1, 0);
    const first = providers.tryTake('x', 'a');
    queue('b');
    queue('c');
    first?.release(true);
    expect(served).toEqual(['b']);
    expect(providers.tryTake('x', 'late')).toBeUndefined();
    leases.get('b')?.release(true);
    await clock.advance(0);
    expect(served).toEqual(['b', 'c']);
    expect(providers.status()).toEqual([{ name: 'x', inUse: 1, limit: 1, waiting: 0 }]);
  });

  it('are not kept for who has withdrawn', () => {
    const { providers, served, queue } = desk(1, 0);
    const first = providers.tryTake('x', 'a');
    queue('b')();
    queue('c');
    first?.release(true);
    expect(served).toEqual(['c']);
  });

  it('of jobs that are found running count also above the limit', () => {
    const { providers } = desk(1);
    providers.take('x', 'a');
    const second = providers.take('x', 'b');
    expect(providers.status()).toMatchObject([{ inUse: 2 }]);
    second.release(false);
    expect(providers.tryTake('x', 'c')).toBeUndefined();
  });

  it('follow a limit that changes: nobody is thrown out, who waits is served', () => {
    const { providers, served, queue } = desk(1);
    providers.tryTake('x', 'a');
    queue('b');
    providers.configure([{ name: 'x', maxConnections: 2, releaseDelayMs: 0 }]);
    expect(served).toEqual(['b']);
    providers.configure([{ name: 'x', maxConnections: 1, releaseDelayMs: 0 }]);
    expect(providers.tryTake('x', 'c')).toBeUndefined();
    providers.configure([]);
    expect(providers.tryTake('x', 'c')).toBeDefined();
  });

  it('are counted without a limit, and not at all without a provider', () => {
    const { providers } = desk(undefined);
    for (let count = 0; count < 50; count += 1) expect(providers.tryTake('x', 'a')).toBeDefined();
    expect(providers.status()).toEqual([{ name: 'x', inUse: 50, limit: null, waiting: 0 }]);
    expect(providers.tryTake(undefined, 'a')).toBeDefined();
    expect(providers.slotsFree(undefined)).toBe(Infinity);
  });
});
