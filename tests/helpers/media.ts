// Small real sources for tests, made by ffmpeg once per machine; servers for them; and a judge of what comes out.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Raise it when a recipe changes. */
const recipeVersion = 1;
const folder = join(tmpdir(), `iptv-test-media-${recipeVersion}`);

const h264 = [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-tune',
  'zerolatency',
  '-pix_fmt',
  'yuv420p',
  '-g',
  '25',
  '-keyint_min',
  '25',
  '-sc_threshold',
  '0',
];
const hevc = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:keyint=25', '-pix_fmt', 'yuv420p'];
const mpeg2 = ['-c:v', 'mpeg2video', '-g', '25', '-b:v', '400k'];
const aac = ['-c:a', 'aac', '-b:a', '64k', '-ac', '2'];

/** 320x180, 25 frames a second, a key frame each second, 10 s, 44.1 or 48 kHz stereo. */
const recipes = {
  'h264-aac.ts': [...h264, ...aac],
  'h264-aac.mp4': [...h264, ...aac],
  'h264-aac-large.ts': ['-s', '640x360', ...h264, ...aac],
  'h264-aac-red.ts': ['-vf', 'hue=h=120', ...h264, ...aac],
  'h264-mp2.ts': [...h264, '-c:a', 'mp2', '-b:a', '96k', '-ar', '48000', '-ac', '2'],
  'h264-ac3.ts': [...h264, '-c:a', 'ac3', '-b:a', '96k', '-ar', '48000', '-ac', '2'],
  'h264-mp3.ts': [...h264, '-c:a', 'libmp3lame', '-b:a', '96k', '-ac', '2'],
  'h264-none.ts': [...h264, '-an'],
  'hevc-aac.ts': [...hevc, ...aac],
  'mpeg2-mp2.ts': [...mpeg2, '-c:a', 'mp2', '-b:a', '96k', '-ar', '48000', '-ac', '2'],
  'none-aac.ts': ['-vn', ...aac],
  'none-mp3.mp3': ['-vn', '-c:a', 'libmp3lame', '-b:a', '96k', '-ac', '2'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type MediaName = keyof typeof recipes;

/** Path of a ready source. */
export async function media(name: MediaName): Promise<string> {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const unfinished = join(folder, `${process.pid}-${name}`);
  const inputs = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x180:rate=25',
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440:beep_factor=4:sample_rate=44100',
  ];
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...inputs, '-t', '10', ...recipes[name], unfinished]);
  await rename(unfinished, path);
  return path;
}

export interface Serving {
  readonly url: string;
  /** Requests so far, newest last: method, path and headers. */
  readonly requests: readonly { readonly path: string; readonly headers: Readonly<Record<string, string | string[] | undefined>> }[];
  close(): Promise<void>;
}

async function listen(
  server: Server,
  path: string,
  requests: Serving['requests'],
  onClose: () => void = () => undefined,
): Promise<Serving> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    requests,
    async close() {
      onClose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An endless MPEG-TS body at the speed of life, as a provider sends it; each request has its own ffmpeg. */
export async function serveTs(file: string): Promise<Serving> {
  const requests: { path: string; headers: Record<string, string | string[] | undefined> }[] = [];
  const feeders = new Set<ChildProcess>();
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    const feeder = spawn(
      'ffmpeg',
      ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-map', '0', '-c', 'copy', '-f', 'mpegts', 'pipe:1'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    feeders.add(feeder);
    feeder.once('exit', () => feeders.delete(feeder));
    response.writeHead(200, { 'content-type': 'video/mp2t' });
    feeder.stdout?.pipe(response);
    response.once('close', () => feeder.kill('SIGKILL'));
  });
  return listen(server, '/channel.ts', requests, () => {
    for (const feeder of feeders) feeder.kill('SIGKILL');
  });
}

/** A live HLS playlist of the file with 1 s segments, written by ffmpeg and served from memory of the disk. */
export async function serveHls(file: string, directory: string): Promise<Serving> {
  await mkdir(directory, { recursive: true });
  const playlist = join(directory, 'index.m3u8');
  const hls = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '6', '-hls_flags', 'delete_segments+temp_file+omit_endlist', playlist];
  const writer = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-map', '0', '-c', 'copy', ...hls], {
    stdio: 'ignore',
  });
  const requests: { path: string; headers: Record<string, string | string[] | undefined> }[] = [];
  const types: Readonly<Record<string, string>> = { '.m3u8': 'application/vnd.apple.mpegurl', '.ts': 'video/mp2t' };
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    const name = normalize((request.url ?? '/').split('?')[0] ?? '/');
    readFile(join(directory, name)).then(
      (bytes) => response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  return listen(server, '/index.m3u8', requests, () => writer.kill('SIGKILL'));
}

export interface Decoded {
  readonly videoFrames: number;
  readonly audioFrames: number;
  /** Of the picture in pixels; 0 without one. */
  readonly width: number;
  /** Codec names in the order of the streams. */
  readonly codecs: readonly string[];
  /** What the decoders complained about. */
  readonly errors: readonly string[];
}

/** Decodes a finished piece of media to its end: a file, or a playlist through a copy that has an end. */
export async function decode(path: string): Promise<Decoded> {
  const ask = ['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_type,codec_name,width,nb_read_frames', '-of', 'json', path];
  const { stdout, stderr } = await run('ffprobe', ask, { timeout: 90_000 });
  const { streams = [] } = JSON.parse(stdout) as {
    streams?: { codec_type?: string; codec_name?: string; width?: number; nb_read_frames?: string }[];
  };
  const frames = (type: string): number => Number(streams.find((stream) => stream.codec_type === type)?.nb_read_frames ?? 0);
  return {
    videoFrames: frames('video'),
    audioFrames: frames('audio'),
    width: streams.find((stream) => stream.codec_type === 'video')?.width ?? 0,
    codecs: streams.map((stream) => stream.codec_name ?? '?'),
    errors: stderr.split('\n').filter((line) => line.trim() !== ''),
  };
}

export interface Playlist {
  readonly mediaSequence: number;
  readonly targetDuration: number;
  readonly segments: readonly string[];
  readonly discontinuities: number;
  readonly ended: boolean;
}

/** undefined when it is not there or not whole. */
export async function readPlaylist(path: string): Promise<Playlist | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!text.startsWith('#EXTM3U')) return undefined;
  const number = (tag: string): number => Number(new RegExp(`^#${tag}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return {
    mediaSequence: number('EXT-X-MEDIA-SEQUENCE'),
    targetDuration: number('EXT-X-TARGETDURATION'),
    segments: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    discontinuities: text.split('\n').filter((line) => line === '#EXT-X-DISCONTINUITY').length,
    ended: text.includes('#EXT-X-ENDLIST'),
  };
}

export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
