// The messages of one hook on their way: one at a time, tried again with growing pauses, bounded, reported as events.

import type { HookConfig } from '../../core/config.ts';
import type { EventSink } from '../../core/events.ts';
import type { Ports } from '../../core/ports.ts';
import { deliver } from './deliver.ts';
import type { HookMessage } from './message.ts';

export interface HookQueue {
  /** Never waits; the oldest message gives way when there are too many. */
  push(message: HookMessage): void;
}

const most = 50;
/** Over an hour in all for a webhook; a command that fails three times fails for good. */
const pausesMs = { url: [1000, 5000, 30_000, 120_000, 600_000, 3_000_000], command: [1000, 10_000] } as const;

export function createHookQueue(hook: HookConfig, ports: Pick<Ports, 'net' | 'process' | 'clock'>, events: EventSink): HookQueue {
  const waiting: HookMessage[] = [];
  let busy = false;

  const report = (cause: string, message: HookMessage, text: string, action: string | null = null): void =>
    events.record({
      stream: null,
      kind: 'hook',
      cause,
      message: `hook ${hook.name} (${hook.display}): ${text}`,
      action,
      data: { hook: hook.name, kind: message.kind, verdict: message.verdict, count: message.count },
    });

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) await send(message);
    busy = false;
  }

  async function send(message: HookMessage): Promise<void> {
    const pauses: readonly number[] = 'url' in hook.target ? pausesMs.url : pausesMs.command;
    for (let attempt = 0; ; attempt += 1) {
      const delivery = await deliver(hook, message, ports);
      if (delivery.ok) {
        report('sent', message, `told "${message.text}" (${delivery.how})`);
        return;
      }
      const pause = delivery.retry ? pauses[attempt] : undefined;
      const action = pause === undefined ? 'given up' : `next try in ${pause / 1000} s`;
      // The first failure and the end are news; what is between them is not.
      if (attempt === 0 || pause === undefined) report('failed', message, delivery.reason, action);
      if (pause === undefined) return;
      await new Promise<void>((resolve) => ports.clock.after(pause, resolve));
    }
  }

  return {
    push(message) {
      waiting.push(message);
      const dropped = waiting.length > most ? waiting.shift() : undefined;
      if (dropped !== undefined) report('dropped', dropped, `more than ${most} messages wait; "${dropped.text}" is dropped`);
      void work();
    },
  };
}
