// Faults of one source: it is refused, lies, stalls, trickles, ends, changes its tracks or its clock. There is no other one.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../helpers/free-port.ts';
import { media } from '../../helpers/media.ts';
import { feedUdp, type Feed } from '../../helpers/feeds.ts';
import type { OriginMode } from '../../helpers/faulty-origin.ts';
import type { Fault } from '../fault.ts';
import type { Scene } from '../scene.ts';

const live: OriginMode = { answer: 'live' };
const password = 'hunter2secret';

async function noteVerdict(scene: Scene): Promise<void> {
  const { verdict, channel, lastFailure } = await scene.news();
  scene.note(`verdict ${verdict?.name ?? '-'}, channel ${channel?.state ?? '-'}, cause ${lastFailure?.cause ?? '-'}`);
}

/** The source misbehaves for so many seconds and is well again. */
function outage(id: string, name: string, mode: OriginMode, more: Partial<Fault> & { readonly seconds?: number } = {}): Fault {
  const { seconds = 15, ...rest } = more;
  return {
    id,
    name,
    async inject(scene) {
      await scene.origin.behave('a', mode);
      await scene.sleep(seconds);
      await noteVerdict(scene);
      await scene.origin.behave('a', live);
    },
    recoverySeconds: 90,
    ...rest,
  };
}

/** The source goes on, but with something else in it. */
function change(id: string, name: string, mode: OriginMode): Fault {
  return outage(id, name, mode, { seconds: 12 });
}

/** The connection goes on, with holes. */
function loss(id: string, name: string, lose: 'bytes' | 'unseen', times: number): Fault {
  return {
    id,
    name,
    async inject(scene) {
      for (let count = 0; count < times; count += 1) {
        await scene.origin.behave('a', { answer: 'live', lose });
        await scene.sleep(8);
      }
      await scene.origin.behave('a', { answer: 'live', open: 'keep' });
      // Whatever was damaged has been shown by then, or not.
      await scene.sleep(10);
      const { stdout } = await scene.stack.iptv('events', 'news', '--json');
      scene.note(`${stdout.split('"damage"').length - 1} segments left out`);
    },
  };
}

let sender: Feed | undefined;

