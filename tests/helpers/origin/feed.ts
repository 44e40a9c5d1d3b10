// One clip played for ever at the speed of life by a real ffmpeg, to as many listeners as there are: who comes later joins midway.

import { spawn, type ChildProcess } from 'node:child_process';

export const packetBytes = 188;
/** Of ffmpeg's mpegts muxer: the first track, which is the picture where there is one. */
const firstPid = 0x100;

export interface Feed {
  /** Whole MPEG-TS packets from now on, or from the next key frame on; returns how to leave. */
  listen(listener: (bytes: Buffer) => void, from: 'now' | 'key-frame'): () => void;
  close(): void;
}

/** `tablesVersion`: 0 to 31; a receiver that changes from one feed to another knows new tables by it (ISO/IEC 13818-1 2.4.4.5). */
export function createFeed(file: string, shiftSeconds: number, tablesVersion: number): Feed {
  const listeners = new Set<(bytes: Buffer) => void>();
  let child: ChildProcess | undefined;
  let rest = Buffer.alloc(0);

  function start(): ChildProcess {
    const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-map', '0', '-c', 'copy'];
    const output = [
      '-output_ts_offset',
      String(shiftSeconds),
      '-f',
      'mpegts',
      '-tables_version',
      String(tablesVersion),
      '-flush_packets',
      '1',
      'pipe:1',
    ];
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
    listen(listener, from) {
      child ??= start();
      let waits = from === 'key-frame';
      const take = (bytes: Buffer): void => {
        if (!waits) return listener(bytes);
        const at = keyFrameAt(bytes);
        if (at === undefined) return;
        waits = false;
        listener(bytes.subarray(at));
      };
      listeners.add(take);
      return () => listeners.delete(take);
    },
    close() {
      listeners.clear();
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}

/** First packet of a picture that can be decoded alone: random_access_indicator (ISO/IEC 13818-1 2.4.3.5) on ffmpeg's first PID. */
function keyFrameAt(packets: Buffer): number | undefined {
  for (let at = 0; at + packetBytes <= packets.length; at += packetBytes) {
    const pid = packets.readUInt16BE(at + 1) & 0x1fff;
    const hasField = ((packets[at + 3] ?? 0) & 0x20) !== 0 && (packets[at + 4] ?? 0) > 0;
    if (pid === firstPid && hasField && ((packets[at + 5] ?? 0) & 0x40) !== 0) return at;
  }
  return undefined;
}

/** Whether a packet carries the picture, and the beginning of one (payload_unit_start_indicator). */
export function contentOf(packet: Buffer): { readonly isPicture: boolean; readonly isStart: boolean } {
  return { isPicture: (packet.readUInt16BE(1) & 0x1fff) === firstPid, isStart: ((packet[1] ?? 0) & 0x40) !== 0 };
}
