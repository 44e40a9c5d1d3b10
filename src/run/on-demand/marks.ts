// Tells nginx which channels start on demand: a file beside the playlist, so that the list changes without a word to nginx.

import { onDemandMarkName } from '../../core/ids.ts';
import { makeChannelFolder } from '../channel-folder.ts';
import type { Surroundings } from '../surroundings.ts';

export interface Marks {
  /** The channel has its mark, or has none, from now on; looks again every few seconds whether somebody deleted it. */
  keep(id: string, isMarked: boolean): Promise<void>;
  forget(id: string): void;
}

const lookEveryMs = 5000;

export function createMarks(surroundings: Pick<Surroundings, 'ports' | 'endpoints' | 'ensureHlsDirectory'>): Marks {
  const { files, clock } = surroundings.ports;
  const known = new Map<string, { readonly isMarked: boolean; readonly at: number }>();

  return {
    async keep(id, isMarked) {
      const before = known.get(id);
      const now = clock.monotonic();
      if (before?.isMarked === isMarked && (!isMarked || now - before.at < lookEveryMs)) return;
      const path = `${surroundings.endpoints.hlsDirectory}/${id}/${onDemandMarkName}`;
      if (!isMarked) await files.remove(path);
      else if ((await files.stat(path)) === undefined) {
        await files.replace(path, '').catch(async () => {
          await makeChannelFolder(surroundings, id);
          await files.replace(path, '');
        });
      }
      known.set(id, { isMarked, at: now });
    },
    forget: (id) => void known.delete(id),
  };
}
