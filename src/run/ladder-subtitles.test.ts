import { describe, expect, it } from 'vitest';

import { createMemoryFiles } from '../../tests/fakes/memory-files.ts';
import { createVirtualClock } from '../../tests/fakes/virtual-clock.ts';
import { subtitleTrack } from '../core/subtitles.ts';
import { channelEntry, emptyChannel, type ChannelSettings, type ChannelState, type Feed } from '../playlist/channel/channel-state.ts';
import { parseMediaPlaylist } from '../playlist/media-playlist.ts';
import type { ChannelSubject, ChannelSurroundings } from './channel-unit.ts';
import { createCueBook, type Job } from './cue-book.ts';
import { createLadderSubtitles } from './ladder-subtitles.ts';

const settings: ChannelSettings = { segmentSeconds: 2, windowSegments: 5, cushionSeconds: undefined, stallAfterMs: undefined };

function world() {
  const clock = createVirtualClock();
  const files = createMemoryFiles(clock);
  let job: Job | undefined = { startTime: '77', startedAtMs: clock.now() };
  const cues = createCueBook({ files, base: '/state/jobs/news', job: () => job });
  const said: string[] = [];
  let offered = [subtitleTrack('news', 0, 0, 'deu')];
  const unit = { id: 'news', stream: () => ({ output: { subtitles: 'text' } }), plan: () => ({ subtitles: offered }), output: { cues } };
  const surroundings = { ports: { clock, files }, endpoints: { hlsDirectory: '/hls' }, ensureHlsDirectory: async () => undefined };
  const make = () =>
    createLadderSubtitles(
      unit as unknown as ChannelSubject,
      surroundings as unknown as ChannelSurroundings,
      (text) => void said.push(text),
    );
  let subtitles = make();
  let state: ChannelState = emptyChannel(
    { nextSequence: 100, discontinuitySequence: 3, targetDurationSeconds: 2, begun: true },
    clock.monotonic(),
  );
  const append = (from: Feed, discontinuity = false): void => {
    const uri = `${from}-${state.nextSequence}.ts`;
    files.put(`/hls/${uri}`, '');
    const entry = channelEntry({ uri, durationSeconds: 2, discontinuity, programDateTimeMs: clock.now(), from });
    const entries = [...state.entries, entry];
    const gone = entries.slice(0, -5).filter((one) => one.discontinuity).length;
    const numbers = { nextSequence: state.nextSequence + 1, discontinuitySequence: state.discontinuitySequence + gone };
    state = { ...state, ...numbers, entries: entries.slice(-5) };
  };
  return {
    clock,
    files,
    said,
    cues,
    append,
    publish: () => subtitles.publish(state, settings, ({ uri }) => `/hls/${uri}`),
    list: () => parseMediaPlaylist(files.texts.get('/hls/news_sub1/index.m3u8') ?? ''),
    vtt: (sequence: number) => files.texts.get(`/hls/news_sub1_${sequence}.vtt`),
    restart: () => void (subtitles = make()),
    offer: (tracks: typeof offered) => void (offered = tracks),
    run: (next: Job | undefined) => void (job = next),
    isThere: () => subtitles.isThere(),
  };
}

describe('subtitles of a channel', () => {
  it('have its numbers, durations and discontinuities, a file each, and go on with another supervisor', async () => {
    const it = world();
    it.append('primary');
    it.append('slate', true);
    await it.publish();
    it.append('backup', true);
    it.restart();
    await it.publish();
    expect(it.list()).toMatchObject({
      mediaSequence: 100,
      discontinuitySequence: 3,
      segments: [
        { uri: 'news_sub1_100.vtt', durationSeconds: 2, discontinuity: false },
        { uri: 'news_sub1_101.vtt', discontinuity: true },
        { uri: 'news_sub1_102.vtt', discontinuity: true },
      ],
    });
    for (const sequence of [100, 101, 102]) expect(it.vtt(sequence)).toBe('WEBVTT\n\n');
    for (let count = 0; count < 6; count += 1) it.append('primary');
    await it.publish();
    expect(it.list()).toMatchObject({ mediaSequence: 104, discontinuitySequence: 5 });
    expect(await it.isThere()).toBe(true);
  });

  it('are written again when somebody deletes them, and offered on when the source has them no more', async () => {
    const it = world();
    it.append('primary');
    await it.publish();
    it.files.texts.delete('/hls/news_sub1_100.vtt');
    await it.clock.advance(11_000);
    it.offer([]);
    await it.publish();
    expect(it.vtt(100)).toBe('WEBVTT\n\n');
    it.append('primary');
    await it.publish();
    expect(it.list()?.segments.map(({ uri }) => uri)).toEqual(['news_sub1_100.vtt', 'news_sub1_101.vtt']);
  });

  it('that cannot be written say so and are tried again', async () => {
    const it = world();
    it.append('primary');
    it.files.writeError = new Error('ENOSPC');
    await it.publish();
    expect(it.said).toEqual(['cannot write subtitles: ENOSPC']);
    it.files.writeError = undefined;
    await it.publish();
    expect(it.vtt(100)).toBe('WEBVTT\n\n');
  });
});

describe('the cues of jobs', () => {
  const append = (it: ReturnType<typeof world>, text: string): void =>
    it.files.put('/state/jobs/news.sub1', (it.files.texts.get('/state/jobs/news.sub1') ?? '') + text);

  it('belong to the job that made a file, also when the next one has begun', async () => {
    const it = world();
    append(it, 'WEBVTT\n\n00:11.000 --> 00:12.000\nold\n');
    await it.cues.read(1);
    const before = it.clock.now();
    append(it, '\n00:13.000 --> 00:14.000\nlast words\n');
    it.run(undefined);
    await it.clock.advance(1000);
    await it.cues.begin();
    expect(it.files.texts.get('/state/jobs/news.sub1')).toBe('');
    it.run({ startTime: '88', startedAtMs: it.clock.now() });
    append(it, 'WEBVTT\n\n00:10.000 --> 00:11.000\nnew\n');
    await it.cues.read(1);
    const textsOf = (ms: number) =>
      it.cues
        .runOf(ms)
        ?.cues(0)
        .map(({ text }) => text);
    expect(textsOf(before)).toEqual(['old', 'last words']);
    expect(textsOf(it.clock.now() + 5)).toEqual(['new']);
    expect(it.cues.runOf(before - 60_000)).toBeUndefined();
  });

  it('are read from a file that never grows without bound', async () => {
    const it = world();
    append(it, `WEBVTT\n\n00:11.000 --> 00:12.000\nfirst\n\n${'NOTE nothing\n\n'.repeat(20_000)}00:12.000 --> 00:13.000\nsecond\n`);
    await it.cues.read(1);
    expect(it.files.texts.get('/state/jobs/news.sub1')).toBe('');
    append(it, '\n00:13.000 --> 00:14.000\nthird\n');
    await it.cues.read(1);
    expect(
      it.cues
        .runOf(it.clock.now())
        ?.cues(0)
        .map(({ text }) => text),
    ).toEqual(['first', 'second', 'third']);
  });
});
