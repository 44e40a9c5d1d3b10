import { describe, expect, it } from 'vitest';

import type { EventDraft } from '../core/events.ts';
import { createCountingSink } from './event-counts.ts';

const failed = (stream: string | null, cause: string): EventDraft => ({ stream, kind: 'job-failed', cause, message: '' });

describe('events', () => {
  it('are counted by stream and cause, and passed on', () => {
    const passed: EventDraft[] = [];
    const sink = createCountingSink({ record: (draft) => void passed.push(draft) });
    for (const draft of [failed('news', 'auth'), failed('news', 'auth'), failed('sport', 'dns'), failed(null, 'x')]) sink.record(draft);
    expect(sink.counts.of('job-failed')).toEqual([
      { stream: 'news', cause: 'auth', count: 2 },
      { stream: 'sport', cause: 'dns', count: 1 },
      { stream: null, cause: 'x', count: 1 },
    ]);
    expect(sink.counts.of('content')).toEqual([]);
    expect(passed).toHaveLength(4);
    sink.forget(new Set(['sport']));
    expect(sink.counts.of('job-failed').map(({ stream }) => stream)).toEqual(['sport', null]);
  });

  it('remember how long the last start took', () => {
    const sink = createCountingSink({ record: () => undefined });
    for (const afterSeconds of [3, 1.5])
      sink.record({ stream: 'news', kind: 'delivering', cause: 'x', message: '', data: { afterSeconds } });
    expect(sink.counts.firstSegmentSeconds.get('news')).toBe(1.5);
  });

  it('with ever new causes do not fill memory', () => {
    const sink = createCountingSink({ record: () => undefined });
    for (let cause = 0; cause < 1000; cause += 1) sink.record(failed('news', `cause ${cause}`));
    expect(sink.counts.of('job-failed')).toHaveLength(41);
    expect(sink.counts.of('job-failed').at(-1)).toMatchObject({ cause: 'other', count: 960 });
  });
});
