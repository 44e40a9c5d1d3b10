// A stream unit whose job may also depend on viewers: the user's order stays `run` while nobody watches and no job runs.

import type { OnDemandConfig, StreamConfig } from '../../core/config.ts';
import type { Order } from '../../core/status.ts';
import type { JobUnit, StreamUnit } from '../unit.ts';

/** The link between what the user ordered, who watches, and the job. */
export interface Demand {
  /** What the user wants; the order of the job itself also follows the viewers. */
  readonly order: () => Order;
  /** undefined: it runs from the order to run until the order to stop. */
  readonly config: () => OnDemandConfig | undefined;
  /** Ordered to run, and nobody watches: there is no job, or it is being ended. */
  readonly isIdle: () => boolean;
  /** How long a channel that shows nothing yet waits for a picture before it shows its slate; undefined: as every channel does. */
  readonly firstWaitMs: () => number | undefined;
  /** Somebody wants to watch. */
  wake(): void;
  /** Nobody does. */
  rest(): void;
}

export function withDemand(unit: JobUnit, stream: StreamConfig): StreamUnit {
  let order: Order = 'stop';
  let config = stream.onDemand;
  /** As the list says now; what is idle takes it over with the next order. */
  let listed = stream.onDemand;
  let isAwake = false;
  const mayRun = (): boolean => config === undefined || isAwake;

  function isIdle(): boolean {
    return order === 'run' && !mayRun();
  }

  return {
    ...unit,
    order(next, how) {
      order = next;
      config = listed;
      if (next === 'stop') isAwake = false;
      if (next === 'stop' || mayRun()) unit.order(next, how);
    },
    restart() {
      order = 'run';
      config = listed;
      if (mayRun()) unit.restart();
    },
    redefine(next) {
      unit.redefine(next);
      if (next === undefined) return;
      listed = next.onDemand;
      if (isIdle() && listed === undefined) return;
      if (config === undefined && listed !== undefined) isAwake = unit.process.lifecycle().order === 'run';
      config = listed;
    },
    async adopt(found, askOrder) {
      await unit.adopt(found, askOrder);
      order = askOrder();
      isAwake = order === 'run';
    },
    demand: {
      order: () => order,
      config: () => config,
      isIdle,
      firstWaitMs: () => (config === undefined ? undefined : isHopeless(unit) ? 0 : config.firstWaitMs),
      wake() {
        if (!isIdle()) return;
        isAwake = true;
        // What is known of the sources holds: a viewer is no person who says that they are mended.
        unit.order('run', 'resumed');
      },
      rest() {
        if (!isAwake) return;
        isAwake = false;
        unit.order('stop');
      },
    },
  };
}

/** Every source had its turn and was refused: no waiting helps. */
function isHopeless(unit: JobUnit): boolean {
  const { phase, failures, failure } = unit.process.lifecycle();
  if (phase === 'failed') return true;
  if (failure === undefined || failure.pace === 'wait') return false;
  const isRefused = failure.pace === 'slow' || failure.pace === 'never';
  return failures >= unit.stream().sources.length + (isRefused ? 0 : 1);
}