export const sourceFaults: readonly Fault[] = [
  outage(
    '9',
    'source answers 403 for 15 s; its URL has a password',
    { answer: 'code', status: 403 },
    {
      sources: (origin) => [origin.ts('a').replace('://', `://user:${password}@`)],
      async inject(scene) {
        await scene.origin.behave('a', { answer: 'code', status: 403 });
        await scene.sleep(15);
        await noteVerdict(scene);
        const said = [scene.stack.log('news'), scene.stack.log('backend'), JSON.stringify(await scene.status())].join('\n');
        scene.expect(!said.includes(password), 'the password is in a log or in the status');
        await scene.origin.behave('a', live);
      },
      recoverySeconds: 150,
    },
  ),
  outage('9b', 'source answers 401 midway', { answer: 'code', status: 401, open: 'rst' }, { recoverySeconds: 150 }),
  outage('10', 'source answers 404', { answer: 'code', status: 404 }, { recoverySeconds: 150 }),
  outage('10b', 'source answers 500', { answer: 'code', status: 500 }),
  outage('11', 'source breaks off and answers 503 once', { answer: 'code', status: 503, open: 'rst', requests: 1 }, { seconds: 5 }),
  {
    id: '12',
    name: 'first source has no DNS name, the second one plays',
    sources: (origin) => ['http://nosuch.invalid/live.ts', origin.ts('a')],
    cold: true,
    async inject(scene) {
      await scene.stack.iptv('start', 'news', '--wait', '--timeout', '60s');
      await scene.openViewers();
      await scene.sleep(10);
      const { source, restarts } = await scene.news();
      scene.expect(source.index === 1, `plays source ${source.index}`);
      scene.note(`${restarts} restarts`);
    },
  },
  {
    id: '13',
    name: 'source refuses connections (its server was SIGKILLed) for 15 s',
    async inject(scene) {
      await scene.origin.kill();
      await scene.sleep(15);
      await noteVerdict(scene);
      await scene.origin.restart();
    },
    recoverySeconds: 90,
  },
  {
    id: '13b',
    name: 'server of the source SIGSTOPped for 20 s',
    async inject(scene) {
      scene.origin.freeze();
      await scene.sleep(20);
      await noteVerdict(scene);
      scene.origin.thaw();
    },
    recoverySeconds: 90,
  },
  outage('14', 'source breaks off, then accepts and never answers', { answer: 'hang', open: 'rst' }, { seconds: 20 }),
  outage('15', 'source goes silent with the connection open', { answer: 'silent' }, { seconds: 20 }),
  {
    id: '16',
    name: 'source is silent, and then the stream is stopped',
    cold: true,
    async inject(scene) {
      await scene.stack.iptv('start', 'news', '--wait', '--timeout', '60s');
      await scene.origin.behave('a', { answer: 'silent' });
      await scene.sleep(2);
      const began = performance.now();
      const ran = await scene.stack.iptv('stop', 'news');
      const took = (performance.now() - began) / 1000;
      scene.note(`stopped after ${took.toFixed(1)} s`);
      scene.expect(ran.code === 0, `stop ended with ${ran.code}`);
      scene.expect(took < 8, `stopping took ${took.toFixed(1)} s`);
      scene.expect(scene.stack.jobs('news').length === 0, 'a job is left');
    },
  },
  outage('17', 'source resets the connection', { answer: 'live', open: 'rst' }, { seconds: 5 }),
  outage('17b', 'source ends cleanly', { answer: 'live', open: 'eof' }, { seconds: 5 }),
  outage('17c', 'source ends cleanly every 4 s for 20 s', { answer: 'live', lifeSeconds: 4, break: 'eof' }, { seconds: 20 }),
  outage('18', 'source answers with a login page', { answer: 'html' }),
  outage('18b', 'source sends garbage', { answer: 'garbage' }),
  outage('18c', 'source redirects in a loop', { answer: 'loop' }),
  outage('18d', 'source answers 200 and nothing', { answer: 'empty' }),
  outage('19', 'HLS source: its playlist freezes', { answer: 'stale' }, { sources: (origin) => [origin.hls('a')], seconds: 30 }),
  outage('20', 'HLS source: all segments 404', { answer: 'segments404' }, { sources: (origin) => [origin.hls('a')], seconds: 20 }),
  outage('20b', 'HLS source: 403 later', { answer: 'code', status: 403 }, { sources: (origin) => [origin.hls('a')], recoverySeconds: 150 }),
  {
    id: '21',
    name: 'malicious HLS playlist names local files',
    cold: true,
    async inject(scene) {
      const evil = ['file:///etc/passwd', 'concat:/etc/passwd|/etc/hostname', '/etc/passwd', 'subfile,,start,0,end,99,,:/etc/passwd'];
      const body = ['#EXTM3U', '#EXT-X-TARGETDURATION:2', ...evil.flatMap((uri) => ['#EXTINF:2,', uri]), ''].join('\n');
      await scene.origin.behave('a', { answer: 'text', body });
      await scene.stack.iptv('start', 'news', '--no-wait');
      await scene.sleep(12);
      await noteVerdict(scene);
      const written = readdirSync(scene.stack.hls).filter((name) => name.endsWith('.ts'));
      const leaked = written.filter((name) => readFileSync(join(scene.stack.hls, name)).includes('root:x:0'));
      scene.expect(leaked.length === 0, `a local file is in ${leaked.join()}`);
    },
    sources: (origin) => [origin.hls('a')],
  },
  {
    id: '22',
    name: 'UDP source is silent for 15 s',
    sources: () => [sender?.url ?? ''],
    async prepare(scene) {
      const feed = await feedUdp(await media('h264-aac.ts'));
      sender = feed;
      scene.defer(() => feed.close());
    },
    async inject(scene) {
      const url = sender?.url ?? '';
      sender?.close();
      await scene.sleep(15);
      await noteVerdict(scene);
      const input = ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', await media('h264-aac.ts'), '-map', '0', '-c', 'copy'];
      const again = spawn('ffmpeg', [...input, '-f', 'mpegts', `${url}?pkt_size=1316`], { stdio: 'ignore' });
      scene.defer(() => again.kill('SIGKILL'));
    },
    recoverySeconds: 90,
  },
  change('23', 'source changes its audio from AAC to MP2 in the running connection, and back', { answer: 'live', clip: 'h264-mp2.ts' }),
  change('23b', 'source changes its video from H.264 to HEVC, and back', { answer: 'live', clip: 'hevc-aac.ts' }),
  change('23c', 'source changes its resolution, and back', { answer: 'live', clip: 'h264-aac-large.ts' }),
  change('23d', 'source changes to MPEG-2 video with MP2 audio, and back', { answer: 'live', clip: 'mpeg2-mp2.ts' }),
  change('24', 'timestamps jump an hour ahead, and back', { answer: 'live', shiftSeconds: 3600 }),
  change('24b', 'timestamps wrap around (33 bit)', { answer: 'live', shiftSeconds: 95_440 }),
  outage('31', 'source is dead for 45 s, longer than the playlist', { answer: 'code', status: 500, open: 'rst' }, { seconds: 45 }),
  loss('41b', 'source loses 20 kB from any byte to any other in the running connection, six times', 'bytes', 6),
  loss(
    '41c',
    'source loses three seconds from the middle of a picture to that of another, unseen by its continuity counter, twice',
    'unseen',
    2,
  ),
  outage('41', 'source trickles at a fifth of real time', { answer: 'live', rate: 0.2 }, { seconds: 25 }),
  {
    id: '13c',
    name: 'no source at all: a port nobody listens on',
    cold: true,
    sources: () => [`http://127.0.0.1:${closedPort}/live.ts`],
    async prepare() {
      closedPort = await freePort();
    },
    async inject(scene) {
      await scene.stack.iptv('start', 'news', '--no-wait');
      await scene.sleep(15);
      await noteVerdict(scene);
    },
  },
];

let closedPort = 1;
