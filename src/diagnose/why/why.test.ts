import { describe, expect, it } from 'vitest';

import { sourceOf } from '../../../tests/helpers/streams.ts';
import type { EventDraft, StreamEvent } from '../../core/events.ts';
import { periodic } from './periodic.ts';
import { explainStream, type WhyInput, type WhyReport } from './why.ts';

const start = Date.UTC(2026, 0, 10, 12);
const hour = 3600;

type Told = Partial<EventDraft> & Pick<EventDraft, 'kind' | 'cause'>;

/** Seconds after the start, and what happened. */
function record(...told: readonly (readonly [second: number, event: Told])[]): readonly StreamEvent[] {
  return told.map(([second, event], index) => ({
    seq: index + 1,
    at: new Date(start + second * 1000).toISOString(),
    stream: 'news',
    message: event.cause,
    evidence: [],
    action: null,
    outcome: null,
    data: {},
    ...event,
  }));
}

const failed = (cause: string, more: Partial<EventDraft> = {}): Told => ({ kind: 'job-failed', cause, ...more });
const verdict = (cause: string, more: Partial<EventDraft> = {}): Told => ({ kind: 'verdict', cause, ...more });
const back: Told = verdict('healthy');

function why(events: readonly StreamEvent[], more: Partial<WhyInput> = {}): WhyReport {
  return explainStream({
    stream: 'news',
    events,
    definition: { sources: [sourceOf('http-ts', 'http://tv.example/1.ts')], failover: {} as never },
    verdict: undefined,
    fromMs: start,
    nowMs: start + 24 * hour * 1000,
    ...more,
  });
}

const ids = (report: WhyReport): readonly string[] => report.insights.map(({ id }) => id);

/** So many interruptions, one each `every` seconds. */
const often = (count: number, every: number, event: Told): readonly StreamEvent[] =>
  record(
    ...Array.from({ length: count }, (_, index) => [
      [(index + 1) * every, event] as const,
      [(index + 1) * every + 5, back] as const,
    ]).flat(),
  );

