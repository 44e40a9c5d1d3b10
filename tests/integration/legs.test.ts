// Both legs through everything that may happen to one of them: real ffmpeg, real nginx-rtmp, an MPEG-TS source with ADTS audio.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import type { LegName } from '../../src/core/ids.ts';
import { decode, media } from '../helpers/media.ts';
import { createStack, eventually, isRunning, kill, type TestStack } from '../helpers/stack.ts';

let stack: TestStack;
const others: ChildProcess[] = [];

afterEach(async () => {
  for (const other of others.splice(0)) other.kill('SIGKILL');
  await stack.close();
});

async function play(name: Parameters<typeof media>[0], more = ''): Promise<void> {
  const file = await media(name);
  stack = await createStack({ streams: `  - id: news\n    source: ${file}\n${more}` });
  const ran = await stack.iptv('start', 'news', '--wait', '--timeout', '60s');
  expect(`${ran.code} ${ran.stderr}`).toMatch(/^0 /);
}

const leg = async (name: LegName) => (await stack.stream('news')).legs[name];
const isFresh = (name: LegName) => async (): Promise<boolean> => (await leg(name)).state === 'fresh';

/** The newest segments of a leg as a viewer gets them over HTTP, in one file. */
async function fetchLeg(name: LegName): Promise<string> {
  const { url } = await leg(name);
  const base = url.replace('localhost', '127.0.0.1');
  const playlist = await (await fetch(base)).text();
  const names = playlist
    .split('\n')
    .filter((line) => line.endsWith('.ts'))
    .slice(-2);
  const parts = await Promise.all(names.map(async (segment) => Buffer.from(await (await fetch(new URL(segment, base))).arrayBuffer())));
  const path = join(stack.directory, `${name}.ts`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

async function expectPlayable(name: LegName, codecs: readonly string[] = ['h264', 'aac']): Promise<void> {
  const seen = await decode(await fetchLeg(name));
  // nginx-rtmp's program map always names an AAC track, also for a stream that has none.
  const named = name === 'primary' && !codecs.includes('aac') ? [...codecs, 'aac'] : codecs;
  expect(seen.codecs).toEqual(named);
  if (codecs.includes('h264')) expect(seen.videoFrames).toBeGreaterThan(20);
  if (codecs.includes('aac')) expect(seen.audioFrames).toBeGreaterThan(20);
}

/** A new segment appears in the leg from now on. */
async function advances(name: LegName): Promise<void> {
  const before = await leg(name);
  const head = (seen: typeof before): number => (seen.mediaSequence ?? 0) + seen.segments;
  await eventually(`${name} advances`, async () => head(await leg(name)) > head(before) && (await leg(name)).state === 'fresh');
}

async function nginxMaster(): Promise<number> {
  const { pid } = (await stack.status()).origin;
  if (pid === null) throw new Error('no nginx');
  return pid;
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]) === parent;
      } catch {
        return false;
      }
    });
}

