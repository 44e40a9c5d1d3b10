import { describe, expect, it } from 'vitest';

import type { EventKind, StreamEvent } from '../core/events.ts';
import { makeReport, type Report, type ReportOptions } from './report.ts';

/** Seconds after midnight. */
const at = (seconds: number): number => Date.UTC(2026, 0, 1) + seconds * 1000;

type Line = readonly [
  seconds: number,
  stream: string | null,
  kind: EventKind,
  cause: string,
  data?: StreamEvent['data'],
  evidence?: string[],
];

const toEvents = (lines: readonly Line[], firstSeq = 1): readonly StreamEvent[] =>
  lines.map(([seconds, stream, kind, cause, data = {}, evidence = []], index) => ({
    seq: firstSeq + index,
    at: new Date(at(seconds)).toISOString(),
    stream,
    kind,
    cause,
    message: '',
    evidence,
    action: null,
    outcome: null,
    data,
  }));

const started: Line = [0, null, 'supervisor', 'started'];
/** Ordered at 0, live at 10. */
const news: readonly Line[] = [
  started,
  [0, 'news', 'order', 'start', { state: 'stopped' }],
  [0, 'news', 'job-started', 'ordered', { url: 'http://a.example/1' }],
  [10, 'news', 'delivering', 'first-segment'],
];
const failure = (from: number, to: number, cause = 'reset'): readonly Line[] => [
  [from, 'news', 'job-failed', cause],
  [from + 1, 'news', 'job-started', 'retry', { url: 'http://a.example/1' }],
  [to, 'news', 'delivering', 'first-segment'],
];

function report(lines: readonly Line[], more: Partial<ReportOptions> & { readonly firstSeq?: number } = {}): Report {
  return makeReport(toEvents(lines, more.firstSeq), {
    sinceMs: at(0),
    now: at(1010),
    orders: { news: 'run' },
    listed: ['news'],
    providerOf: (_, url) => (url === '' ? 'first' : new URL(url).host),
    isSources: (cause) => ['reset', 'source-dead', 'auth', 'no-live-leg'].includes(cause),
    ...more,
  });
}