describe('what repeats in a story', () => {
  it('finds tokens that expire: always after the same time', () => {
    const cut = failed('reset', { message: 'the source cut the connection', data: { deliveredSeconds: 3602 } });
    const report = why(often(7, hour, cut));
    const [insight] = report.insights;
    expect(insight?.id).toBe('token-expires');
    expect(insight?.what).toBe('the provider closed the connection 7 times in 6 h, always after about 3600 s of play');
    expect(insight?.advice).toContain('`resolve:`');
    expect(report.figures).toMatchObject({ interruptions: 7, offAirSeconds: 35, longestSeconds: 5, betweenSeconds: hour });
    expect(report.story).toHaveLength(1);
    expect(report.story[0]).toMatchObject({ count: 7, cause: 'reset', to: expect.any(String) as string });
  });

  it('tells who resolves already to renew earlier', () => {
    const source = { ...sourceOf('http-ts', 'http://tv.example/1.ts'), resolve: {} as never };
    const cut = failed('auth', { data: { deliveredSeconds: 1800 } });
    const report = why(often(4, hour, cut), { definition: { sources: [source], failover: {} as never } });
    expect(report.insights.find(({ id }) => id === 'token-expires')?.advice).toContain('`ttl`');
  });

  it.each<[string, readonly StreamEvent[], string, RegExp]>([
    ['403', record([10, failed('auth', { message: 'the source answered 403 Forbidden (access denied)' })]), 'login-refused', /userAgent/],
    ['too many connections', record([10, failed('rejected', { evidence: ['HTTP error 458 '] })]), 'connection-limit', /maxConnections/],
    [
      'no connection free',
      record([10, failed('provider-limit', { message: 'waits for one of the 2 connections of provider one' })]),
      'waits-for-connection',
      /raise it/,
    ],
    ['429', record([10, failed('rate-limited')]), 'connection-limit', /providers/],
    [
      'nginx was killed',
      record([10, { stream: null, kind: 'origin', cause: 'nginx-exited', message: 'nginx ended (SIGKILL)' }]),
      'nginx-dies',
      /oom/,
    ],
    [
      'nginx hung',
      record([10, { stream: null, kind: 'origin', cause: 'nginx-hung', message: 'nginx does not answer' }]),
      'nginx-dies',
      /logs nginx-rtmp/,
    ],
    ['the disk was full', record([10, verdict('volume-full', { stream: null })]), 'disk-full', /df -h/],
    ['the folder took no files', record([10, verdict('volume-denied', { stream: null })]), 'not-writable', /doctor/],
    ['a slow source', record([10, verdict('degraded', { message: 'degraded: it runs at 80 % of real time' })]), 'too-slow', /quality/],
    ['a codec', record([10, failed('codec', { message: 'RTMP cannot carry hevc' })]), 'codec', /transcode/],
    ['a bad option', record([10, failed('config')]), 'cannot-run', /iptv plan/],
    ['killed jobs', often(3, hour, failed('killed', { message: 'ffmpeg was killed (SIGKILL)' })), 'job-killed', /oom/],
    ['crashes', often(3, hour, failed('crashed')), 'job-killed', /another version/],
    ['a hung job', record([10, failed('job-hung')]), 'job-hangs', /logs <id>/],
    ['DNS', record([10, failed('dns', { message: 'the name tv.example cannot be resolved (DNS)' })]), 'source-away', /DNS/],
    ['silence, again and again', often(3, 500, failed('stalled')), 'goes-silent', /second entry under `sources`/],
    ['a black picture', record([10, { kind: 'content', cause: 'black', message: 'the picture is black for 40 s' }]), 'content', /checks/],
    ['RTMP refused', record([10, verdict('rtmp-refused')]), 'rtmp-refused', /backup leg/],
  ])('%s', (_name, events, id, advice) => {
    const found = why(events).insights.find((insight) => insight.id === id);
    expect(found?.what).not.toBe('');
    expect(found?.advice).toMatch(advice);
  });

  it('does not blame the provider for a limit of our own', () => {
    expect(ids(why(record([10, failed('provider-limit', { message: 'too many connections: waits for one of provider one' })])))).toEqual([
      'waits-for-connection',
    ]);
  });

  it('sees the evenings', () => {
    const evenings = [0, 1, 2, 3].flatMap((day) => [0, 1].map((n) => [day * 24 * hour + 8 * hour + n * 1800, failed('stalled')] as const));
    const report = why(record(...evenings), { nowMs: start + 5 * 24 * hour * 1000 });
    expect(ids(report)).toContain('prime-time');
  });

  it('names the root before its consequences', () => {
    const report = why(
      record([1, { stream: null, kind: 'origin', cause: 'nginx-hung' }], [5, verdict('rtmp-refused')], [9, failed('leg-dead')]),
    );
    expect(ids(report).slice(0, 2)).toEqual(['nginx-dies', 'rtmp-refused']);
  });

  it('has nothing to say of a quiet day, nor of other streams', () => {
    expect(
      ids(why(record([1, { kind: 'order', cause: 'start' }], [3, { kind: 'delivering', cause: 'first-segment' }], [4, back]))),
    ).toEqual([]);
    expect(ids(why(record([10, failed('auth', { stream: 'sport' })])))).toEqual([]);
  });
});

