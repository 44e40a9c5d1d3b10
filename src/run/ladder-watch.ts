// One leg of a stream, whatever it is made of: of a ladder, all rungs' playlists, which stand still when one of them does.

import type { LegName } from '../core/ids.ts';
import type { LegView, LegWatch } from './leg-watch.ts';

/** `single` is the leg of a stream without renditions; `of` makes the watch of one rung. */
export function createLadderWatch(
  leg: LegName,
  single: LegWatch,
  rungs: () => readonly string[] | undefined,
  of: (rung: string) => LegWatch,
): LegWatch {
  const watches = new Map<string, LegWatch>();

  function watchesNow(): readonly (readonly [string, LegWatch])[] | undefined {
    const ids = rungs();
    if (ids === undefined || ids.length === 0) return undefined;
    for (const id of watches.keys()) if (!ids.includes(id)) watches.delete(id);
    return ids.map((id) => {
      const known = watches.get(id) ?? of(id);
      watches.set(id, known);
      return [id, known];
    });
  }

  return {
    leg,
    view() {
      const parts = watchesNow();
      return parts === undefined ? single.view() : together(parts.map(([id, watch]) => [id, watch.view()] as const));
    },
    parts: () => watchesNow()?.map(([id, watch]) => ({ id, view: watch.view() })) ?? single.parts(),
    async look() {
      const parts = watchesNow();
      if (parts === undefined) return single.look();
      const before = together(parts.map(([id, watch]) => [id, watch.view()] as const)).changedAt;
      await Promise.all(parts.map(([, watch]) => watch.look()));
      return together(parts.map(([id, watch]) => [id, watch.view()] as const)).changedAt !== before;
    },
  };
}

/** As fresh as its slowest rung; numbers and bit rate are the first one's. */
function together(parts: readonly (readonly [string, LegView])[]): LegView {
  const views = parts.map(([, view]) => view);
  const [first] = views;
  const isWhole = views.every(({ head }) => head !== undefined);
  const changes = views.map(({ changedAt }) => changedAt);
  return {
    head: isWhole ? first?.head : undefined,
    changedAt: changes.every((at) => at !== undefined) ? Math.min(...changes) : undefined,
    bitrateBps: first?.bitrateBps,
    // Only compared: each rung is read from its own.
    text: isWhole ? parts.map(([id, { text }]) => `${id}\n${text ?? ''}`).join('\n') : undefined,
    lookedAt: Math.min(...views.map(({ lookedAt }) => lookedAt)),
  };
}
