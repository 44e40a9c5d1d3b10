// The channel playlists of all streams: each in its own lane, looked at when it is due.

import type { ChannelStatus } from '../core/status.ts';
import type { LogBook } from '../observe/log-sink.ts';
import type { BridgeView } from './bridge/crossing.ts';
import { createChannelUnit, type ChannelUnit } from './channel-unit.ts';
import type { Lanes } from './lanes.ts';
import type { Surroundings } from './surroundings.ts';
import type { StreamUnit } from './unit.ts';

export interface Channels {
  add(unit: StreamUnit): void;
  forget(id: string): void;
  readonly get: (id: string) => ChannelUnit | undefined;
  readonly statusOf: (id: string) => ChannelStatus | undefined;
  /** Those that expect something new about now. */
  tickDue(): void;
  tickAll(): Promise<void>;
  /** Segments that left a channel playlist and must stay for a while (RFC 8216 6.2.2). */
  readonly keptNames: () => ReadonlySet<string>;
}

export function createChannels(
  surroundings: Surroundings,
  logs: LogBook,
  lanes: Lanes,
  bridge: (id: string) => BridgeView | undefined,
  onText: (id: string) => void,
): Channels {
  const channels = new Map<string, ChannelUnit>();

  /** A channel goes on although its unit waits for something. */
  function tick(channel: ChannelUnit): Promise<void> {
    return lanes.run(`channel of ${channel.id}`, () => channel.tick());
  }

  return {
    add(unit) {
      const note = (message: string): void => logs.log(unit.id).note('warning', message);
      channels.set(unit.id, createChannelUnit({ unit, surroundings, note, onText, bridge: () => bridge(unit.id) }));
    },
    forget: (id) => void channels.delete(id),
    get: (id) => channels.get(id),
    statusOf: (id) => channels.get(id)?.status(),
    tickDue() {
      for (const channel of channels.values()) if (channel.isDue()) void tick(channel);
    },
    async tickAll() {
      await Promise.all([...channels.values()].map(tick));
    },
    keptNames: () => new Set([...channels.values()].flatMap((channel) => channel.keptNames())),
  };
}