describe('the story', () => {
  it('is one interruption from the first sign to the end, with what was done', () => {
    const { story, figures, now, isWell } = why(
      record(
        [0, back],
        [
          100,
          failed('stalled', {
            message: 'no new segment for 6 s',
            evidence: ['Connection timed out'],
            action: 'the job is ended and started again',
          }),
        ],
        [100, verdict('source-silent')],
        [103, { kind: 'source-switched', cause: 'failed', message: 'switched to source 2' }],
        [104, { kind: 'job-started', cause: 'retry' }],
        [107, { kind: 'delivering', cause: 'first-segment' }],
        [112, back],
      ),
    );
    expect(story).toMatchObject([
      {
        count: 1,
        cause: 'stalled',
        offAirSeconds: 12,
        failures: 1,
        actions: ['the job is ended and started again', 'switched to source 2'],
        outcome: 'it was well again',
      },
    ]);
    expect(story[0]?.explained.join()).toMatch(/silent|answer|timed out/i);
    expect(figures).toMatchObject({ interruptions: 1, offAirSeconds: 12, restarts: 1 });
    expect(isWell).toBe(true);
    expect(now).toBe('news plays, for 24 h without interruption');
  });

  it('goes on until now while nobody says that it is over', () => {
    const events = record([0, back], [100, failed('auth', { message: 'no' })], [100, verdict('source-dead')]);
    const report = why(events, { nowMs: start + 400_000 });
    expect(report.story[0]).toMatchObject({ to: null, offAirSeconds: 300 });
    expect(report.now).toBe('news is off air for 5 min (source-dead): source-dead');
    expect(report.isWell).toBe(false);
  });

  it('ends an interruption when it was well, not when that counted', () => {
    const events = record(
      [0, back],
      [100, failed('auth')],
      [100, verdict('source-dead')],
      [125, verdict('healthy', { data: { heldSeconds: 20 } })],
    );
    expect(why(events).figures).toMatchObject({ interruptions: 1, offAirSeconds: 5 });
  });

  it('does not call off air what plays again and is not trusted yet', () => {
    const held = { name: 'job-failing', layer: 'job', reason: 'killed', evidence: [], since: new Date(start).toISOString() } as const;
    const report = why(record([0, back]), { nowMs: start + 20_000, verdict: held, isPlaying: true });
    expect(report.now).toBe('news plays again, and counts as well when that lasts (job-failing for 20 s): killed');
    expect(report.isWell).toBe(false);
  });

  it('counts what the house did to the stream, and does not count a mild trouble as off air', () => {
    const report = why(
      record(
        [0, back],
        [50, verdict('nginx-down', { stream: null })],
        [70, verdict('healthy', { stream: null })],
        [90, verdict('degraded')],
        [150, back],
      ),
    );
    expect(report.figures).toMatchObject({ interruptions: 1, offAirSeconds: 20 });
    expect(report.story.map(({ cause }) => cause)).toEqual(['degraded', 'nginx-down']);
  });

  it('knows who stopped it, and believes the supervisor more than the record', () => {
    const stopped = why(
      record([10, failed('reset')], [20, { kind: 'order', cause: 'stop', message: 'ordered to stop' }], [20, verdict('stopped')]),
    );
    expect(stopped.story[0]?.outcome).toBe('it was stopped by order');
    expect(stopped.orders[0]?.message).toBe('ordered to stop');
    const live = {
      name: 'degraded',
      layer: 'source',
      reason: 'the picture is black',
      evidence: [],
      since: new Date(start).toISOString(),
    } as const;
    expect(why([], { verdict: live }).now).toContain('plays, but not as it should');
  });

  it('says so when there is no record', () => {
    expect(why([])).toMatchObject({ now: 'nothing was recorded about news', story: [], insights: [] });
  });
});

describe('the period of runs', () => {
  it.each<[string, readonly number[], number | undefined]>([
    ['an hour each', [3601, 3605, 3599, 3640], 3600],
    ['an hour each, with chance between', [3601, 3605, 3599, 3602, 200], 3600],
    ['too few', [3600, 3600], undefined],
    ['chance', [100, 900, 4000, 250, 1700], undefined],
    ['a source that never works', [2, 2, 2, 2], undefined],
    ['half an hour', [1803, 1801, 1806], 1800],
    ['an odd time', [4127, 4130, 4125], 4127],
  ])('%s', (_name, runs, seconds) => {
    expect(periodic(runs)?.seconds).toBe(seconds);
  });
});
