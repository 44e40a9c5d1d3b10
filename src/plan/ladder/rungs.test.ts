import { describe, expect, it } from 'vitest';

import { planOf } from '../../../tests/helpers/plans.ts';
import { sourceOf, streamOf } from '../../../tests/helpers/streams.ts';
import { ladders } from '../../config/ladders.ts';
import type { SourceFacts } from '../../core/facts.ts';
import type { JobPlan } from '../../core/job-plan.ts';
import type { RenditionConfig } from '../../core/ladder.ts';

const source = sourceOf('http-ts', 'http://tv.example/a.ts');
const aac = { codec: 'aac', sampleRate: 48_000, channels: 2 };
const hd: SourceFacts = { video: { codec: 'h264', width: 1920, height: 1080, fps: 25 }, audio: aac };

function ladderOf(
  renditions: readonly RenditionConfig[],
  facts: SourceFacts | undefined = hd,
  more: { segmentSeconds?: number } = {},
): JobPlan {
  return planOf(source, { stream: { ...streamOf(source, more), renditions }, source: facts });
}

const sizes = ({ rungs = [] }: JobPlan): readonly string[] =>
  rungs.map(({ name, picture }) => `${name} ${picture?.width}x${picture?.height}`);
const after = ({ argv }: JobPlan, word: string): string | undefined => argv[argv.indexOf(word) + 1];
const rung = (height: number, more: object = {}): RenditionConfig => ({
  name: `${height}p`,
  video: { height, bitrateBps: height * 2000, ...more },
});

describe('the rungs of a ladder', () => {
  it('are never larger than the source, and even', () => {
    const plan = ladderOf(ladders['1080p'], { ...hd, video: { codec: 'h264', width: 1023, height: 577, fps: 25 } });
    expect(sizes(plan)).toEqual(['480p 852x480', '360p 638x360']);
    expect(plan.notes.join('\n')).toContain('1080p, 720p would be larger than the source (1023x577): left out');
  });

  it('keep one rung of a source that is smaller than all of them, in its own size', () => {
    const plan = ladderOf(ladders['720p'], { ...hd, video: { codec: 'h264', width: 320, height: 180, fps: 25 } });
    expect(sizes(plan)).toEqual(['360p 320x180']);
  });

  it('have square pixels and stand upright where the source does', () => {
    const wide = { codec: 'h264', width: 720, height: 576, fps: 25, aspect: 16 / 9 };
    expect(sizes(ladderOf([rung(480)], { ...hd, video: wide }))).toEqual(['480p 854x480']);
    const turned = { codec: 'h264', width: 1920, height: 1080, fps: 30, isTurned: true } as const;
    expect(sizes(ladderOf([rung(720)], { ...hd, video: turned }))).toEqual(['720p 720x1280']);
  });

  it('share one rhythm of key frames, also where one of them leaves frames out', () => {
    const video = { codec: 'h264', width: 1280, height: 720, fps: 59.94 };
    const plan = ladderOf([rung(720), rung(360, { fps: 30 })], { ...hd, video });
    expect([after(plan, '-g:v:0'), after(plan, '-g:v:1')]).toEqual(['120', '60']);
    expect(after(plan, '-filter_complex')).toContain('fps=60000/1001,split=2');
    expect(after(plan, '-filter_complex')).toContain('[s1]fps=60000/2002,');
    // Sound alone is cut at the same times: not after two seconds, but after two seconds of such frames.
    expect(plan.argv.at(-1)).toContain('hls_time=2.002:');
    expect(ladderOf([rung(720)], hd, { segmentSeconds: 6 }).argv).toContain('150');
  });

  it('follow the key frames of a copied rung', () => {
    const plan = ladderOf([{ name: 'source', video: 'copy' }, rung(480)]);
    expect(after(plan, '-c:v:0')).toBe('copy');
    expect(after(plan, '-force_key_frames:v:1')).toBe('source');
    expect(after(plan, '-filter_complex')).not.toContain('fps=');
    expect(plan.notes.join('\n')).toContain('segments are cut at the key frames of the source');
  });

  it('encode the source rung where players could not take it', () => {
    const plan = ladderOf([{ name: 'source', video: 'copy' }], { ...hd, video: { codec: 'hevc', width: 1920, height: 1080, fps: 25 } });
    expect(sizes(plan)).toEqual(['source 1920x1080']);
    expect(plan.notes.join('\n')).toContain(
      'source is encoded in the size of the source: players and nginx-rtmp take H.264, the source is hevc',
    );
  });

  it('encode the source rung of a picture that is turned, for segments cannot say so, and tell how square pixels would look', () => {
    const turned = { codec: 'h264', width: 640, height: 360, fps: 30, isTurned: true } as const;
    const plan = ladderOf([{ name: 'source', video: 'copy' }], { ...hd, video: turned });
    expect(sizes(plan)).toEqual(['source 360x640']);
    expect(plan.notes.join('\n')).toContain('source is encoded in the size of the source: the source is turned, which segments cannot say');
    const wide = { codec: 'h264', width: 720, height: 576, fps: 25, aspect: 16 / 9 };
    const copied = ladderOf([{ name: 'source', video: 'copy' }], { ...hd, video: wide });
    expect(copied.rungs?.[0]?.picture).toEqual({ mode: 'copy', width: 720, height: 576, fps: 25, shown: { width: 1024, height: 576 } });
  });

  it('carry the sound alone where there is no picture, and leave the sound out where there is none', () => {
    const radio = ladderOf(ladders['720p'], { audio: aac });
    expect(radio.argv).not.toContain('-filter_complex');
    expect(radio.rungs?.map(({ name, picture }) => [name, picture])).toEqual([['360p', undefined]]);
    expect(radio.notes[0]).toBe('the source has no picture: 360p carries its sound, 720p, 480p are left out');
    const silent = ladderOf(ladders.mobile, { video: { codec: 'h264', width: 1280, height: 720, fps: 25 } });
    expect(silent.rungs?.map(({ name }) => name)).toEqual(['480p', '360p']);
    expect(silent.notes).toContain('audio is left out: there is no sound');
  });

  it('are both legs each, and share what they can', () => {
    const plan = ladderOf(ladders.mobile);
    const legs = plan.argv.at(-1) ?? '';
    for (const name of ['480p', '360p', 'audio']) {
      expect(legs).toContain(`/live/news_${name}|`);
      expect(legs).toContain(`/stream_news_${name}.m3u8`);
    }
    // Two rungs copy the sound, the third one has its own.
    expect(plan.argv.filter((word) => word === '0:a:0?')).toHaveLength(2);
    expect(legs).toContain('select=v\\\\:1,a\\\\:0]rtmp://127.0.0.1:1935/live/news_360p|');
    expect(legs).toContain('select=a\\\\:1]/tmp/hls/stream_news_audio.m3u8');
  });
});
