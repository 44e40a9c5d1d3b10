// A live HLS playlist of a clip, written by ffmpeg into a folder, and the ways in which providers break one.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { basename, join } from 'node:path';

import type { OriginMode } from './mode.ts';

export interface HlsChannel {
  /** `name`: last part of the path. False: not a matter of HLS, answer as for MPEG-TS. */
  answer(name: string, mode: OriginMode, response: ServerResponse): boolean;
  /** Keeps the playlist as it is now for `stale`. */
  freeze(): void;
  close(): void;
}

export function createHlsChannel(file: string, directory: string): HlsChannel {
  mkdirSync(directory, { recursive: true });
  const playlist = join(directory, 'live.m3u8');
  let writer: ChildProcess | undefined;
  let frozen: Buffer | undefined;

  function start(): ChildProcess {
    const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-map', '0', '-c', 'copy'];
    const flags = 'delete_segments+temp_file+omit_endlist';
    const output = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '6', '-hls_delete_threshold', '30', '-hls_flags', flags, playlist];
    return spawn('ffmpeg', [...input, ...output], { stdio: 'ignore' });
  }
  const read = (name: string): Buffer | undefined => {
    try {
      return readFileSync(join(directory, basename(name)));
    } catch {
      return undefined;
    }
  };

  return {
    answer(name, mode, response) {
      writer ??= start();
      const isPlaylist = name.endsWith('.m3u8');
      if (!['live', 'stale', 'segments404'].includes(mode.answer)) return false;
      const gone = mode.answer === 'segments404' && !isPlaylist;
      const bytes = gone ? undefined : mode.answer === 'stale' && isPlaylist ? (frozen ?? read(name)) : read(name);
      if (bytes === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': isPlaylist ? 'application/vnd.apple.mpegurl' : 'video/mp2t' }).end(bytes);
      return true;
    },
    freeze: () => (frozen = read('live.m3u8')),
    close() {
      writer?.kill('SIGKILL');
    },
  };
}
