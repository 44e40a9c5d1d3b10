// ffmpeg itself continues what decideBackupStart prepared: the backup leg's numbers only grow, whatever happened in between.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decideBackupStart, type BackupStart } from '../../src/playlist/backup-start.ts';
import { legHead } from '../../src/playlist/leg-head.ts';
import { parseMediaPlaylist, type MediaPlaylist } from '../../src/playlist/media-playlist.ts';
import { eventually } from '../helpers/wait.ts';

let directory = '';
let playlist = '';
let last: number | undefined;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-backup-'));
  playlist = join(directory, 'stream_news.m3u8');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const text = (): string => (existsSync(playlist) ? readFileSync(playlist, 'utf8') : '');

/** Prepares, lets ffmpeg write three segments more, kills it, and returns what was decided and what came of it. */
async function run(): Promise<{ decision: BackupStart; after: MediaPlaylist }> {
  const decision = decideBackupStart({
    playlist: existsSync(playlist) ? text() : undefined,
    present: new Set(readdirSync(directory)),
    lastSequence: last,
    nowMs: Date.now(),
    segmentSeconds: 2,
  });
  if (decision.kind === 'rewrite') writeFileSync(playlist, decision.text);
  if (decision.kind === 'fresh' && decision.removePlaylist) rmSync(playlist);
  const before = lastSequence();
  const start = decision.kind === 'fresh' ? ['-start_number', String(decision.startNumber)] : [];
  const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10'];
  const flags = 'delete_segments+append_list+temp_file+omit_endlist+program_date_time+independent_segments';
  const hls = [
    '-f',
    'hls',
    '-hls_time',
    '0.4',
    '-hls_list_size',
    '6',
    '-hls_flags',
    flags,
    ...start,
    '-hls_segment_filename',
    join(directory, 'stream_news_%d.ts'),
  ];
  const job = spawn('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', ...source, ...hls, playlist], { stdio: 'ignore' });
  const target = (decision.kind === 'fresh' ? decision.startNumber - 1 : before) + 3;
  await eventually(lastSequence, (sequence) => sequence >= target, { every: 20 });
  job.kill('SIGKILL');
  await once(job, 'exit');
  const after = parseMediaPlaylist(text());
  if (after === undefined) throw new Error('no playlist');
  return { decision, after };
}

function lastSequence(): number {
  const head = legHead(text());
  return head === undefined ? -1 : head.mediaSequence + head.segments - 1;
}

/** Every listed file exists and is called after its media sequence; no number was seen before. */
function expectSound(after: MediaPlaylist): void {
  expect(after.segments.map((segment) => segment.uri)).toEqual(
    after.segments.map((_, index) => `stream_news_${after.mediaSequence + index}.ts`),
  );
  for (const { uri } of after.segments) expect(existsSync(join(directory, uri))).toBe(true);
  expect(lastSequence()).toBeGreaterThan(last ?? -1);
  last = lastSequence();
}

describe.runIf(spawnSync('ffmpeg', ['-version']).status === 0)('the backup leg over restarts', () => {
  it('starts by the clock, continues, heals holes, and never goes back', async () => {
    const first = await run();
    expect(first.decision).toMatchObject({ kind: 'fresh', removePlaylist: false });
    expectSound(first.after);

    const continued = await run();
    expect(continued.decision).toEqual({ kind: 'append' });
    expect(continued.after.segments.some((segment) => segment.discontinuity)).toBe(true);
    expectSound(continued.after);

    const [, , third] = continued.after.segments;
    rmSync(join(directory, third?.uri ?? ''));
    const healed = await run();
    expect(healed.decision.kind).toBe('rewrite');
    expectSound(healed.after);

    writeFileSync(playlist, '');
    const emptied = await run();
    expect(emptied.decision).toMatchObject({ kind: 'fresh', removePlaylist: true });
    expectSound(emptied.after);

    for (const name of readdirSync(directory)) if (name.endsWith('.ts')) rmSync(join(directory, name));
    const bare = await run();
    expect(bare.decision).toMatchObject({ kind: 'fresh', removePlaylist: true });
    expectSound(bare.after);
  });
});
