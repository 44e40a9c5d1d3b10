// What lies on disk of one channel: the files its entries name, and the playlist that viewers open. For a stream without renditions.

import { channelPlaylistName, type LegName } from '../core/ids.ts';
import type { SlateClip } from '../core/slate.ts';
import type { ChannelSettings, ChannelState, LegSegment } from '../playlist/channel/channel-state.ts';
import type { EarlyView } from '../playlist/channel/channel-text.ts';
import { createLegReader } from '../playlist/channel/leg-reader.ts';
import { makeChannelFolder } from './channel-folder.ts';
import type { ChannelSubject, ChannelSurroundings } from './channel-unit.ts';

export interface ChannelFiles {
  /** Entries are named as this stream's, or as this rung's. */
  readonly entryId: () => string;
  read(leg: LegName, text: string | undefined, now: number, wallMs: number): Promise<readonly LegSegment[]>;
  /** What an earlier supervisor left. */
  restore(): Promise<{ readonly text: string | undefined; readonly writtenMs: number }>;
  /** Every file behind an entry is there. */
  has(uri: string): Promise<boolean>;
  /** Nobody deleted a playlist. */
  isThere(): Promise<boolean>;
  readonly slate: () => SlateClip | undefined;
  /** `text`: the entries as a playlist. `isAside`: what viewers open is not written. Makes the folder when that is gone. */
  publish(text: string, state: ChannelState, settings: ChannelSettings, isAside: boolean): Promise<void>;
  /** What viewers open, `text` being what was published. */
  readonly viewText: (text: string) => string | undefined;
  /** Nobody may find anything: the stream rests until somebody asks for it. */
  rest(): Promise<void>;
  /** What a supervisor that still loads must know of it. */
  readonly early: () => Pick<EarlyView, 'rungs'>;
  /** Names of offered sounds for which the usual one stands in. */
  readonly lostSounds: () => readonly string[];
  /** Every file behind a name of an entry. */
  readonly namesOf: (name: string) => readonly string[];
}

export function createPlainFiles(unit: ChannelSubject, surroundings: ChannelSurroundings): ChannelFiles {
  const { endpoints } = surroundings;
  const { files } = surroundings.ports;
  const { id } = unit;
  const path = `${endpoints.hlsDirectory}/${id}/${channelPlaylistName}`;
  const stat = (name: string) => files.stat(segmentPath(endpoints.hlsDirectory, id, name));
  const readers = {
    primary: createLegReader({ id, leg: 'primary', stat }),
    backup: createLegReader({ id, leg: 'backup', stat }),
  };
  return {
    entryId: () => id,
    read: (leg, text, now, wallMs) => readers[leg].read(text, now, wallMs),
    async restore() {
      const found = await files.stat(path);
      return { text: found === undefined ? undefined : await files.readText(path), writtenMs: found?.mtimeMs ?? 0 };
    },
    has: async (uri) => (await stat(uri.split('?', 1)[0] ?? uri)) !== undefined,
    isThere: async () => (await files.stat(path)) !== undefined,
    slate: () => surroundings.slate(id),
    publish: async (text, _state, _settings, isAside) => {
      if (!isAside) await writePlaylist(surroundings, id, text);
    },
    viewText: (text) => text,
    rest: async () => undefined,
    early: () => ({}),
    lostSounds: () => [],
    namesOf: (name) => [name],
  };
}

/** Slates lie beside the playlist, both legs' segments in the HLS folder itself. */
export function segmentPath(hlsDirectory: string, id: string, name: string): string {
  return name.startsWith('slate-') ? `${hlsDirectory}/${id}/${name}` : `${hlsDirectory}/${name}`;
}

/** Into the folder of that id, which is made when it is gone. */
export async function writePlaylist(surroundings: ChannelSurroundings, id: string, text: string): Promise<void> {
  const { endpoints } = surroundings;
  const { files } = surroundings.ports;
  const folder = `${endpoints.hlsDirectory}/${id}`;
  const path = `${folder}/${channelPlaylistName}`;
  await files.replace(path, text).catch(async () => {
    await makeChannelFolder(surroundings, id);
    await files.replace(path, text);
  });
}
