// What viewers may choose from in one channel, as one line for people.

import type { StreamStatus } from '../core/status.ts';

/** undefined for a stream without renditions. */
export function offersText({ renditions, sounds = [], subtitles = [] }: StreamStatus): string | undefined {
  if (renditions === undefined) return undefined;
  const sizes = renditions
    .filter(({ sound }) => sound === undefined)
    .map(({ name, width, height }) => (width === null || height === null ? name : `${name} ${width}x${height}`));
  return [
    sizes.join(', '),
    ...(sounds.length === 0 ? [] : [`sounds ${sounds.map(({ name }) => name).join(', ')}`]),
    ...(subtitles.length === 0 ? [] : [`subtitles ${subtitles.map(({ name }) => name).join(', ')}`]),
  ].join('; ');
}
