// One leg of a stream, whatever it is made of: of a ladder, all rungs' playlists, which stand still when one of them does.

import type { LegName } from '../core/ids.ts';
import type { LegView, LegWatch } from './leg-watch.ts';

export interface WatchedRung {
  readonly id: string;
  /** One of several sounds to choose from: the others do without it, and are not still when it is. */
  readonly isAlternative?: true;
}

/** `single` is the leg of a stream without renditions; `of` makes the watch of one rung. */
export function createLadderWatch(
  leg: LegName,
  single: LegWatch,
  rungs: () => readonly WatchedRung[] | undefined,
  of: (rung: string) => LegWatch,
): LegWatch {
  const watches = new Map<string, LegWatch>();

  function watchesNow(): readonly Watched[] | undefined {
    const now = rungs();
    if (now === undefined || now.length === 0) return undefined;
    for (const id of watches.keys()) if (!now.some((rung) => rung.id === id)) watches.delete(id);
    return now.map(({ id, isAlternative }) => {
      const watch = watches.get(id) ?? of(id);
      watches.set(id, watch);
      return { id, watch, isNeeded: isAlternative !== true };
    });
  }

  return {
    leg,
    view() {
      const parts = watchesNow();
      return parts === undefined ? single.view() : together(parts);
    },
    parts: () => watchesNow()?.map(({ id, watch }) => ({ id, view: watch.view() })) ?? single.parts(),
    async look() {
      const parts = watchesNow();
      if (parts === undefined) return single.look();
      const before = together(parts).changedAt;
      await Promise.all(parts.map(({ watch }) => watch.look()));
      return together(parts).changedAt !== before;
    },
  };
}

interface Watched {
  readonly id: string;
  readonly watch: LegWatch;
  readonly isNeeded: boolean;
}

/** As fresh as its slowest rung; numbers and bit rate are the first one's. */
function together(parts: readonly Watched[]): LegView {
  const views = parts.flatMap(({ watch, isNeeded }) => (isNeeded ? [watch.view()] : []));
  const [first] = views;
  const isWhole = views.every(({ head }) => head !== undefined);
  const changes = views.map(({ changedAt }) => changedAt);
  return {
    head: isWhole ? first?.head : undefined,
    changedAt: changes.every((at) => at !== undefined) ? Math.min(...changes) : undefined,
    bitrateBps: first?.bitrateBps,
    // Only compared: each rung is read from its own.
    text: isWhole ? parts.map(({ id, watch }) => `${id}\n${watch.view().text ?? ''}`).join('\n') : undefined,
    lookedAt: Math.min(...views.map(({ lookedAt }) => lookedAt)),
  };
}
