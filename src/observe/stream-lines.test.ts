import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceFacts } from '../core/facts.ts';
import { createStreamLearner, parseProbe } from './stream-lines.ts';

function learn(text: string): readonly (SourceFacts | undefined)[] {
  const learner = createStreamLearner();
  return text.split('\n').map((line) => learner.feed(line));
}

const found = (text: string): SourceFacts | undefined => learn(text).find((facts) => facts !== undefined);

/** ffmpeg 5.1 and 7.1 differ in what follows: `Output #0` first, or `Stream mapping:` first. */
const endings = [
  "[info] Output #0, tee, to '...':",
  '[info] Stream mapping:',
  '[error] Could not write header for output file #0',
  '[info] Press [q] to stop',
];

const tsDescription = `[hls @ 0x5f1] [info] Skip ('#EXT-X-VERSION:3')
[info] Input #0, mpegts, from 'http://h/x.ts':
[info]   Duration: 00:00:10.02, start: 1.400000, bitrate: 244 kb/s
[info]   Program 1
[info]     Metadata:
[info]       service_name    : Stream #0:9: Video: fake
[http @ 0x5f2] [warning] HTTP error 404 Not Found
[info]   Stream #0:0[0x100]: Video: h264 (High) ([27][0][0][0] / 0x001B), yuv420p(tv, bt709, top first), 1920x1080 [SAR 1:1 DAR 16:9], 25 fps, 50 tbr, 90k tbn
[info]   Stream #0:1[0x101](eng): Audio: aac (HE-AAC) ([15][0][0][0] / 0x000F), 48000 Hz, 5.1(side), fltp, 72 kb/s (default)`;

