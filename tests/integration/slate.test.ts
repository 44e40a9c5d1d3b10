// Slates made by the real ffmpeg, and what ffprobe finds in them.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { SlateConfig, StreamConfig } from '../../src/core/config.ts';
import type { EventDraft } from '../../src/core/events.ts';
import type { FfmpegFacts, SourceFacts } from '../../src/core/facts.ts';
import { createPorts } from '../../src/platform/ports.ts';
import { readFfmpegFacts } from '../../src/run/ffmpeg-cache.ts';
import { createSlateMaker, type SlateMaker } from '../../src/run/slate-maker.ts';
import { findTools } from '../../src/stack/tools.ts';
import { eventually } from '../helpers/stack.ts';
import { sourceOf, streamOf } from '../helpers/streams.ts';

// Encoding on a crowded machine.
vi.setConfig({ testTimeout: 480_000 });

const ports = createPorts();
const events: EventDraft[] = [];
const said: string[] = [];
let home: string;
let hls: string;
let ffmpeg: FfmpegFacts;
let ffprobe: string;
let facts: Record<string, SourceFacts>;
let streams: StreamConfig[];
let filters: ReadonlySet<string> | undefined;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'iptv-slate-'));
  hls = join(home, 'hls');
  mkdirSync(hls, { mode: 0o777 });
  facts = {};
  streams = [];
  filters = undefined;
  events.length = 0;
  said.length = 0;
  const tools = await findTools(ports);
  if (tools.ffmpeg === undefined || tools.ffprobe === undefined) throw new Error('ffmpeg and ffprobe are needed');
  ffprobe = tools.ffprobe;
  const found = await readFfmpegFacts(ports, tools.ffmpeg, join(tmpdir(), 'iptv-test-ffmpeg-facts.json'));
  if (found === undefined) throw new Error('ffmpeg does not answer');
  ffmpeg = found;
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function maker(): SlateMaker {
  return createSlateMaker({
    ports,
    directory: join(home, 'slates'),
    hlsDirectory: hls,
    streams: () => streams,
    isOrdered: () => true,
    facts: ({ id }) => facts[id],
    ffmpeg: () => (filters === undefined ? ffmpeg : { ...ffmpeg, filters }),
    ffprobe: async () => ffprobe,
    windowSeconds: () => 20,
    events: { record: (event) => events.push(event) },
    note: (level, text) => said.push(`${level}: ${text}`),
  });
}

const stream = (id: string, name: string, slate: Partial<SlateConfig> = {}, segmentSeconds = 2): StreamConfig => ({
  ...streamOf(sourceOf('http-ts', 'http://tv.example/x.ts'), { segmentSeconds }, id),
  name,
  slate: { enabled: true, ...slate },
});

const hd: SourceFacts = {
  video: { codec: 'h264', width: 1280, height: 720, fps: 25 },
  audio: { codec: 'aac', sampleRate: 48_000, channels: 2 },
};

async function made(slates: SlateMaker, ...ids: string[]): Promise<void> {
  await eventually(`slates of ${ids.join()}`, async () => {
    await slates.tick();
    return ids.every((id) => slates.slate(id) !== undefined);
  });
}

interface Segment {
  readonly video: string | undefined;
  readonly audio: string | undefined;
  readonly firstIsKey: boolean;
  readonly frames: number;
}

function look(path: string): Segment {
  const entries = 'stream=codec_type,codec_name,pix_fmt,width,height,r_frame_rate,sample_rate,channels:packet=stream_index,flags';
  const { stdout } = spawnSync(ffprobe, ['-v', 'error', '-show_entries', entries, '-show_packets', '-of', 'json', path], {
    encoding: 'utf8',
  });
  const { streams: tracks, packets } = JSON.parse(stdout) as {
    streams: Record<string, string>[];
    packets: { stream_index: number; flags: string }[];
  };
  const at = tracks.findIndex(({ codec_type }) => codec_type === 'video');
  const video = tracks[at];
  const audio = tracks.find(({ codec_type }) => codec_type === 'audio');
  const pictures = packets.filter(({ stream_index }) => stream_index === at);
  return {
    video: video && `${video['codec_name']} ${video['pix_fmt']} ${video['width']}x${video['height']} ${video['r_frame_rate']}`,
    audio: audio && `${audio['codec_name']} ${audio['sample_rate']} ${audio['channels']}`,
    firstIsKey: pictures[0]?.flags.startsWith('K') === true,
    frames: pictures.length,
  };
}

