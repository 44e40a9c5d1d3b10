// Verdict changes as events: of one stream, or of the house when one cause holds many.

import type { EventDraft } from '../core/events.ts';
import { calmVerdicts, type Verdict, type VerdictName } from '../core/verdict.ts';

/** More names than this do not fit a line; the number tells the rest. */
const mostNamed = 20;

/** `heldMs`: for so long it was so before it counted; who sums up times takes them off (core/events.ts, `beganMs`). */
export function verdictEvent(id: string, before: Verdict | undefined, after: Verdict, nowMs: number, heldMs: number): EventDraft {
  const seconds = before === undefined ? null : Math.max(0, Math.round((nowMs - heldMs - Date.parse(before.since)) / 1000));
  const wasBad = before !== undefined && !calmVerdicts.has(before.name);
  return {
    stream: id,
    kind: 'verdict',
    cause: after.name,
    message: after.name === 'healthy' && wasBad ? `healthy again after ${seconds} s of ${before.name}` : `${after.name}: ${after.reason}`,
    evidence: after.evidence,
    data: { from: before?.name ?? null, to: after.name, layer: after.layer, lastedSeconds: seconds, ...heldFor(heldMs) },
  };
}

function heldFor(heldMs: number): { readonly heldSeconds?: number } {
  return heldMs > 0 ? { heldSeconds: Math.round(heldMs / 100) / 10 } : {};
}

export type HouseVerdictNews =
  | { readonly kind: 'begins'; readonly verdict: Verdict; readonly ids: readonly string[] }
  | { readonly kind: 'over'; readonly name: VerdictName; readonly seconds: number; readonly heldMs: number };

/** `cause` of the end is `healthy`: the house is, whatever single streams may still suffer from. */
export function houseVerdictEvent(news: HouseVerdictNews): EventDraft {
  if (news.kind === 'over') {
    return {
      stream: null,
      kind: 'verdict',
      cause: 'healthy',
      message: `${news.name} is over after ${news.seconds} s`,
      data: { from: news.name, to: 'healthy', layer: null, lastedSeconds: news.seconds, ...heldFor(news.heldMs) },
    };
  }
  const { verdict, ids } = news;
  const named = ids.length > mostNamed ? `${ids.slice(0, mostNamed).join(', ')} and ${ids.length - mostNamed} more` : ids.join(', ');
  return {
    stream: null,
    kind: 'verdict',
    cause: verdict.name,
    message: `${verdict.name}: ${verdict.reason} (${ids.length === 1 ? '1 stream' : `${ids.length} streams`})`,
    evidence: [...verdict.evidence, `streams: ${named}`],
    data: { from: null, to: verdict.name, layer: verdict.layer, streams: ids.length },
  };
}
