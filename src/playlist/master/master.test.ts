import { describe, expect, it } from 'vitest';

import { emptyChannel, type ChannelState } from '../channel/channel-state.ts';
import { printChannel } from '../channel/channel-text.ts';
import { append } from '../channel/window.ts';
import { parseMediaPlaylist } from '../media-playlist.ts';
import { announce, measure, nothingMeasured } from './bandwidth.ts';
import { codecsOf } from '../validate/segment-codecs.ts';
import { printMaster } from './master-text.ts';
import { printRung, restoreRungs } from '../channel/rung-text.ts';

const settings = { segmentSeconds: 2, windowSegments: 5, cushionSeconds: undefined, stallAfterMs: undefined };

function channelOf(count: number): ChannelState {
  const input = { now: 0, wallMs: 1e12, settings, legs: { primary: [], backup: [] }, slate: undefined, missing: new Set<string>() };
  let state = emptyChannel({ nextSequence: 40, discontinuitySequence: 7, targetDurationSeconds: 2, begun: true }, 0);
  for (let index = 0; index < count; index += 1) {
    const uri = `news_high-100000000000${index}.ts`;
    state = append(
      state,
      { uri, durationSeconds: 2, discontinuity: index === 1, from: 'primary', endedAt: 2000 * index },
      { ...input, now: 2000 * index },
    );
  }
  return state;
}

const low = (uri: string) => ({ uri: uri.replace('high', 'low'), durationSeconds: 2.02 });

describe('a rung of a channel', () => {
  it('has the numbers, dates and joints of all rungs, and its own segments', () => {
    const state = channelOf(4);
    const [first, rung] = [
      parseMediaPlaylist(printChannel(state, settings)),
      parseMediaPlaylist(printRung(state, settings, ({ uri }) => low(uri))),
    ];
    expect(rung).toMatchObject({ mediaSequence: 40, discontinuitySequence: 7, targetDurationSeconds: 2 });
    const shape = ({ discontinuity, programDateTimeMs }: { discontinuity: boolean; programDateTimeMs: number | undefined }) => [
      discontinuity,
      programDateTimeMs,
    ];
    expect(rung?.segments.map(shape)).toEqual(first?.segments.map(shape));
    expect(rung?.segments[0]).toMatchObject({ uri: 'news_low-1000000000000.ts', durationSeconds: 2.02 });
  });

  it('lists only what came after it, under the same numbers, when it is new', () => {
    const uris = channelOf(4).entries.map(({ uri }) => uri);
    const text = printRung(channelOf(4), settings, ({ uri }) => (uris.indexOf(uri) < 2 ? undefined : low(uri)));
    expect(parseMediaPlaylist(text)).toMatchObject({ mediaSequence: 42, discontinuitySequence: 8 });
    expect(parseMediaPlaylist(text)?.segments).toHaveLength(2);
  });

  it('is found again by a new supervisor, also when the old one died between two of them', () => {
    const state = channelOf(4);
    const first = printChannel(state, settings);
    const whole = printRung(state, settings, ({ uri }) => low(uri));
    expect(restoreRungs(first, new Map([['low', whole]]))?.text).toBe(first);
    const next = { ...state, entries: state.entries.slice(1) };
    const ahead = printRung(next, settings, ({ uri }) => low(uri));
    const restored = restoreRungs(first, new Map([['low', ahead]]));
    expect(parseMediaPlaylist(restored?.text ?? '')).toMatchObject({ mediaSequence: 41 });
    expect(restored?.pieces.get('news_high-1000000000001.ts')?.get('low')?.uri).toBe('news_low-1000000000001.ts');
    const behind = printRung({ ...state, entries: state.entries.slice(0, 3), nextSequence: 43 }, settings, ({ uri }) => low(uri));
    expect(restoreRungs(first, new Map([['low', behind]]))).toBeUndefined();
    expect(restoreRungs(first, new Map([['low', '']]))).toBeUndefined();
  });
});

describe('the figures of a rung', () => {
  const segmentOf = (bps: number) => ({ bytes: bps / 4, durationSeconds: 2 });

  it('hold the peak with some room, and change only when a segment needs more', () => {
    let measured = measure(measure(nothingMeasured, segmentOf(1_000_000)), segmentOf(2_000_000));
    const first = announce(measured, undefined);
    expect(first).toEqual({ peakBps: 2_200_000, averageBps: 1_500_000 });
    measured = measure(measured, segmentOf(2_100_000));
    expect(announce(measured, first)).toBe(first);
    measured = measure(measured, segmentOf(2_300_000));
    expect(announce(measured, first)?.peakBps).toBe(2_530_000);
  });

  it('come down when they are far too high for long', () => {
    const before = { peakBps: 9_000_000, averageBps: 5_000_000 };
    let measured = nothingMeasured;
    for (let index = 0; index < 59; index += 1) measured = measure(measured, segmentOf(1_000_000));
    expect(announce(measured, before)).toBe(before);
    expect(announce(measure(measured, segmentOf(1_000_000)), before)?.peakBps).toBe(1_100_000);
  });
});

describe('printMaster', () => {
  it('writes what RFC 8216 4.3.4.2 asks for, and leaves out what is not known', () => {
    const bandwidth = { peakBps: 2_200_000, averageBps: 1_500_000 };
    const text = printMaster([
      { uri: '720p/index.m3u8', bandwidth, codecs: 'avc1.64001f,mp4a.40.2', width: 1280, height: 720, fps: 30_000 / 1001 },
      { uri: 'audio/index.m3u8', bandwidth, codecs: undefined, width: undefined, height: undefined, fps: undefined },
    ]);
    expect(text.split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-STREAM-INF:BANDWIDTH=2200000,AVERAGE-BANDWIDTH=1500000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970',
      '720p/index.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=2200000,AVERAGE-BANDWIDTH=1500000',
      'audio/index.m3u8',
      '',
    ]);
  });

  it('says no codecs of what is no transport stream', () => {
    expect(codecsOf(new Uint8Array(400).fill(0x47))).toBeUndefined();
    expect(codecsOf(new Uint8Array())).toBeUndefined();
  });
});
