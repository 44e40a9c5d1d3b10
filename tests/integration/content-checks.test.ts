// Content checks on real segments of a labelled set: what is found, what is missed, what is cried about wrongly, and what it costs.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readSample, sampleCommand, type ContentSample } from '../../src/observe/content-sample.ts';

type Label = 'black' | 'frozen' | 'silent' | 'no-video' | 'no-audio';

interface Clip {
  readonly name: string;
  readonly labels: readonly Label[];
  readonly video: string | undefined;
  readonly audio: string | undefined;
  /** Encoder words in place of the usual ones. */
  readonly encode?: readonly string[];
}

const tone = 'sine=f=440';
const quiet = 'sine=f=440,volume=-30dB';
const hush = 'anoisesrc=a=0.0002';
const moving = 'testsrc2=s=320x180';
const still = 'smptehdbars=s=320x180';
const noise = ',noise=alls=3:allf=t';

/** Each clip is ten seconds long: its first and its last segment are a window apart. */
const clips: readonly Clip[] = [
  { name: 'moving', labels: [], video: moving, audio: tone },
  { name: 'moving-mpeg2', labels: [], video: moving, audio: tone, encode: ['-c:v', 'mpeg2video', '-c:a', 'mp2'] },
  { name: 'moving-quiet', labels: [], video: moving, audio: quiet },
  { name: 'dark-scene', labels: [], video: `${moving},eq=brightness=-0.35`, audio: tone },
  { name: 'small-motion', labels: [], video: `${still}[a];color=white:s=40x24[b];[a][b]overlay=x=mod(t*20\\,200):y=80`, audio: tone },
  {
    name: 'clock-on-bars',
    labels: [],
    video: `${still}[a];color=white:s=8x14[b];[a][b]overlay=x=100+10*floor(mod(t\\,10)):y=60`,
    audio: tone,
  },
  { name: 'life', labels: [], video: 'life=s=320x180:ratio=0.3', audio: tone },
  { name: 'radio', labels: ['no-video'], video: undefined, audio: tone },
  { name: 'no-sound-track', labels: ['no-audio'], video: moving, audio: undefined },
  { name: 'black', labels: ['black'], video: 'color=black:s=320x180', audio: tone },
  { name: 'black-noise', labels: ['black'], video: `color=black:s=320x180${noise}`, audio: tone },
  { name: 'black-logo', labels: ['black'], video: 'color=black:s=320x180,drawbox=x=280:y=10:w=20:h=10:c=white:t=fill', audio: tone },
  { name: 'black-full-range', labels: ['black'], video: 'color=black:s=320x180,scale=out_range=pc', audio: tone },
  { name: 'frozen', labels: ['frozen'], video: still, audio: tone },
  { name: 'frozen-noise', labels: ['frozen'], video: `${still}${noise}`, audio: tone },
  { name: 'frozen-strong-noise', labels: ['frozen'], video: `${still},noise=alls=8:allf=t`, audio: tone },
  { name: 'frozen-mpeg2', labels: ['frozen'], video: still, audio: tone, encode: ['-c:v', 'mpeg2video', '-b:v', '400k', '-c:a', 'mp2'] },
  { name: 'silent', labels: ['silent'], video: moving, audio: 'anullsrc' },
  { name: 'silent-hum', labels: ['silent'], video: moving, audio: hush },
  { name: 'black-silent', labels: ['black', 'silent'], video: 'color=black:s=320x180', audio: 'anullsrc' },
  { name: 'frozen-silent', labels: ['frozen', 'silent'], video: still, audio: 'anullsrc' },
];

let directory = '';
const samples = new Map<string, ContentSample | undefined>();

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-content-'));
  for (const clip of clips) samples.set(clip.name, look(clip));
}, 480_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Two-second segments, as a job writes them; the second and the last one are looked at. */
function look({ name, video, audio, encode }: Clip): ContentSample | undefined {
  const inputs = [video, audio].flatMap((source) => (source === undefined ? [] : ['-f', 'lavfi', '-i', `${source}`]));
  const words = encode ?? ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  const segmenting = [
    '-g',
    '50',
    '-f',
    'hls',
    '-hls_time',
    '2',
    '-hls_list_size',
    '0',
    '-hls_segment_filename',
    join(directory, `${name}_%d.ts`),
  ];
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...inputs, '-t', '10', ...words, ...segmenting, join(directory, `${name}.m3u8`)]);
  const { file, argv } = sampleCommand({ ffmpegPath: 'ffmpeg', segments: [1, 4].map((index) => join(directory, `${name}_${index}.ts`)) });
  const ran = spawnSync(file, argv, { encoding: 'utf8' });
  return readSample(ran.stdout, ran.stderr);
}

function found(sample: ContentSample | undefined): readonly Label[] {
  if (sample === undefined) return [];
  return [
    ...(sample.isBlack === true ? (['black'] as const) : []),
    ...(sample.isFrozen === true ? (['frozen'] as const) : []),
    ...(sample.isSilent === true ? (['silent'] as const) : []),
    ...(sample.hasVideo ? [] : (['no-video'] as const)),
    ...(sample.hasAudio ? [] : (['no-audio'] as const)),
  ];
}

describe('content checks on a labelled set', () => {
  it.each(clips.map((clip) => [clip.name, clip] as const))('%s', (_name, clip) => {
    const sample = samples.get(clip.name);
    expect(sample).toBeDefined();
    expect({ ...sample, found: found(sample) }).toMatchObject({ found: clip.labels });
  });

  it('has a precision and a recall of 1 over the set', () => {
    const pairs = clips.flatMap((clip) => {
      const seen = found(samples.get(clip.name));
      return (['black', 'frozen', 'silent', 'no-video', 'no-audio'] as const).map(
        (label) => [clip.labels.includes(label), seen.includes(label)] as const,
      );
    });
    const right = pairs.filter(([isTrue, isFound]) => isTrue && isFound).length;
    expect(right / pairs.filter(([, isFound]) => isFound).length).toBe(1);
    expect(right / pairs.filter(([isTrue]) => isTrue).length).toBe(1);
  });

  it('survives segments that are gone, empty or garbage', () => {
    const { file, argv } = sampleCommand({ ffmpegPath: 'ffmpeg', segments: [join(directory, 'gone.ts')] });
    const ran = spawnSync(file, argv, { encoding: 'utf8' });
    expect(readSample(ran.stdout, ran.stderr)).toBeUndefined();
    expect(readSample('', 'garbage')).toBeUndefined();
  });
});
