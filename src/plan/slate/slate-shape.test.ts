import { describe, expect, it } from 'vitest';

import type { SourceFacts } from '../../core/facts.ts';
import { sourceOf, streamOf } from '../../../tests/helpers/streams.ts';
import { slateCommand } from './slate-command.ts';
import { slateHash, slateShape } from './slate-shape.ts';

const stream = { ...streamOf(sourceOf('http-ts', 'http://tv.example/x.ts')), name: 'News' };
const hd: SourceFacts = {
  video: { codec: 'h264', width: 1920, height: 1080, fps: 25 },
  audio: { codec: 'aac', sampleRate: 48_000, channels: 2 },
};
const file = { path: '/srv/clip.mp4', size: 1, mtimeMs: 1 };

describe('the shape of a slate', () => {
  it('is 720p at 25 with stereo before the source was ever seen', () => {
    expect(slateShape(stream, undefined, undefined)).toEqual({
      picture: { width: 1280, height: 720, rate: '25', fps: 25 },
      sound: { sampleRate: 44_100, channels: 2 },
      segmentSeconds: 2,
      lines: ['News', 'temporarily unavailable'],
      file: undefined,
    });
  });

  it('follows the source, and the built-in test source by its address', () => {
    expect(slateShape(stream, hd, undefined)).toMatchObject({ picture: { width: 1920, height: 1080 }, sound: { sampleRate: 48_000 } });
    const test = { ...stream, sources: [sourceOf('test', 'test:?size=480x270&fps=50')] };
    expect(slateShape(test, undefined, undefined).picture).toEqual({ width: 480, height: 270, rate: '50', fps: 50 });
  });

  it.each([
    [29.97, '30000/1001'],
    [23.98, '24000/1001'],
    [59.94, '60000/1001'],
    [12.5, '12500/1000'],
    [24, '24'],
    [90_000, '25'],
    [0.01, '25'],
  ])('reads %f frames a second as %s', (fps, rate) => {
    expect(slateShape(stream, { ...hd, video: { codec: 'h264', fps } }, undefined).picture?.rate).toBe(rate);
  });

  it.each([
    [{ width: 853, height: 481 }, [852, 480]],
    [{ width: 0, height: 481 }, [1280, 720]],
    [{ width: 100_000, height: 2 }, [1280, 720]],
  ])('makes %j the size %j', (size, [width, height]) => {
    expect(slateShape(stream, { video: { codec: 'h264', ...size } }, undefined).picture).toMatchObject({ width, height });
  });

  it('has the tracks that the stream has: a player cannot add one later', () => {
    expect(slateShape(stream, { audio: { codec: 'aac', sampleRate: 22_050, channels: 1 } }, undefined)).toMatchObject({
      picture: undefined,
      sound: { sampleRate: 22_050, channels: 1 },
      lines: [],
    });
    expect(slateShape(stream, { video: { codec: 'h264' } }, undefined).sound).toBeUndefined();
    expect(slateShape({ ...stream, output: { ...stream.output, audio: 'none' } }, hd, undefined).sound).toBeUndefined();
  });

  it('has the sound that a transcoding job makes', () => {
    const facts: SourceFacts = { ...hd, audio: { codec: 'ac3', sampleRate: 48_000, channels: 6 } };
    expect(slateShape(stream, facts, undefined).sound).toEqual({ sampleRate: 44_100, channels: 2 });
  });

  it('says what the user wants, and nothing over a clip of their own', () => {
    expect(slateShape({ ...stream, slate: { enabled: true, text: 'Back soon' } }, hd, undefined).lines).toEqual(['News', 'Back soon']);
    expect(slateShape(stream, hd, file).lines).toEqual([]);
  });

  it('has another hash whenever anything differs, and shares one between streams that differ in nothing', () => {
    const shapes = [
      slateShape(stream, hd, undefined),
      slateShape(stream, undefined, undefined),
      slateShape({ ...stream, name: 'Sport' }, hd, undefined),
      slateShape({ ...stream, output: { ...stream.output, segmentSeconds: 4 } }, hd, undefined),
      slateShape(stream, hd, file),
      slateShape(stream, hd, { ...file, mtimeMs: 2 }),
    ];
    expect(new Set(shapes.map(slateHash)).size).toBe(shapes.length);
    expect(slateHash(slateShape({ ...stream, id: 'other', name: 'Other' }, hd, file))).toBe(slateHash(slateShape(stream, hd, file)));
  });
});

describe('the command', () => {
  it('never holds the name or the text', () => {
    const shape = slateShape({ ...stream, name: "'; rm -rf /", slate: { enabled: true, text: '%{pts}' } }, hd, undefined);
    const { argv, texts } = slateCommand(shape, undefined, 'build-1-');
    expect(argv.join(' ')).not.toMatch(/rm -rf|pts/);
    expect(texts.map(({ text }) => text)).toEqual(["'; rm -rf /", '%{pts}']);
    expect(argv.join(' ')).toContain('textfile=build-1-line-0.txt:expansion=none');
  });

  it.each([
    [0.5, 3],
    [2, 3],
    [4, 2],
    [6, 1],
    [60, 1],
  ])('with segments of %f s has %i of them', (segmentSeconds, segments) => {
    const shape = slateShape({ ...stream, output: { ...stream.output, segmentSeconds } }, hd, undefined);
    expect(slateCommand(shape, undefined, '').segments).toBe(segments);
  });

  it.each([
    [3, 2],
    [6, 3],
    [6.001, 3],
    [0.2, 1],
    [7200, 30],
    [undefined, 3],
  ])('cuts an own clip of %s s into %i segments of 2 s, a minute at most', (durationSeconds, segments) => {
    const media = { hasSound: true, isStill: false, durationSeconds };
    expect(slateCommand(slateShape(stream, hd, file), media, '').segments).toBe(segments);
  });

  it('lets an own clip open files only', () => {
    const { argv } = slateCommand(slateShape(stream, hd, file), { hasSound: true, isStill: false, durationSeconds: 5 }, '');
    expect(argv.join(' ')).toContain('-stream_loop -1 -protocol_whitelist file -i file:/srv/clip.mp4');
  });
});