describe('both legs of an MPEG-TS source', () => {
  it('are played back with picture and sound, and advance', async () => {
    await play('h264-aac.ts');
    await eventually('both are fresh', async () => (await isFresh('primary')()) && (await isFresh('backup')()));
    await advances('primary');
    await advances('backup');
    await expectPlayable('primary');
    await expectPlayable('backup');
  });

  it('survive nginx being killed, twice: the job stays, the backup goes on, the primary comes back', async () => {
    await play('h264-aac.ts');
    await eventually('the primary is fresh', isFresh('primary'));
    const { pid } = await stack.stream('news');
    for (let round = 0; round < 2; round += 1) {
      const master = await nginxMaster();
      kill(-master);
      await advances('backup');
      await eventually('another nginx runs', async () => (await stack.status()).origin.answers && (await nginxMaster()) !== master);
      await eventually('the primary is back', async () => {
        const seen = await leg('primary');
        return seen.state === 'fresh' && (seen.ageSeconds ?? 99) < 3;
      });
      await advances('primary');
    }
    expect((await stack.stream('news')).pid).toBe(pid);
    await expectPlayable('primary');
    await expectPlayable('backup');
  });

  it('survive the death of nginx’s master alone, whose worker would hold the ports', async () => {
    await play('h264-aac.ts');
    const { pid } = await stack.stream('news');
    const master = await nginxMaster();
    kill(master);
    await eventually('another nginx runs', async () => (await stack.status()).origin.answers && (await nginxMaster()) !== master);
    await advances('primary');
    expect((await stack.stream('news')).pid).toBe(pid);
  });

  it('survive a hung nginx: the backup goes on, nginx is replaced', async () => {
    await play('h264-aac.ts');
    const { pid } = await stack.stream('news');
    const master = await nginxMaster();
    for (const worker of childrenOf(master)) kill(worker, 'SIGSTOP');
    await advances('backup');
    await eventually('nginx is replaced', async () => (await nginxMaster()) !== master);
    expect(isRunning(master)).toBe(false);
    await advances('primary');
    expect((await stack.stream('news')).pid).toBe(pid);
    await expectPlayable('primary');
  });

  it('start without nginx: the backup plays, the primary joins without a restart', async () => {
    const file = await media('h264-aac.ts');
    stack = await createStack({ streams: `  - id: news\n    source: ${file}` });
    const gate = join(stack.directory, 'gate');
    const fake = join(stack.directory, 'bin/nginx');
    writeFileSync(fake, `#!/bin/sh\ncase "$*" in *"daemon off"*) [ -e ${gate} ] || exit 1;; esac\nexec /usr/sbin/nginx "$@"\n`);
    chmodSync(fake, 0o755);
    await stack.iptv('start', 'news', '--no-wait');
    await eventually('the backup is fresh', isFresh('backup'));
    const { pid } = await stack.stream('news');
    writeFileSync(gate, '');
    await eventually('the primary is fresh', isFresh('primary'));
    await advances('primary');
    expect((await stack.stream('news')).pid).toBe(pid);
    await expectPlayable('primary');
  });

  it('survive a refused publish: another publisher has the name, and leaves', async () => {
    const file = await media('h264-aac.ts');
    stack = await createStack({ streams: `  - id: news\n    source: ${file}` });
    await stack.iptv('up');
    const argv = [
      '-v',
      'error',
      '-re',
      '-stream_loop',
      '-1',
      '-i',
      file,
      '-c',
      'copy',
      '-f',
      'flv',
      `rtmp://127.0.0.1:${stack.ports.rtmp}/live/news`,
    ];
    const squatter = spawn('ffmpeg', argv, { stdio: 'ignore' });
    others.push(squatter);
    await eventually('the name is taken', async () => (await (await fetch(`${stack.url}/stat`)).text()).includes('<publishing/>'));
    await stack.iptv('start', 'news', '--no-wait');
    await eventually('the backup is fresh', isFresh('backup'));
    await advances('backup');
    const { pid } = await stack.stream('news');
    squatter.kill('SIGKILL');
    await advances('primary');
    expect((await stack.stream('news')).pid).toBe(pid);
  });

  it('heal when the HLS folder is deleted under them', async () => {
    await play('h264-aac.ts');
    await eventually('both are fresh', async () => (await isFresh('primary')()) && (await isFresh('backup')()));
    rmSync(stack.hls, { recursive: true });
    await eventually(
      'both write again',
      () => ['news.m3u8', 'stream_news.m3u8'].every((name) => existsSync(join(stack.hls, name))),
      90_000,
    );
    await advances('backup');
    await advances('primary');
    await expectPlayable('backup');
    await expectPlayable('primary');
  });

  it('heal when the disk was full', async ({ skip }) => {
    const file = await media('h264-aac.ts');
    stack = await createStack({ streams: `  - id: news\n    source: ${file}` });
    mkdirSync(stack.hls, { recursive: true });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=777', 'tmpfs', stack.hls]);
    if (mounted.status !== 0) skip('needs the right to mount a tmpfs');
    try {
      await stack.iptv('start', 'news', '--wait', '--timeout', '60s');
      await eventually('both stand still', async () => {
        // Again and again, for what is shed in this need would keep them going.
        spawnSync('dd', ['if=/dev/zero', `of=${join(stack.hls, 'filler')}`, 'bs=64k', 'count=1000', 'oflag=append', 'conv=notrunc']);
        const { primary, backup } = (await stack.stream('news')).legs;
        return primary.state !== 'fresh' && backup.state !== 'fresh';
      });
      rmSync(join(stack.hls, 'filler'));
      await eventually('both are back', async () => {
        const { primary, backup } = (await stack.stream('news')).legs;
        return primary.state === 'fresh' && backup.state === 'fresh';
      });
      await advances('backup');
      await expectPlayable('backup');
    } finally {
      await stack.iptv('down');
      spawnSync('umount', ['-l', stack.hls]);
    }
  });
});

describe('sources that need another command', () => {
  it.each([
    ['h264-ac3.ts', { video: 'copy', audio: 'transcode' }, ['h264', 'aac']],
    ['h264-mp2.ts', { video: 'copy', audio: 'transcode' }, ['h264', 'aac']],
    ['h264-none.ts', { video: 'copy', audio: 'none' }, ['h264']],
    ['hevc-aac.ts', { video: 'transcode', audio: 'copy' }, ['h264', 'aac']],
  ] as const)('%s: the codecs are learned, and both legs play', async (name, expected, codecs) => {
    await play(name);
    await eventually('the command fits', async () => {
      const { video, audio, legs } = await stack.stream('news');
      return video === expected.video && audio === expected.audio && legs.primary.state === 'fresh' && legs.backup.state === 'fresh';
    });
    await advances('primary');
    await advances('backup');
    await expectPlayable('primary', codecs);
    await expectPlayable('backup', codecs);
    expect((await stack.stream('news')).restarts).toBe(0);
  });

  it('HEVC with video: copy keeps the backup leg alone', async () => {
    await play('hevc-aac.ts', '    output: {video: copy}\n');
    await advances('backup');
    await expectPlayable('backup', ['hevc', 'aac']);
    expect((await leg('primary')).state).toBe('missing');
  });
});
