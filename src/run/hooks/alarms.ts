// When a hook is told of streams: after a while, in groups, once, and again when it is over. Time is handed in.

import { calmVerdicts, type Verdict, type VerdictName } from '../../core/verdict.ts';

export interface AlarmRules {
  readonly on: ReadonlySet<VerdictName>;
  /** It must last for so long before anybody is told. */
  readonly forMs: number;
  /** Between two alarms about one stream. */
  readonly minIntervalMs: number;
}

export interface Observed {
  readonly id: string;
  readonly verdict: Verdict;
}

export interface Notice {
  readonly kind: 'alarm' | 'recovered';
  readonly verdict: VerdictName;
  readonly streams: readonly Observed[];
  /** Of the oldest trouble among them; RFC 3339. */
  readonly since: string;
}

/** Alarms that were told and are not over: what the next supervisor must know. */
export type SavedAlarms = Readonly<Record<string, { readonly verdict: VerdictName; readonly since: string }>>;

export interface Alarms {
  /** One look at every stream the hook is about; `now` is monotonic. */
  step(observed: readonly Observed[], now: number): readonly Notice[];
  readonly saved: () => SavedAlarms;
}

/** What fails together is seen within a round or two. */
const gatherMs = 2000;
/** What recovers together takes longer: each stream by itself must be well for some seconds. */
const gatherRecoveriesMs = 30_000;

interface Waiting {
  readonly observed: Observed;
  readonly verdict: VerdictName;
  readonly since: string;
  readonly at: number;
}

export function createAlarms(rules: AlarmRules, saved: SavedAlarms = {}): Alarms {
  const badSince = new Map<string, { readonly verdict: VerdictName; readonly at: number }>();
  const alarmed = new Map<string, { readonly verdict: VerdictName; readonly since: string }>(Object.entries(saved));
  const toldAt = new Map<string, number>();
  const due = new Map<string, Waiting>();
  const recovered = new Map<string, Waiting>();

  function look(observed: Observed, now: number): void {
    const { id, verdict } = observed;
    if (verdict.name === 'starting') return;
    const told = alarmed.get(id);
    if (calmVerdicts.has(verdict.name) || !rules.on.has(verdict.name)) {
      badSince.delete(id);
      due.delete(id);
      if (told !== undefined && !recovered.has(id)) recovered.set(id, { observed, ...told, at: now });
      return;
    }
    recovered.delete(id);
    const before = badSince.get(id);
    const since = before?.verdict === verdict.name ? before : { verdict: verdict.name, at: now };
    badSince.set(id, since);
    const isNews = told?.verdict !== verdict.name;
    const mayTell = now - (toldAt.get(id) ?? -Infinity) >= rules.minIntervalMs;
    if (!isNews) due.delete(id);
    else if (mayTell && now - since.at >= rules.forMs) {
      const known = due.get(id);
      due.set(id, { observed, verdict: verdict.name, since: verdict.since, at: known?.verdict === verdict.name ? known.at : now });
    }
  }

  function tellDue(now: number): readonly Notice[] {
    if (due.size === 0 || now - oldest(due) < gatherMs) return [];
    const notices = grouped('alarm', [...due.values()]);
    for (const [id, { verdict, since }] of due) {
      alarmed.set(id, { verdict, since });
      toldAt.set(id, now);
    }
    due.clear();
    return notices;
  }

  function tellRecovered(now: number): readonly Notice[] {
    const notices: Notice[] = [];
    for (const verdict of new Set([...recovered.values()].map((waiting) => waiting.verdict))) {
      const over = [...recovered].filter(([, waiting]) => waiting.verdict === verdict);
      const first = Math.min(...over.map(([, { at }]) => at));
      const isWhole = [...alarmed].every(([id, told]) => told.verdict !== verdict || recovered.has(id));
      if (now - first < (isWhole ? gatherMs : gatherRecoveriesMs)) continue;
      notices.push(
        ...grouped(
          'recovered',
          over.map(([, waiting]) => waiting),
        ),
      );
      for (const [id] of over) {
        recovered.delete(id);
        alarmed.delete(id);
      }
    }
    return notices;
  }

  return {
    step(observed, now) {
      const present = new Set(observed.map(({ id }) => id));
      for (const stream of observed) look(stream, now);
      // What left the list needs nobody any more.
      for (const map of [badSince, alarmed, toldAt, due, recovered]) for (const id of map.keys()) if (!present.has(id)) map.delete(id);
      return [...tellRecovered(now), ...tellDue(now)];
    },
    saved: () => Object.fromEntries(alarmed),
  };
}

function oldest(waiting: ReadonlyMap<string, Waiting>): number {
  return Math.min(...[...waiting.values()].map(({ at }) => at));
}

function grouped(kind: Notice['kind'], waiting: readonly Waiting[]): readonly Notice[] {
  return [...new Set(waiting.map(({ verdict }) => verdict))].map((verdict) => {
    const same = waiting.filter((each) => each.verdict === verdict);
    const since = same.map((each) => each.since).toSorted()[0] ?? '';
    return { kind, verdict, streams: same.map(({ observed }) => observed), since };
  });
}