describe('the figures of a stream', () => {
  const cases: readonly (readonly [string, readonly Line[], object, (Partial<ReportOptions> & { firstSeq?: number })?])[] = [
    [
      'no outage: the start counts neither way',
      news,
      {
        orderedSeconds: 1000,
        startingSeconds: 10,
        downSeconds: 0,
        availability: 1,
        outages: 0,
        mtbfSeconds: null,
        mttrSeconds: null,
        restarts: 0,
      },
    ],
    [
      'between two viewers it is neither up nor down',
      [
        started,
        [0, 'news', 'order', 'start', { state: 'stopped' }],
        [1, 'news', 'verdict', 'idle', { from: 'stopped', to: 'idle' }],
        [100, 'news', 'demand', 'viewer'],
        [100, 'news', 'job-started', 'ordered', { url: 'http://a.example/1' }],
        [103, 'news', 'delivering', 'first-segment'],
        [103, 'news', 'demand', 'answered'],
        [203, 'news', 'demand', 'idle'],
        [204, 'news', 'verdict', 'idle', { from: 'healthy', to: 'idle' }],
        [500, 'news', 'demand', 'prewarm'],
        [500, 'news', 'job-started', 'ordered', { url: 'http://a.example/1' }],
        [505, 'news', 'delivering', 'first-segment'],
        [605, 'news', 'job-failed', 'reset'],
        [606, 'news', 'job-started', 'retry', { url: 'http://a.example/1' }],
        [625, 'news', 'delivering', 'first-segment'],
        [705, 'news', 'demand', 'gave-way'],
      ],
      { orderedSeconds: 300, downSeconds: 20, outages: 1, restarts: 1, restartsByCause: { reset: 1 } },
    ],
    [
      'woken in the oldest event that is kept: it was idle before',
      [
        started,
        [50, null, 'origin', 'answers'],
        [800, 'news', 'demand', 'viewer'],
        [800, 'news', 'job-started', 'ordered', { url: 'http://a.example/1' }],
        [810, 'news', 'delivering', 'first-segment'],
      ],
      { orderedSeconds: 200, downSeconds: 0, restarts: 0 },
      { firstSeq: 50 },
    ],
    [
      'two failures',
      [...news, ...failure(100, 130), ...failure(500, 520, 'auth')],
      {
        downSeconds: 50,
        availability: 0.95,
        outages: 2,
        mtbfSeconds: 475,
        mttrSeconds: 25,
        restarts: 2,
        restartsByCause: { reset: 1, auth: 1 },
      },
    ],
    [
      'a failed job, its verdict and its slate are one outage',
      [
        ...news,
        [100, 'news', 'job-failed', 'reset'],
        [105, 'news', 'slate-on', 'no-live-leg'],
        [110, 'news', 'verdict', 'source-dead', { from: 'healthy', to: 'source-dead' }],
        [140, 'news', 'job-started', 'retry', { url: 'http://a.example/1' }],
        [150, 'news', 'delivering', 'first-segment'],
        [155, 'news', 'slate-off', 'primary-moves', { shownMs: 50_000 }],
        [156, 'news', 'verdict', 'healthy'],
      ],
      { downSeconds: 56, outages: 1, slateSeconds: 50, restarts: 1, mttrSeconds: 56 },
    ],
    [
      'it was well before that counted',
      [
        ...news,
        [100, 'news', 'job-failed', 'reset'],
        [100, 'news', 'verdict', 'source-dead'],
        [101, 'news', 'job-started', 'retry', { url: 'http://a.example/1' }],
        [103, 'news', 'delivering', 'first-segment'],
        [123, 'news', 'verdict', 'healthy', { heldSeconds: 20 }],
      ],
      { downSeconds: 3, outages: 1, mttrSeconds: 3 },
    ],
    [
      'degraded is live',
      [...news, [100, 'news', 'verdict', 'degraded'], [200, 'news', 'verdict', 'healthy']],
      { downSeconds: 0, outages: 0 },
    ],
    ['an outage that lasts', [...news, [910, 'news', 'job-failed', 'reset']], { downSeconds: 100, outages: 1, mttrSeconds: null }],
    [
      'an order to stop ends the time that counts, and an outage',
      [...news, [100, 'news', 'job-failed', 'reset'], [110, 'news', 'order', 'stop', { state: 'backing-off' }]],
      { orderedSeconds: 100, downSeconds: 10, outages: 1 },
      { orders: { news: 'stop' } },
    ],
    [
      'an ordered restart is no outage',
      [
        ...news,
        [100, 'news', 'order', 'restart', { state: 'running' }],
        [101, 'news', 'job-started', 'ordered', { url: 'http://a.example/1' }],
        [105, 'news', 'delivering', 'first-segment'],
      ],
      { startingSeconds: 15, orderedSeconds: 995, outages: 0, restartsByCause: { ordered: 1 } },
    ],
    [
      'a start that fails is an outage from its failure on',
      [news[0] ?? started, ...news.slice(1, 3), [5, 'news', 'job-failed', 'auth'], [30, 'news', 'delivering', 'first-segment']],
      { startingSeconds: 5, downSeconds: 25, outages: 1 },
    ],
    [
      'the window cuts an outage; its length counts whole, its beginning not',
      [...news, ...failure(100, 130)],
      { orderedSeconds: 890, downSeconds: 10, outages: 0, mttrSeconds: 30, restarts: 0 },
      { sinceMs: at(120) },
    ],
    [
      'iptv down is nobody’s outage',
      [
        ...news,
        [100, null, 'supervisor', 'leaving', { jobs: 'stop' }],
        [101, 'news', 'job-failed', 'killed'],
        [500, null, 'supervisor', 'started'],
        [501, 'news', 'job-started', 'ordered', { url: 'http://a.example/1' }],
        [510, 'news', 'delivering', 'first-segment'],
      ],
      { orderedSeconds: 590, startingSeconds: 20, downSeconds: 0, restarts: 0 },
    ],
    [
      'a job that was lost with its supervisor',
      [
        ...news,
        [500, null, 'supervisor', 'started'],
        [501, 'news', 'job-started', 'ordered', { url: 'http://a.example/1' }],
        [511, 'news', 'delivering', 'first-segment'],
      ],
      { downSeconds: 10, outages: 1, restartsByCause: { 'job-lost': 1 } },
    ],
    [
      'an adopted job plays on, and what the old supervisor thought bad is over unless it is told again',
      [
        ...news,
        [100, 'news', 'verdict', 'http-broken'],
        [150, null, 'supervisor', 'leaving', { jobs: 'keep' }],
        [160, null, 'supervisor', 'started'],
        [160, 'news', 'job-started', 'adopted', { url: 'http://a.example/1' }],
      ],
      { downSeconds: 60, outages: 1, restarts: 0 },
    ],
    [
      'what holds the house holds the stream',
      [
        ...news,
        [100, null, 'verdict', 'nginx-down', { streams: 1 }, ['streams: news']],
        [135, null, 'verdict', 'healthy', { from: 'nginx-down', heldSeconds: 5 }],
      ],
      { downSeconds: 30, outages: 1 },
    ],
    [
      'a full volume holds those it names',
      [
        ...news,
        [100, null, 'verdict', 'volume-full', { streams: 1 }, ['streams: sport']],
        [130, null, 'verdict', 'healthy', { from: 'volume-full' }],
      ],
      { downSeconds: 0, outages: 0 },
    ],
    [
      'a slate whose beginning was rotated away',
      [[100, 'news', 'slate-off', 'primary-moves', { shownMs: 30_000 }]],
      { slateSeconds: 0, orderedSeconds: 910 },
      { firstSeq: 7 },
    ],
    [
      'a quiet stream after a rotation: its order tells',
      [[10, null, 'disk', 'warn']],
      { orderedSeconds: 1000, outages: 0 },
      { firstSeq: 9 },
    ],
    [
      'the first order after a rotation tells what was before it',
      [
        [10, null, 'disk', 'warn'],
        [210, 'news', 'order', 'stop', { state: 'running' }],
      ],
      { orderedSeconds: 200 },
      { firstSeq: 9, orders: { news: 'stop' } },
    ],
    [
      'a stream that left the list ends with its last event',
      [...news, ...failure(100, 110)],
      { orderedSeconds: 100, downSeconds: 10 },
      { listed: [] },
    ],
  ];

  it.each(cases.map(([name, lines, expected, more]) => ({ name, lines, expected, more })))('$name', ({ lines, expected, more }) => {
    expect(report(lines, more).streams).toMatchObject([{ id: 'news', ...expected }]);
  });

  it('a stream that was not ordered to run has no row', () => {
    expect(report(news, { sinceMs: at(0), orders: { news: 'stop', sport: 'stop' }, listed: ['news', 'sport'] }).streams).toHaveLength(1);
    expect(report([started]).streams).toEqual([]);
  });

  it('names the cause that says most, and what lasts', () => {
    const { outageList } =
      report([...news, [900, 'news', 'slate-on', 'no-live-leg'], [910, 'news', 'job-failed', 'auth']]).streams[0] ?? {};
    expect(outageList).toEqual([{ from: '2026-01-01T00:15:00.000Z', to: null, seconds: 110, cause: 'auth', provider: 'a.example' }]);
  });
});

