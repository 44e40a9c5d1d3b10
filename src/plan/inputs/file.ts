// A file played in a loop, at the speed of life.

import { option, step } from '../step.ts';
import type { InputKind } from './input-kind.ts';
import { unusedIdentity, whitelist } from './shared.ts';

export const file: InputKind = {
  needs: () => ({ protocols: ['file'], demuxers: [] }),
  plan({ source }) {
    return {
      options: [
        step(['-re'], 'read at the speed of life, as a live source would come'),
        option('stream_loop', -1, 'start again at the end, for ever'),
        whitelist('file'),
        option('fflags', '+genpts', 'make up missing timestamps where the loop closes'),
      ],
      address: fileAddress(source.url),
      shownAddress: fileAddress(source.display),
      why: 'file in a loop',
      notes: unusedIdentity(source, { userAgent: false }),
    };
  },
};

/** With `file:` in front a name may hold a colon or begin with a dash; ffmpeg does not decode percent escapes. */
export function fileAddress(url: string): string {
  const path = url.startsWith('file://') ? decode(url.slice('file://'.length)) : url.replace(/^file:/, '');
  return `file:${path}`;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
