// Tells what happens to nginx as events of the house: started, dead, hung, silent, answering again.

import type { EventSink } from '../core/events.ts';
import type { ClockPort } from '../core/ports.ts';
import type { Failure } from './lifecycle.ts';
import type { AliveProcess } from './managed-process.ts';

export interface OriginStory {
  started(process: AliveProcess): void;
  /** It died or hangs; `action` says what is done about it. */
  failed(failure: Failure, action: string): void;
  answers(): void;
  silent(url: string): void;
}

export function createOriginStory(events: EventSink, clock: Pick<ClockPort, 'monotonic'>): OriginStory {
  /** Since when viewers get no answer; undefined while they do, and before the first answer. */
  let awaySince: number | undefined;
  let everAnswered = false;

  function away(cause: string, message: string, evidence: readonly string[], action: string | null): void {
    awaySince ??= clock.monotonic();
    events.record({ stream: null, kind: 'origin', cause, message, evidence, action });
  }

  return {
    started(process) {
      events.record({
        stream: null,
        kind: 'origin',
        cause: process.adopted ? 'adopted' : 'started',
        message: `${process.adopted ? 'adopted' : 'started'} nginx pid ${process.pid}`,
        data: { pid: process.pid, adopted: process.adopted },
      });
    },
    failed: (failure, action) => away(failure.cause, failure.message, failure.evidence, action),
    silent: (url) => away('silent', `nginx does not answer ${url}`, [], null),
    answers() {
      const awaySeconds = awaySince === undefined ? null : Math.round((clock.monotonic() - awaySince) / 100) / 10;
      const again = everAnswered && awaySeconds !== null;
      everAnswered = true;
      awaySince = undefined;
      events.record({
        stream: null,
        kind: 'origin',
        cause: 'answers',
        message: again ? `nginx answers again after ${awaySeconds} s` : 'nginx answers',
        data: { awaySeconds },
      });
    },
  };
}
