import { describe, expect, it } from 'vitest';

import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import type { SourceFacts } from '../core/facts.ts';
import type { LegStatus, StreamStatus } from '../core/status.ts';
import { judgeState } from './stream-state.ts';

function leg(state: LegStatus['state'], ageSeconds: number | null = 1): LegStatus {
  return { state, playlist: 'x.m3u8', ageSeconds, mediaSequence: 1, segments: 5, bitrateBps: null, url: 'http://x/' };
}

function status(more: Partial<StreamStatus> = {}): StreamStatus {
  return {
    id: 'news',
    name: 'News',
    order: 'run',
    state: 'running',
    stage: 'playable',
    pid: 42,
    uptimeSeconds: 100,
    startedAt: '2026-01-01T00:00:00Z',
    restarts: 0,
    nextRetrySeconds: null,
    lastFailure: null,
    source: { index: 0, kind: 'http-ts', url: 'http://tv/' },
    video: 'copy',
    audio: 'copy',
    fps: 25,
    speed: 1,
    bitrateBps: 1,
    legs: { primary: leg('fresh'), backup: leg('fresh') },
    url: 'http://x/',
    enabled: true,
    tags: [],
    group: null,
    definition: 'current',
    ...more,
  };
}

const config = streamOf(sourceOf('http-ts', 'http://tv/'), {}, 'news');

const ac3: SourceFacts = { video: { codec: 'h264' }, audio: { codec: 'ac3' } };

function codes(more: Partial<StreamStatus>, processState: string | undefined = 'S', known = config, source = ac3): readonly string[] {
  return judgeState({ status: status(more), config: known, processState, source }).map(({ code, status: level }) => `${level} ${code}`);
}

const failure = { cause: 'auth', message: 'the source answered 403 Forbidden', at: '', evidence: ['403'] };

describe('judgeState', () => {
  it('has nothing to say about a stream that is well', () => {
    expect(codes({})).toEqual([]);
  });

  it('tells one thing about a stream that fails', () => {
    const dead = { primary: leg('stale', 60), backup: leg('missing', null) };
    expect(codes({ state: 'backing-off', lastFailure: failure, legs: dead })).toEqual(['fail stream-failing']);
    expect(codes({ state: 'failed', lastFailure: failure })).toEqual(['fail stream-failing']);
    const verdict = { name: 'source-dead', layer: 'source', reason: 'refused', evidence: [], since: '' } as const;
    expect(codes({ state: 'starting', lastFailure: failure, legs: dead, uptimeSeconds: 1, verdict })).toEqual(['fail stream-failing']);
    expect(codes({ state: 'starting', lastFailure: failure, legs: dead, uptimeSeconds: 1 })).toEqual([]);
  });

  it('sends a failing source to the check of sources, and our own failures to the log', () => {
    const next = (cause: string) =>
      judgeState({
        status: status({ state: 'failed', lastFailure: { ...failure, cause } }),
        config,
        processState: undefined,
        source: undefined,
      })[0]?.next;
    expect(next('auth')).toBe('iptv doctor sources');
    expect(next('disk-full')).toBe('iptv logs news');
  });

  it('sees a frozen process before its legs are stale', () => {
    expect(codes({}, 'T')).toEqual(['fail job-stopped']);
    expect(codes({ legs: { primary: leg('stale', 20), backup: leg('stale', 20) } }, 'T')).toEqual(['fail job-stopped']);
  });

  it('waits for a stream that has just started', () => {
    const none = { primary: leg('missing', null), backup: leg('missing', null) };
    expect(codes({ state: 'starting', uptimeSeconds: 5, legs: none })).toEqual([]);
    expect(codes({ state: 'starting', uptimeSeconds: 60, legs: none })).toEqual(['fail stream-silent']);
  });

  it('warns of one leg, fails for both', () => {
    expect(codes({ legs: { primary: leg('stale', 20), backup: leg('fresh') } })).toEqual(['warn leg-silent']);
    expect(codes({ legs: { primary: leg('stale', 20), backup: leg('stale', 20) }, bridge: 'carrying' })).toEqual([]);
    expect(codes({ legs: { primary: leg('stale', 20), backup: leg('stale', 20) } })).toEqual(['fail stream-silent']);
  });

  it('explains a primary leg that RTMP cannot carry', () => {
    const copying = streamOf(sourceOf('http-ts', 'http://tv/'), { audio: 'copy' }, 'news');
    const legs = { primary: leg('missing', null), backup: leg('fresh') };
    expect(codes({ legs }, 'S', copying)).toEqual(['fail codec-not-carried']);
    // Encoded anew, it is a leg like any other.
    expect(codes({ legs })).toEqual(['warn leg-silent']);
  });
});
