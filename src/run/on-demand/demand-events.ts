// What viewers do to a stream that starts on demand, as events in plain words.

import type { EventDraft } from '../../core/events.ts';

export type DemandNews =
  | { readonly kind: 'viewer' }
  | { readonly kind: 'prewarm' }
  | { readonly kind: 'answered'; readonly isSlate: boolean; readonly waitedMs: number; readonly viewers: number }
  | { readonly kind: 'keep-warm'; readonly viewers: number }
  | { readonly kind: 'idle' | 'gave-way'; readonly unwatchedMs: number; readonly ranMs: number; readonly mostViewers: number };

export function demandEvent(stream: string, news: DemandNews): EventDraft {
  const draft = { stream, kind: 'demand', cause: news.kind } as const;
  switch (news.kind) {
    case 'viewer':
      return { ...draft, message: 'somebody wants to watch', action: 'the job is started' };
    case 'prewarm':
      return { ...draft, message: 'its prewarm hours have begun', action: 'the job is started' };
    case 'answered': {
      const who = news.viewers === 1 ? 'the first viewer' : `${news.viewers} viewers`;
      const what = news.isSlate ? 'got the slate' : 'got the picture';
      const data = { seconds: seconds(news.waitedMs), viewers: news.viewers, slate: news.isSlate };
      return { ...draft, message: `${who} ${what} after ${seconds(news.waitedMs)} s`, data };
    }
    case 'keep-warm':
      return {
        ...draft,
        message: `nobody watches; ${news.viewers} did at the same time`,
        action: 'it is kept warm',
        data: { viewers: news.viewers },
      };
    case 'idle':
    case 'gave-way': {
      const why = news.kind === 'idle' ? '' : ', and another stream waits for its connection';
      return {
        ...draft,
        message: `nobody watched for ${Math.round(news.unwatchedMs / 1000)} s${why}`,
        action: 'the job is ended until somebody watches',
        data: { ranSeconds: seconds(news.ranMs), mostViewers: news.mostViewers },
      };
    }
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
