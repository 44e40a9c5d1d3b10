// Counts the connections to each provider: jobs, probes and failover share one limit, and those who wait are served in turn.

import type { ProviderConfig } from '../core/config.ts';
import type { ClockPort } from '../core/ports.ts';
import type { ProviderStatus } from '../core/status.ts';

/** One connection, held from before it is opened until after it is closed. */
export interface Lease {
  readonly provider: string;
  /** `never` opened: free at once. Else it stays counted for the provider's release delay, in which it may still count it. */
  release(opened: boolean): void;
}

export interface Providers {
  /** A new list: limits hold for what comes; nobody is thrown out. */
  configure(list: readonly ProviderConfig[]): void;
  /** undefined when there is no free connection, or others wait for one. `undefined` as the provider: nothing to count. */
  tryTake(provider: string | undefined, who: string): Lease | undefined;
  /** For a connection that exists already, limit or not. */
  take(provider: string | undefined, who: string): Lease;
  /** Calls back with the connection when it is this one's turn; the answer withdraws. */
  wait(provider: string, who: string, onGrant: (lease: Lease) => void): () => void;
  /** Free now, those who wait for one taken off; Infinity without a limit. */
  slotsFree(provider: string | undefined): number;
  limit(provider: string | undefined): number;
  /** Until one is given back, as far as that is known; null: when somebody ends. */
  freeInMs(provider: string | undefined): number | null;
  /** Who holds one, such as `news` or `probe of sport`. */
  holders(provider: string): readonly string[];
  status(): readonly ProviderStatus[];
}

interface Slot {
  readonly who: string;
  /** Monotonic time at which it is free; undefined while in use. */
  freeAt: number | undefined;
}

interface Desk {
  limit: number;
  releaseDelayMs: number;
  readonly slots: Set<Slot>;
  readonly queue: { readonly who: string; readonly onGrant: (lease: Lease) => void }[];
}

const nothingToCount: Lease = { provider: '', release: () => undefined };

export function createProviders(clock: Pick<ClockPort, 'monotonic' | 'after'>, list: readonly ProviderConfig[]): Providers {
  const desks = new Map<string, Desk>();

  function deskOf(name: string): Desk {
    const known = desks.get(name);
    if (known !== undefined) return known;
    const desk: Desk = { limit: Infinity, releaseDelayMs: 0, slots: new Set(), queue: [] };
    desks.set(name, desk);
    return desk;
  }

  function configure(next: readonly ProviderConfig[]): void {
    for (const [name, desk] of desks) {
      if (next.some((provider) => provider.name === name)) continue;
      desk.limit = Infinity;
      desk.releaseDelayMs = 0;
    }
    for (const { name, maxConnections, releaseDelayMs } of next) {
      const desk = deskOf(name);
      desk.limit = maxConnections ?? Infinity;
      desk.releaseDelayMs = releaseDelayMs;
    }
    for (const name of desks.keys()) serve(name);
  }

  function hold(name: string, who: string): Lease {
    const desk = deskOf(name);
    const slot: Slot = { who, freeAt: undefined };
    desk.slots.add(slot);
    return {
      provider: name,
      release(opened) {
        if (slot.freeAt !== undefined) return;
        const delayMs = opened && desk.limit !== Infinity ? desk.releaseDelayMs : 0;
        slot.freeAt = clock.monotonic() + delayMs;
        const free = (): void => {
          desk.slots.delete(slot);
          serve(name);
        };
        if (delayMs === 0) free();
        else clock.after(delayMs, free);
      },
    };
  }

  /** First come, first served. */
  function serve(name: string): void {
    const desk = deskOf(name);
    while (desk.queue.length > 0 && desk.slots.size < desk.limit) {
      const first = desk.queue.shift();
      if (first !== undefined) first.onGrant(hold(name, first.who));
    }
  }

  configure(list);
  return {
    configure,
    tryTake(provider, who) {
      if (provider === undefined) return nothingToCount;
      const desk = deskOf(provider);
      return desk.slots.size + desk.queue.length < desk.limit ? hold(provider, who) : undefined;
    },
    take: (provider, who) => (provider === undefined ? nothingToCount : hold(provider, who)),
    wait(provider, who, onGrant) {
      const desk = deskOf(provider);
      const entry = { who, onGrant };
      desk.queue.push(entry);
      serve(provider);
      return () => {
        const at = desk.queue.indexOf(entry);
        if (at >= 0) desk.queue.splice(at, 1);
      };
    },
    slotsFree(provider) {
      if (provider === undefined) return Infinity;
      const desk = deskOf(provider);
      return Math.max(0, desk.limit - desk.slots.size - desk.queue.length);
    },
    limit: (provider) => (provider === undefined ? Infinity : deskOf(provider).limit),
    freeInMs(provider) {
      if (provider === undefined) return 0;
      const desk = deskOf(provider);
      if (desk.slots.size + desk.queue.length < desk.limit) return 0;
      const times = [...desk.slots].flatMap(({ freeAt }) => freeAt ?? []).sort((left, right) => left - right);
      // A limit that was lowered, or jobs that were adopted, may hold more than there should be.
      const mine = times[desk.queue.length + desk.slots.size - desk.limit];
      return mine === undefined ? null : Math.max(0, mine - clock.monotonic());
    },
    holders: (provider) => [...deskOf(provider).slots].map(({ who }) => who),
    status: () =>
      [...desks].map(([name, desk]) => ({
        name,
        inUse: desk.slots.size,
        limit: desk.limit === Infinity ? null : desk.limit,
        waiting: desk.queue.length,
      })),
  };
}
