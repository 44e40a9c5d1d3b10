// Keeps the channels of the supervisor before us moving while this one still loads its modules, reads the list and adopts jobs.

import { channelPlaylistName, isStreamId } from '../core/ids.ts';
import type { Rung } from '../core/ladder.ts';
import type { EventDraft } from '../core/events.ts';
import type { CancelTimer, Ports } from '../core/ports.ts';
import type { StatePaths } from '../core/state-paths.ts';
import type { ChannelReserve, EarlyView } from '../playlist/channel/channel-text.ts';
import { createChannelUnit, type ChannelUnit } from './channel-unit.ts';
import { createLegWatches } from './leg-watch.ts';
import { isOrder, isReserve, openStore, type JsonStore } from './stores.ts';

export interface EarlyChannels {
  /** One writer for the file: whoever comes after us goes on with this one. */
  readonly store: JsonStore<ChannelReserve>;
  /** Resolves once nothing is written any more; what happened meanwhile, oldest first. */
  stop(): Promise<readonly EventDraft[]>;
}

/** Each of them has waited since the supervisor before us died; asking costs a comparison. */
const pulseMs = 100;
const writeDelayMs = 500;

/**
 * Modules, list and jobs take half a second of CPU, which on a crowded machine is several seconds; what a channel needs is in the
 * state folder and costs a tenth of that. A channel without a playlist waits for the list: there is nothing to go on with.
 */
export async function startEarlyChannels(
  ports: Pick<Ports, 'clock' | 'files'>,
  paths: StatePaths,
  onError: (message: string) => void,
): Promise<EarlyChannels> {
  const { clock, files } = ports;
  const options = { files, clock, writeDelayMs, onError };
  const store = await openStore({ ...options, path: paths.channels, spare: true }, isReserve);
  const orders = await openStore({ ...options, path: paths.orders, spare: true }, isOrder);
  const events: EventDraft[] = [];
  const channels: ChannelUnit[] = [];
  const busy = new Map<ChannelUnit, Promise<void>>();
  let stopped = false;
  let cancel: CancelTimer | undefined;

  for (const id of store.keys()) {
    const view = readView(store.get(id)?.early);
    if (view === undefined || orders.get(id) !== 'run') continue;
    const there = await files.stat(`${view.hlsDirectory}/${id}/${channelPlaylistName}`).catch(() => undefined);
    if (there !== undefined) channels.push(channelOf(id, view));
  }

  function channelOf(id: string, view: EarlyView): ChannelUnit {
    const { segmentSeconds, windowSegments, cushionSeconds, stallAfterMs, rungs } = view;
    return createChannelUnit({
      unit: {
        id,
        isStandIn: true,
        legs: createLegWatches(ports, view.hlsDirectory, id, () => rungs?.map(rungOf)),
        ...(rungs === undefined ? {} : { plan: () => ({ rungs: rungs.map(rungOf) }) }),
        process: { alive: () => id, lifecycle: () => ({ order: 'run' }) },
        stream: () => ({
          ...(rungs === undefined ? {} : { renditions: [] }),
          output: { segmentSeconds, windowSegments, cushionSeconds },
          restart: { stallAfterMs },
        }),
      },
      surroundings: {
        ports,
        endpoints: { hlsDirectory: view.hlsDirectory, publicLiveUrl: '' },
        stores: { channels: store },
        events: { record: (draft) => void events.push(draft) },
        segmentSeconds: () => segmentSeconds,
        slate: () => undefined,
        // Its owner and mode are in the list.
        ensureHlsDirectory: () => Promise.reject(new Error('the HLS folder is gone')),
      },
      bridge: () => undefined,
      note: onError,
    });
  }

  function pulse(): void {
    if (stopped) return;
    cancel = clock.after(pulseMs, pulse);
    for (const channel of channels) {
      if (busy.has(channel) || !channel.isDue()) continue;
      const ticking = channel
        .tick()
        .catch((error: unknown) => onError(`channel of ${channel.id}: ${String(error)}`))
        .finally(() => busy.delete(channel));
      busy.set(channel, ticking);
    }
  }

  pulse();
  return {
    store,
    async stop() {
      stopped = true;
      cancel?.();
      await Promise.all(busy.values());
      return events.splice(0);
    },
  };
}

/** The file may be of another version, or damaged. */
function readView(view: EarlyView | undefined): EarlyView | undefined {
  if (typeof view !== 'object' || view === null) return undefined;
  const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value > 0;
  const { hlsDirectory, segmentSeconds, windowSegments, cushionSeconds, stallAfterMs } = view;
  const isWhole = typeof hlsDirectory === 'string' && hlsDirectory.startsWith('/') && isNumber(segmentSeconds) && isNumber(windowSegments);
  if (!isWhole) return undefined;
  return {
    hlsDirectory,
    segmentSeconds,
    windowSegments,
    cushionSeconds: isNumber(cushionSeconds) ? cushionSeconds : undefined,
    stallAfterMs: isNumber(stallAfterMs) ? stallAfterMs : undefined,
    ...(Array.isArray(view.rungs) && view.rungs.every((rung) => isStreamId(String(rung?.id))) ? { rungs: view.rungs } : {}),
  };
}

/** Its numbers are in the master playlist, which a stand-in leaves as it is. */
function rungOf({ id, isSound, isAlternative }: NonNullable<EarlyView['rungs']>[number]): Rung {
  const picture = isSound ? undefined : ({ mode: 'copy', width: undefined, height: undefined, fps: undefined } as const);
  const alternative = isAlternative === true ? ({ isAlternative: true } as const) : {};
  return { name: '', id, picture, hasSound: true, peakBps: undefined, ...alternative };
}
