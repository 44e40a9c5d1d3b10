// A live channel over HTTP with subtitles: picture and text both tell the second, so that one can be held against the other.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { media } from './media.ts';
import { teletextStream } from './teletext.ts';

const run = promisify(execFile);
const seconds = 64;

/** Six upright bars, white for 1, the lowest bit left. Matroska carries subtitles as text. */
async function makeFile(directory: string): Promise<string> {
  const srt = join(directory, 'captions.srt');
  const file = join(directory, 'captioned.mkv');
  const time = (second: number): string =>
    `00:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')},000`;
  const cues = Array.from({ length: seconds }, (_, second) => `${second + 1}\n${time(second)} --> ${time(second + 1)}\ncue ${second}\n`);
  writeFileSync(srt, cues.join('\n'));
  const bars = Array.from(
    { length: 6 },
    (_, bit) => `drawbox=x=${40 * bit}:y=0:w=40:h=180:c=white:t=fill:enable='mod(floor((t+0.001)/${2 ** bit}),2)'`,
  );
  const picture = ['-f', 'lavfi', '-i', `color=black:s=320x180:r=25:d=${seconds},${bars.join(',')}`];
  const sound = ['-f', 'lavfi', '-i', `sine=r=44100:d=${seconds}`];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '50', '-sc_threshold', '0', '-c:a', 'aac', '-c:s', 'subrip'];
  const maps = ['-map', '0', '-map', '1', '-map', '2', '-metadata:s:s:0', 'language=deu'];
  await run('ffmpeg', ['-v', 'error', '-y', ...picture, ...sound, '-i', srt, ...maps, ...codecs, file], { timeout: 120_000 });
  return file;
}

/** MPEG-TS with teletext beside picture and sound. */
export async function teletextFile(directory: string): Promise<string> {
  const pages = join(directory, 'pages.ts');
  const file = join(directory, 'teletext.ts');
  writeFileSync(pages, teletextStream(10, 'deu'));
  const words = ['-v', 'error', '-y', '-i', await media('h264-aac.ts'), '-i', pages, '-map', '0', '-map', '1', '-c', 'copy', file];
  await run('ffmpeg', words, { timeout: 60_000 });
  return file;
}

export interface CaptionedSource {
  readonly url: string;
  close(): void;
}

/** Each connection begins at second 0. */
export async function serveCaptioned(directory: string): Promise<CaptionedSource> {
  const file = await makeFile(directory);
  const senders = new Set<ChildProcess>();
  const server = createServer((request, response) => {
    const words = [
      '-v',
      'error',
      '-nostdin',
      '-re',
      '-stream_loop',
      '-1',
      '-i',
      file,
      '-map',
      '0',
      '-c',
      'copy',
      '-f',
      'matroska',
      'pipe:1',
    ];
    const sender = spawn('ffmpeg', words, { stdio: ['ignore', 'pipe', 'ignore'] });
    senders.add(sender);
    response.writeHead(200, { 'content-type': 'video/x-matroska' });
    sender.stdout.pipe(response);
    request.socket.once('close', () => sender.kill('SIGKILL'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/live`,
    close() {
      for (const sender of senders) sender.kill('SIGKILL');
      server.closeAllConnections();
      server.close();
    },
  };
}
