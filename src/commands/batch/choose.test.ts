import { describe, expect, it } from 'vitest';

import { legOf, statusOf } from '../../../tests/fakes/command-context.ts';
import { usualBatch as options } from '../../../tests/fakes/pretend-supervisor.ts';
import type { StreamStatus } from '../../core/status.ts';
import type { Verdict } from '../../core/verdict.ts';
import { chooseStreams, isWell } from './choose.ts';
import type { BatchOptions } from './options.ts';

const none = new Set<string>();
const verdict = (name: Verdict['name']): Verdict => ({ name, layer: null, reason: '', evidence: [], since: '' });

function chosen(streams: readonly StreamStatus[], more: Partial<BatchOptions>, done: ReadonlySet<string> = none): readonly string[] {
  return chooseStreams(streams, { ...options, ...more }, done).todo.map((stream) => stream.id);
}

describe('what a batch restarts', () => {
  it('is what was ordered to run, never what somebody stopped', () => {
    const streams = [statusOf('a'), statusOf('b', { order: 'stop', state: 'stopped' })];
    expect(chosen(streams, {})).toEqual(['a']);
    const named = chooseStreams(streams, { ...options, selection: { ids: ['a', 'b'] } }, none);
    expect(named.skipped).toEqual([{ id: 'b', reason: 'ordered to stop' }]);
  });

  it('follows tags and groups', () => {
    const streams = [statusOf('a', { tags: ['hd'] }), statusOf('b', { group: 'Sport' }), statusOf('c')];
    expect(chosen(streams, { selection: { tags: ['hd', 'uhd'] } })).toEqual(['a']);
    expect(chosen(streams, { selection: { groups: ['Sport'] } })).toEqual(['b']);
  });

  it('leaves young jobs alone, but not those without a job', () => {
    const streams = [
      statusOf('young', { uptimeSeconds: 100 }),
      statusOf('old', { uptimeSeconds: 90_000 }),
      statusOf('down', { uptimeSeconds: null, state: 'backing-off' }),
    ];
    expect(chosen(streams, { olderThanMs: 86_400_000 })).toEqual(['down', 'old']);
  });

  it('takes the unhealthy first, then the longest running', () => {
    const streams = [
      statusOf('a', { uptimeSeconds: 10 }),
      statusOf('b', { uptimeSeconds: 500 }),
      statusOf('c', { uptimeSeconds: 5, verdict: verdict('source-dead') }),
    ];
    expect(chosen(streams, {})).toEqual(['c', 'b', 'a']);
    expect(chosen(streams, { which: 'unhealthy' })).toEqual(['c']);
  });

  it('passes over what an interrupted batch has done', () => {
    expect(chosen([statusOf('a'), statusOf('b')], {}, new Set(['a']))).toEqual(['b']);
  });
});

describe('being well', () => {
  it('asks the verdict, and without one both legs', () => {
    const stale = { primary: legOf('a.m3u8', { state: 'stale' }), backup: legOf('stream_a.m3u8') };
    expect(isWell(statusOf('a'))).toBe(true);
    expect(isWell(statusOf('a', { legs: stale }))).toBe(false);
    expect(isWell(statusOf('a', { legs: stale, verdict: verdict('healthy') }))).toBe(true);
    expect(isWell(statusOf('a', { verdict: verdict('degraded') }))).toBe(false);
  });
});