const segmentsOf = (slates: SlateMaker, id: string) =>
  (slates.slate(id)?.segments ?? []).map((segment) => ({ ...segment, ...look(join(hls, id, segment.uri)) }));

describe('the built-in slate', () => {
  it('matches each stream: codecs, size, frame rate, sound, segment time, a key frame first', async () => {
    streams = [stream('news', 'News'), stream('film', 'Film', {}, 4), stream('radio', 'Radio')];
    facts = {
      news: hd,
      film: { video: { codec: 'h264', width: 720, height: 576, fps: 29.97 }, audio: { codec: 'ac3', sampleRate: 48_000, channels: 6 } },
      radio: { audio: { codec: 'aac', sampleRate: 44_100, channels: 1 } },
    };
    const slates = maker();
    await made(slates, 'news', 'film', 'radio');
    const news = segmentsOf(slates, 'news');
    expect(news).toHaveLength(3);
    for (const segment of news) {
      expect(segment).toMatchObject({
        durationSeconds: 2,
        video: 'h264 yuv420p 1280x720 25/1',
        audio: 'aac 48000 2',
        firstIsKey: true,
        frames: 50,
      });
    }
    const film = segmentsOf(slates, 'film');
    expect(film).toHaveLength(2);
    for (const segment of film) {
      expect(segment).toMatchObject({ video: 'h264 yuv420p 720x576 30000/1001', audio: 'aac 44100 2', firstIsKey: true, frames: 120 });
      expect(segment.durationSeconds).toBeCloseTo(4.004, 3);
    }
    for (const { video, audio, durationSeconds } of segmentsOf(slates, 'radio')) {
      expect([video, audio]).toEqual([undefined, 'aac 44100 1']);
      expect(Math.abs(durationSeconds - 2)).toBeLessThan(0.1);
    }
    expect(slates.notes()).toEqual([]);
  });

  it.each([
    [`it's "quoted" \\ and: %{localtime} %d 100% [in],[out];`],
    ['one\ntwo\r\nthree\u0000four\u2028five\u202egnp.exe'],
    ['📺 Ñandú Телеканал قناة 日本放送 '.repeat(6)],
    ['-i /etc/passwd'],
  ])('takes the name %j for what it is', async (name) => {
    streams = [stream('news', name)];
    facts = { news: { ...hd, video: { codec: 'h264', width: 320, height: 180, fps: 10 } } };
    const slates = maker();
    await made(slates, 'news');
    expect(segmentsOf(slates, 'news')).toMatchObject([{ frames: 20 }, { frames: 20 }, { frames: 20 }]);
    expect([said.filter((line) => line.startsWith('warning')), slates.notes()]).toEqual([[], []]);
  });

  it('is made without text where ffmpeg cannot write any, and says so', async () => {
    streams = [stream('news', 'News')];
    facts = { news: hd };
    filters = new Set([...ffmpeg.filters].filter((name) => name !== 'drawtext'));
    const slates = maker();
    await made(slates, 'news');
    expect(slates.notes().join()).toContain('slates have no text');
  });

  it('is remembered, laid out again when the folder is lost, and leaves nothing of an old one', async () => {
    streams = [stream('news', 'News')];
    facts = { news: { ...hd, video: { codec: 'h264', width: 320, height: 180, fps: 10 } } };
    await made(maker(), 'news');
    const slates = maker();
    rmSync(hls, { recursive: true });
    await slates.tick();
    mkdirSync(hls);
    await slates.tick();
    await eventually('it lies there again', async () => {
      await slates.tick();
      return slates.slate('news')?.segments.every(({ uri }) => existsSync(join(hls, 'news', uri)));
    });
    expect(said.filter((line) => line.includes('made the slate'))).toHaveLength(1);

    const old = slates.slate('news')?.segments.map(({ uri }) => uri) ?? [];
    writeFileSync(join(hls, 'news/index.m3u8'), `#EXTM3U\n#EXTINF:2,\n${old[0]}\n`);
    for (const uri of old) utimesSync(join(hls, 'news', uri), 1, 1);
    streams = [stream('news', 'Another name')];
    const next = maker();
    await eventually('another one lies there', async () => {
      await next.tick();
      const uri = next.slate('news')?.segments[0]?.uri;
      return uri !== undefined && uri !== old[0];
    });
    // A supervisor that starts tidies at once: what is listed stays, what is not goes.
    await maker().tick();
    const left = readdirSync(join(hls, 'news'));
    expect(left).toContain(old[0]);
    expect(left).not.toContain(old[1]);
    expect(readdirSync(join(home, 'slates')).filter((name) => name.startsWith('build-'))).toEqual([]);
  });
});