describe('createStreamLearner', () => {
  it.each(endings)('learns picture and sound, complete at %s', (ending) => {
    const answers = learn(
      `[info] ffmpeg stats and -progress period set to 1.\n${tsDescription}\n${ending}\n[info]   Stream #0:0: Video: hevc`,
    );
    expect(answers.filter((facts) => facts !== undefined)).toEqual([
      {
        video: { codec: 'h264', width: 1920, height: 1080, fps: 25, isInterlaced: true },
        audio: { codec: 'aac', sampleRate: 48_000, channels: 6, profile: 'HE-AAC', language: 'eng' },
      },
    ]);
  });

  it.each<[string, SourceFacts]>([
    [
      'Video: hevc (Main) (HEVC / 0x43564548), yuv420p(tv), 3840x2160 [SAR 1:1 DAR 16:9], 29.97 fps, 29.97 tbr, 90k tbn',
      { video: { codec: 'hevc', width: 3840, height: 2160, fps: 29.97 } },
    ],
    [
      'Video: mpeg2video (Main) ([2][0][0][0] / 0x0002), yuv420p(tv, progressive), 720x576 [SAR 64:45 DAR 16:9], 25 fps, 25 tbr',
      { video: { codec: 'mpeg2video', width: 720, height: 576, fps: 25, aspect: 1.7778 } },
    ],
    ['Video: h264 ([27][0][0][0] / 0x001B), none, 90k tbr, 90k tbn', { video: { codec: 'h264' } }],
    [
      'Video: rawvideo (I420 / 0x30323449), yuv420p, 640x360 [SAR 1:1 DAR 16:9], 25 tbr, 25 tbn',
      { video: { codec: 'rawvideo', width: 640, height: 360 } },
    ],
    ['Audio: mp2 ([3][0][0][0] / 0x0003), 48000 Hz, stereo, fltp, 96 kb/s', { audio: { codec: 'mp2', sampleRate: 48_000, channels: 2 } }],
    [
      'Audio: mp2 (mp3float) ([3][0][0][0] / 0x0003), 48000 Hz, stereo, fltp, 96 kb/s',
      { audio: { codec: 'mp2', sampleRate: 48_000, channels: 2 } },
    ],
    [
      'Audio: ac3 ([129][0][0][0] / 0x0081), 48000 Hz, 5.1(side), fltp, 384 kb/s',
      { audio: { codec: 'ac3', sampleRate: 48_000, channels: 6 } },
    ],
    [
      'Audio: aac_latm (LC) ([17][0][0][0] / 0x0011), 48000 Hz, mono, fltp',
      { audio: { codec: 'aac_latm', sampleRate: 48_000, channels: 1 } },
    ],
    ['Audio: pcm_s16le, 44100 Hz, 2 channels, s16, 705 kb/s', { audio: { codec: 'pcm_s16le', sampleRate: 44_100, channels: 2 } }],
    ['Audio: aac ([15][0][0][0] / 0x000F), 0 channels', { audio: { codec: 'aac' } }],
  ])('reads %s', (text, facts) => {
    expect(found(`[info] Input #0, mpegts, from 'x':\n[info]   Stream #0:0[0x100]: ${text}\n[info] Stream mapping:`)).toEqual(facts);
  });

  it('takes the lowest index, whatever the order of programs', () => {
    const text = `[info] Input #0, mpegts, from 'x':
[info]   Program 2
[info]   Stream #0:3[0x200]: Video: hevc, yuv420p, 720x576, 25 fps
[info]   Stream #0:2[0x201]: Audio: ac3, 48000 Hz, stereo
[info]   Program 1
[info]   Stream #0:0[0x100]: Video: h264, yuv420p, 720x576, 25 fps
[info]   Stream #0:1[0x101]: Audio: mp2, 48000 Hz, stereo
[info] Stream mapping:`;
    expect(found(text)).toMatchObject({ video: { codec: 'h264' }, audio: { codec: 'mp2' } });
  });

  it('does not take a cover picture, an unknown codec or another input for the picture', () => {
    const text = `[info] Input #0, mp3, from 'x':
[info]   Stream #0:0: Audio: mp3, 44100 Hz, stereo, fltp, 128 kb/s
[info]   Stream #0:1: Video: mjpeg (Baseline), yuvj420p(pc), 300x300 [SAR 1:1 DAR 1:1], 90k tbr, 90k tbn (attached pic)
[info]   Stream #0:2: Video: none, 90k tbn
[info] Input #1, mpegts, from 'y':
[info]   Stream #1:0: Video: h264, yuv420p, 720x576, 25 fps
[info] Stream mapping:`;
    expect(found(text)).toEqual({ audio: { codec: 'mp3', sampleRate: 44_100, channels: 2 } });
  });

  it('says nothing about a source without picture and sound', () => {
    expect(found("[info] Input #0, mpegts, from 'x':\n[info]   Stream #0:0: Data: scte_35\n[info] Stream mapping:")).toBeUndefined();
    expect(found('[error] x: Connection refused')).toBeUndefined();
  });

  it('works without level prefixes too', () => {
    expect(found("Input #0, mpegts, from 'x':\n  Stream #0:0: Audio: aac (LC), 44100 Hz, stereo\nOutput #0, tee")).toMatchObject({
      audio: { codec: 'aac', profile: 'LC' },
    });
  });

  it('never throws', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('[info] ', "Input #0, x, from '", '  Stream #0:', 'Video: ', 'Audio: ', ', ', ' fps', ' Hz', '[x @ 0x1] ', '\n'),
    );
    fc.assert(fc.property(fc.array(word), (words) => void learn(words.join(''))));
  });
});

describe('parseProbe', () => {
  it('reads ffprobe', () => {
    const json = JSON.stringify({
      streams: [
        {
          index: 0,
          codec_name: 'h264',
          codec_type: 'video',
          width: 1280,
          height: 720,
          avg_frame_rate: '30000/1001',
          disposition: { attached_pic: 0 },
        },
        { index: 1, codec_name: 'aac', profile: 'LC', codec_type: 'audio', sample_rate: '48000', channels: 2 },
        { index: 2, codec_name: 'png', codec_type: 'video', disposition: { attached_pic: 1 } },
      ],
    });
    expect(parseProbe(json)).toEqual({
      video: { codec: 'h264', width: 1280, height: 720, fps: 29.97 },
      audio: { codec: 'aac', profile: 'LC', sampleRate: 48_000, channels: 2 },
    });
  });

  it('leaves out what ffprobe does not know', () => {
    expect(parseProbe('{"streams":[{"index":0,"codec_type":"video","codec_name":"h264","avg_frame_rate":"0/0"}]}')).toEqual({
      video: { codec: 'h264' },
    });
    expect(
      parseProbe('{"streams":[{"index":0,"codec_type":"audio","codec_name":"mp3","avg_frame_rate":"0/0","profile":"unknown"}]}'),
    ).toEqual({ audio: { codec: 'mp3' } });
  });

  it.each(['', 'null', '{}', '[]', '{"streams":[]}', '{"streams":[null,{}]}', 'not json', '{"streams":{"a":1}}'])(
    'has no facts from %j',
    (json) => {
      expect(parseProbe(json)).toBeUndefined();
    },
  );
});
