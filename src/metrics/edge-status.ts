// The edge in a few figures: what it answered, and how much of that came from its cache.

import type { EdgeStatus } from '../core/status.ts';
import type { Audience } from './audience.ts';

/** Answers for which nobody waited for an origin. */
const cachedWords: ReadonlySet<string> = new Set(['hit', 'stale', 'updating', 'revalidated']);

/** undefined: no edge here, or nobody has asked it yet. */
export function edgeStatus({ edge }: Pick<Audience, 'edge'>): EdgeStatus | undefined {
  let requests = 0;
  let hits = 0;
  let sentBytes = 0;
  for (const [word, answers] of edge) {
    requests += answers.requests;
    sentBytes += answers.sentBytes;
    if (cachedWords.has(word)) hits += answers.requests;
  }
  return requests === 0 ? undefined : { requests, sentBytes, hitRatio: hits / requests };
}
