// Tells nginx, by a file, whether the edge's cache may be written to: nginx itself would cut answers off on a full disk.

import type { EventSink } from '../core/events.ts';
import type { FilesPort } from '../core/ports.ts';

export interface EdgeRoom {
  /** One look (statfs(2)); never throws. */
  tick(): Promise<void>;
}

export function createEdgeRoom(options: {
  readonly files: Pick<FilesPort, 'diskSpace' | 'stat' | 'replace' | 'remove' | 'makeDirectory'>;
  readonly directory: string;
  /** There is no room below this, and again from twice of it on: nginx empties its cache for that. */
  readonly reserveBytes: number;
  readonly events: EventSink;
}): EdgeRoom {
  const { files, directory, reserveBytes, events } = options;
  const sign = `${directory}/room`;
  let isFull = false;

  async function hasRoom(): Promise<boolean> {
    const { freeBytes, freeInodes, totalInodes } = await files.diskSpace(directory);
    // Some file systems count no inodes.
    const inodes = totalInodes === 0 || freeInodes >= totalInodes / 20;
    return inodes && freeBytes >= (isFull ? 2 : 1) * reserveBytes;
  }

  return {
    async tick() {
      const room = await hasRoom().catch(() => false);
      const shown = (await files.stat(sign).catch(() => undefined)) !== undefined;
      if (room && !shown)
        await files
          .makeDirectory(directory, 0o755)
          .then(() => files.replace(sign, ''))
          .catch(() => undefined);
      // Removing works on a full disk, writing does not: so the file stands for room, not for the lack of it.
      if (!room && shown) await files.remove(sign).catch(() => undefined);
      if (room === !isFull) return;
      isFull = !room;
      events.record({
        stream: null,
        kind: 'disk',
        cause: room ? 'recovered' : 'edge-full',
        message: room
          ? `the cache of the edge in ${directory} has room again`
          : `the cache of the edge in ${directory} has no room: viewers get everything from the origin`,
        action: room ? null : 'nothing is kept until there is room again',
      });
    },
  };
}
