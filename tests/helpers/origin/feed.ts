// One clip played for ever at the speed of life by a real ffmpeg, to as many listeners as there are: who comes later joins midway.

import { spawn, type ChildProcess } from 'node:child_process';

const packetBytes = 188;

export interface Feed {
  /** Whole MPEG-TS packets from now on; returns how to leave. */
  listen(listener: (bytes: Buffer) => void): () => void;
  close(): void;
}

export function createFeed(file: string, shiftSeconds: number): Feed {
  const listeners = new Set<(bytes: Buffer) => void>();
  let child: ChildProcess | undefined;
  let rest = Buffer.alloc(0);

  function start(): ChildProcess {
    const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-map', '0', '-c', 'copy'];
    const output = ['-output_ts_offset', String(shiftSeconds), '-f', 'mpegts', '-flush_packets', '1', 'pipe:1'];
    const started = spawn('ffmpeg', [...input, ...output], { stdio: ['ignore', 'pipe', 'ignore'] });
    rest = Buffer.alloc(0);
    started.stdout?.on('data', (bytes: Buffer) => {
      const all = Buffer.concat([rest, bytes]);
      const whole = all.length - (all.length % packetBytes);
      rest = all.subarray(whole);
      for (const listener of listeners) listener(all.subarray(0, whole));
    });
    return started;
  }

  return {
    listen(listener) {
      child ??= start();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}
