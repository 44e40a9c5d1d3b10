// All hooks of the house: looks at verdicts and events, and hands messages over behind a bounded queue, never in the sweep's way.

import type { HookConfig } from '../../core/config.ts';
import type { EventSink, StreamEvent } from '../../core/events.ts';
import type { Ports } from '../../core/ports.ts';
import { calmVerdicts, verdictNames, type Verdict, type VerdictName } from '../../core/verdict.ts';
import type { JsonStore } from '../stores.ts';
import { createAlarms, type Alarms, type SavedAlarms } from './alarms.ts';
import { createHookQueue, type HookQueue } from './hook-queue.ts';
import { eventMessage, noticeMessage } from './message.ts';

export interface Hooks {
  /** After each round; streams that were never judged are left out. */
  step(streams: readonly HookStream[]): void;
  hear(event: StreamEvent): void;
}

export interface HookStream {
  readonly id: string;
  readonly tags: readonly string[];
  readonly verdict: Verdict;
}

export interface HooksOptions {
  readonly ports: Pick<Ports, 'net' | 'process' | 'clock'>;
  readonly config: () => readonly HookConfig[];
  readonly events: EventSink;
  /** Alarms that are not over, by name of the hook. */
  readonly saved: JsonStore<SavedAlarms>;
}

interface Running {
  readonly hook: HookConfig;
  readonly alarms: Alarms;
  readonly queue: HookQueue;
  /** When an event of this sort was last told, monotonic. */
  readonly toldAt: Map<string, number>;
  savedText: string;
}

const mostRemembered = 500;
const bad = verdictNames.filter((name) => !calmVerdicts.has(name));

export function createHooks({ ports, config, events, saved }: HooksOptions): Hooks {
  const { clock } = ports;
  let known: readonly HookConfig[] = [];
  let running: readonly Running[] = [];
  let last: readonly HookStream[] = [];

  const isAbout = (hook: HookConfig, tags: readonly string[]): boolean =>
    hook.tags === undefined || tags.some((tag) => hook.tags?.includes(tag));

  /** A changed list brings new hooks; one that is the same goes on with what it knows. */
  function refresh(): void {
    const wanted = config();
    if (wanted === known || (wanted.length === 0 && known.length === 0)) return;
    known = wanted;
    running = wanted.map((hook) => running.find((each) => JSON.stringify(each.hook) === JSON.stringify(hook)) ?? begin(hook));
  }

  function begin(hook: HookConfig): Running {
    const on = new Set<VerdictName>(hook.on.includes('any') ? bad : bad.filter((name) => hook.on.includes(name)));
    const before = saved.get(hook.name);
    return {
      hook,
      alarms: createAlarms({ on, forMs: hook.forMs, minIntervalMs: hook.minIntervalMs }, before),
      queue: createHookQueue(hook, ports, events),
      toldAt: new Map(),
      savedText: JSON.stringify(before ?? {}),
    };
  }

  function save(each: Running): void {
    const alarms = each.alarms.saved();
    const text = JSON.stringify(alarms);
    if (text === each.savedText) return;
    each.savedText = text;
    saved.set(each.hook.name, alarms);
  }

  return {
    step(streams) {
      refresh();
      last = streams;
      const now = clock.monotonic();
      for (const each of running) {
        const chosen = streams.filter((stream) => isAbout(each.hook, stream.tags));
        for (const notice of each.alarms.step(chosen, now)) each.queue.push(noticeMessage(each.hook.name, notice, clock.now()));
        save(each);
      }
    },
    hear(event) {
      // A hook that told of hooks would never be silent again; verdicts have their own way.
      if (event.kind === 'hook' || event.kind === 'verdict') return;
      const now = clock.monotonic();
      const tags = event.stream === null ? undefined : (last.find(({ id }) => id === event.stream)?.tags ?? []);
      for (const { hook, queue, toldAt } of running) {
        if (!hook.on.includes(event.kind) || (tags !== undefined && !isAbout(hook, tags))) continue;
        const key = `${event.stream ?? ''} ${event.kind} ${event.cause}`;
        if (now - (toldAt.get(key) ?? -Infinity) < hook.minIntervalMs) continue;
        if (toldAt.size >= mostRemembered) toldAt.clear();
        toldAt.set(key, now);
        queue.push(eventMessage(hook.name, event));
      }
    },
  };
}

export const isSavedAlarms = (value: unknown): value is SavedAlarms =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((each: unknown) => typeof each === 'object' && each !== null && 'verdict' in each && 'since' in each);
