// Whether a piece of an alternative sound holds any: a source that loses one of its sounds leaves pieces with nothing in them.

import type { FilesPort } from '../core/ports.ts';
import { codecsOf } from '../playlist/validate/segment-codecs.ts';

/** Tables and emptied key frames take a few packets of 188 bytes; two seconds of sound at 16 kbit/s take 4000. */
const smallBytes = 4096;
const mostRemembered = 400;

/** Remembers its answers: a segment never changes. `pathOf`: where a segment lies. */
export function createSoundCheck(
  files: Pick<FilesPort, 'stat' | 'readFrom'>,
  pathOf: (name: string) => string,
): (name: string) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const path = pathOf(name);
    const bytes = (await files.stat(path))?.size ?? 0;
    const isHeard = bytes > smallBytes || (codecsOf(await files.readFrom(path, 0, smallBytes))?.includes('mp4a') ?? false);
    known.set(name, isHeard);
    for (const old of known.keys()) {
      if (known.size <= mostRemembered) break;
      known.delete(old);
    }
    return isHeard;
  };
}