describe('the figures of a provider', () => {
  it('are those of its own time, and of outages that its source began', () => {
    const { providers } = report([
      ...news,
      [100, 'news', 'job-failed', 'reset'],
      [110, 'news', 'job-started', 'retry', { url: 'http://b.example/1' }],
      [120, 'news', 'delivering', 'first-segment'],
      [500, 'news', 'job-failed', 'disk-full'],
      [501, 'news', 'job-started', 'retry', { url: 'http://b.example/1' }],
      [510, 'news', 'delivering', 'first-segment'],
    ]);
    expect(providers).toMatchObject([
      { provider: 'a.example', streams: ['news'], orderedSeconds: 110, downSeconds: 20, outages: 1, mttrSeconds: 20 },
      { provider: 'b.example', orderedSeconds: 880, downSeconds: 0, outages: 0, availability: 1 },
    ]);
  });
});

describe('what the report does not know is said', () => {
  it('events that were rotated away', () => {
    const made = report([[300, 'news', 'job-failed', 'reset']], { firstSeq: 50 });
    expect(made.knownSince).toBe('2026-01-01T00:05:00.000Z');
    expect(made.notes).toEqual(['events before 2026-01-01T00:05:00.000Z are gone (the record is rotated): the figures begin there']);
    expect(report([[300, 'news', 'job-failed', 'reset']], { firstSeq: 50, sinceMs: at(400) }).notes).toEqual([]);
  });

  it('events that are missing, lost supervisors, a list that cannot be read', () => {
    const events = toEvents([...news, [700, null, 'supervisor', 'started']]).map((event) =>
      event.seq === 5 ? { ...event, seq: 8 } : event,
    );
    const made = makeReport(events, {
      ...{ sinceMs: at(0), now: at(1010), orders: {}, listed: undefined },
      providerOf: () => 'x',
      isSources: () => true,
    });
    expect(made.notes.map((note) => note.split(' ').slice(0, 4).join(' '))).toEqual([
      '3 events are missing',
      'the supervisor was lost',
      'streams.yaml cannot be read:',
    ]);
    expect(report([]).notes).toEqual(['nothing was recorded yet']);
  });
});