describe('an own clip', () => {
  it('is fitted, looped and cut; with its sound, or silence where it has none', async () => {
    const clip = join(home, 'our clip: 1.mp4');
    const mute = join(home, 'mute.mp4');
    const still = join(home, 'still.png');
    const size = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=15:duration=3'];
    const tone = ['-f', 'lavfi', '-i', 'sine=duration=3'];
    for (const argv of [
      [...size, ...tone, '-shortest', clip],
      [...size, mute],
      [...size, '-frames:v', '1', still],
    ]) {
      expect(spawnSync(ffmpeg.path, ['-v', 'error', ...argv]).status).toBe(0);
    }
    streams = [stream('news', 'News', { clip }), stream('mute', 'Mute', { clip: mute }), stream('still', 'Still', { clip: still })];
    const small: SourceFacts = { ...hd, video: { codec: 'h264', width: 320, height: 180, fps: 25 } };
    facts = { news: small, mute: small, still: small };
    const slates = maker();
    await made(slates, 'news', 'mute', 'still');
    expect(slates.notes()).toEqual([]);
    expect([segmentsOf(slates, 'news').length, segmentsOf(slates, 'mute').length, segmentsOf(slates, 'still').length]).toEqual([2, 2, 3]);
    for (const id of ['news', 'mute', 'still']) {
      for (const segment of segmentsOf(slates, id)) {
        expect(segment).toMatchObject({
          durationSeconds: 2,
          video: 'h264 yuv420p 320x180 25/1',
          audio: 'aac 48000 2',
          firstIsKey: true,
          frames: 50,
        });
      }
    }
  });

  it('that is missing or no clip gives way to the built-in one, with a remark and an event', async () => {
    const junk = join(home, 'junk.mp4');
    writeFileSync(junk, '#EXTM3U\n#EXTINF:2,\nhttp://127.0.0.1:1/x.ts\n');
    streams = [stream('news', 'News', { clip: join(home, 'nowhere.mp4') }), stream('film', 'Film', { clip: junk })];
    facts = { news: hd, film: hd };
    const slates = maker();
    await made(slates, 'news', 'film');
    expect(slates.notes().toSorted()).toEqual([
      expect.stringMatching(/junk\.mp4 cannot be used \(.+\): the built-in slate is shown$/),
      expect.stringContaining('nowhere.mp4 cannot be used (there is no such file): the built-in slate is shown'),
    ]);
    expect(events.map(({ cause }) => cause)).toEqual(['slate-clip-unusable', 'slate-clip-unusable']);
  });

  it('is nothing at all when it is switched off', async () => {
    streams = [stream('news', 'News', { enabled: false })];
    facts = { news: hd };
    const slates = maker();
    await slates.tick();
    expect([slates.slate('news'), existsSync(join(home, 'slates'))]).toEqual([undefined, false]);
  });
});
