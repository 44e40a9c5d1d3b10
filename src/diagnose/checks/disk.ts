// Is there room for what the streams write, and for what the supervisor remembers?

import { fail, pass, warn, type Finding } from '../check.ts';
import { asRoot, type DoctorContext } from '../context.ts';
import { diskBudget, megabytes, type DiskBudget } from '../disk-budget.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import type { Place } from '../place.ts';

interface Volume {
  readonly type: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** 0 where the file system has no fixed number of them (btrfs). */
  readonly totalInodes: number;
  readonly freeInodes: number;
}

/** Less than this, and not one segment goes in. */
const fullBytes = 1_000_000;
const fullShare = 0.005;
const fewInodes = 20;

export const diskCheck: DoctorCheck = {
  id: 'disk',
  title: 'disk space',
  group: 'Machine',
  layer: 'volume',
  severity: 'error',
  dependsOn: [],
  about:
    'Free bytes and inodes of the HLS folder and of the state folder, compared with what the streams of the list need: bitrate x window x 2 legs. ffmpeg says nothing when the disk is full; it writes empty playlists.',
  finds: {
    'disk-full': 'no room in the HLS folder: segments and playlists come out empty',
    'inodes-exhausted': 'no inode is left: no new file can be made, however many bytes are free',
    'disk-low': 'what is free is less than the running streams still need',
    'disk-too-small': 'the whole file system is smaller than what the streams of the list need',
    'state-disk-full': 'no room for orders, logs and sequences of the supervisor',
  },
  async run(context, facts) {
    const { backend } = context.places;
    const [hls, state, folders] = await Promise.all([
      readVolume(backend, context.config.server.hlsDirectory),
      readVolume(backend, context.runtime === 'docker' ? '/var/lib/iptv' : context.paths.directory),
      facts.folders(),
    ]);
    if (hls === undefined) return [pass(`${context.config.server.hlsDirectory} is not there yet`)];
    const used = (folders.backend?.entries ?? []).reduce((sum, { size }) => sum + size, 0);
    const findings = await judgeHls(context, hls, await budgetOf(context, facts), used);
    if (state !== undefined && isFull(state))
      findings.push(
        fail({
          code: 'state-disk-full',
          what: 'the disk of the state folder is full: orders and logs cannot be written',
          evidence: [describe(context.paths.directory, state)],
          why: 'channels play on, but what you order now is forgotten at the next start',
          next: backend.describe(['df', '-h', context.paths.directory]),
        }),
      );
    return findings;
  },
};

/** `stat -f`: one line for any file system; df(1) prints names of devices that may hold spaces. */
async function readVolume(place: Place, path: string): Promise<Volume | undefined> {
  const { exitCode, stdout } = await place.run(['stat', '-f', '-c', '%S %b %a %c %d %T', path]);
  const [block, total, free, inodes, freeInodes, ...type] = stdout.trim().split(' ');
  if (exitCode !== 0 || type.length === 0) return undefined;
  return {
    type: type.join(' '),
    totalBytes: Number(block) * Number(total),
    freeBytes: Number(block) * Number(free),
    totalInodes: Number(inodes),
    freeInodes: Number(freeInodes),
  };
}

async function budgetOf(context: DoctorContext, facts: DoctorFacts): Promise<DiskBudget> {
  const measured = new Map((await facts.status())?.streams.map(({ id, bitrateBps }) => [id, bitrateBps]));
  return diskBudget(
    context.config.streams
      .filter(({ enabled }) => enabled)
      .map(({ id, output }) => ({ ...output, legs: 2, bitrateBps: measured.get(id) ?? undefined })),
  );
}

async function judgeHls(context: DoctorContext, volume: Volume, budget: DiskBudget, usedBytes: number): Promise<Finding[]> {
  const path = context.config.server.hlsDirectory;
  const { backend } = context.places;
  const shown = describe(path, volume);
  const needs = `the ${context.config.streams.length} streams of the list need ${megabytes(budget.bytes)}${budget.assumed === 0 ? '' : ` (${budget.assumed} of them taken for 4 Mbit/s)`}`;
  if (isFull(volume))
    return [
      fail({
        code: 'disk-full',
        what: `the disk of ${path} is full`,
        evidence: [shown, needs],
        why: 'ffmpeg and nginx write empty segments and playlists, and say nothing; they go on by themselves once there is room',
        next: await whoFills(context, path),
      }),
    ];
  if (volume.totalInodes > 0 && volume.freeInodes < fewInodes)
    return [
      fail({
        code: 'inodes-exhausted',
        what: `the file system of ${path} has no inode left`,
        evidence: [`${volume.freeInodes} of ${volume.totalInodes} inodes are free`, `the streams need ${budget.files} files`],
        why: 'every segment is a file; bytes may be free, but no new file can be made',
        next: backend.describe(['df', '-i', path]),
      }),
    ];
  if (volume.totalBytes < budget.bytes)
    return [
      warn({
        code: 'disk-too-small',
        what: `${path} is on a file system of ${megabytes(volume.totalBytes)}, which is less than the streams need`,
        evidence: [shown, needs],
        why: `it will be full before the oldest segments may go; make it larger, or shorten output.window or move server.hlsDirectory in ${context.config.path}`,
        next:
          volume.type === 'tmpfs'
            ? asRoot(context, `mount -o remount,size=${Math.ceil((budget.bytes * 1.25) / 1_048_576)}m ${path}`)
            : backend.describe(['df', '-h', path]),
      }),
    ];
  const missing = budget.bytes - usedBytes - volume.freeBytes;
  if (missing > 0)
    return [
      warn({
        code: 'disk-low',
        what: `${megabytes(volume.freeBytes)} are free for ${path}, ${megabytes(missing)} less than the streams still need`,
        evidence: [shown, needs, `${megabytes(usedBytes)} of it are written already`],
        why: 'when it is full, segments and playlists come out empty',
        next: await whoFills(context, path),
      }),
    ];
  return [pass(`room for ${path}: ${megabytes(volume.freeBytes)} free, ${megabytes(budget.bytes)} needed`, [shown])];
}

function isFull({ freeBytes, totalBytes }: Volume): boolean {
  return freeBytes < Math.max(fullBytes, Math.min(totalBytes * fullShare, 20 * fullBytes));
}

function describe(path: string, volume: Volume): string {
  const inodes = volume.totalInodes === 0 ? '' : `, ${volume.freeInodes} of ${volume.totalInodes} inodes`;
  return `${path} (${volume.type}): ${megabytes(volume.freeBytes)} of ${megabytes(volume.totalBytes)} free${inodes}`;
}

/** A file system of its own is full of itself; on the common disk something else beside the folder may be what fills it. */
async function whoFills({ places: { backend } }: DoctorContext, path: string): Promise<string> {
  const { stdout } = await backend.run(['stat', '-c', '%m', path]);
  const top = stdout.trim() === path ? path : path.slice(0, path.lastIndexOf('/')) || '/';
  return `${backend.describe(['du', '-xah', '--max-depth=1', top])} | sort -rh | head`;
}
