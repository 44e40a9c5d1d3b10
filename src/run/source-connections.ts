// The provider connections of one stream: the one its job holds, the one its next job will, and its place in the queue.

import type { SourceConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { ClockPort } from '../core/ports.ts';
import type { Lease, Providers } from './providers.ts';

export interface SourceConnections {
  /** For a job that is about to be made; throws AppError `provider-limit` when there is none. */
  take(source: SourceConfig): void;
  /** For a job that runs already. */
  adopt(source: SourceConfig | undefined): void;
  /** The process exists: its connection is the one that was taken. */
  started(): void;
  gone(): void;
  /** Calls back with a connection in hand, when it is this stream's turn; at once where nothing is counted. */
  queue(provider: string | undefined, then: () => void): void;
  /** Gives up the place in the queue and what was taken for a job that will not come. */
  giveBack(): void;
  /** The old job must end before the new one may connect. */
  mustBreakFirst(source: SourceConfig | undefined): boolean;
  readonly waitsFor: () => string | null;
}

export function createSourceConnections(id: string, providers: Providers, clock: Pick<ClockPort, 'after'>): SourceConnections {
  let held: Lease | undefined;
  let coming: Lease | undefined;
  let waiting: { readonly provider: string; cancel(): void } | undefined;

  function leaveQueue(): void {
    waiting?.cancel();
    waiting = undefined;
  }

  function drop(): void {
    coming?.release(false);
    coming = undefined;
  }

  return {
    take({ provider }) {
      leaveQueue();
      if (coming !== undefined && coming.provider === (provider ?? '')) return;
      drop();
      coming = providers.tryTake(provider, id);
      if (coming !== undefined || provider === undefined) return;
      throw new AppError({
        exitCode: ExitCode.tryAgain,
        code: 'provider-limit',
        message: `waits for one of the ${providers.limit(provider)} connections of provider ${provider}`,
        evidence: [`in use by ${providers.holders(provider).join(', ')}`],
      });
    },
    adopt(source) {
      drop();
      coming = providers.take(source?.provider, id);
    },
    started() {
      if (coming === undefined) return;
      held?.release(true);
      held = coming;
      coming = undefined;
    },
    gone() {
      held?.release(true);
      held = undefined;
    },
    queue(provider, then) {
      leaveQueue();
      if (provider === undefined) return then();
      let granted = false;
      const cancel = providers.wait(provider, id, (lease) => {
        granted = true;
        waiting = undefined;
        drop();
        coming = lease;
        clock.after(0, then);
      });
      if (!granted) waiting = { provider, cancel };
    },
    giveBack() {
      leaveQueue();
      drop();
    },
    mustBreakFirst(source) {
      const provider = source?.provider;
      return provider === undefined || (provider === held?.provider && providers.limit(provider) < 2);
    },
    waitsFor: () => waiting?.provider ?? null,
  };
}
