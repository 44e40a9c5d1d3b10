// Can both HLS writers put their files where viewers get them from, and is there room?

import type { DiskSpace, FileStat } from '../../core/ports.ts';
import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import { fail, pass, warn, type Check, type Finding } from '../check.ts';
import { asRoot, onDockerHost, type CheckContext } from '../context.ts';

/** Below this not even one segment fits. */
const leastBytes = 1024 * 1024;
const leastInodes = 16;
const scarceShare = 0.05;
const sticky = 0o1000;

export const hlsDirectoryCheck: Check = {
  id: 'hls-directory',
  title: 'HLS folder',
  layer: 'volume',
  severity: 'error',
  dependsOn: [],
  notHere: (context) => (onDockerHost(context) ? 'it is a volume of the containers' : undefined),
  async run(context) {
    const directory = context.endpoints.hlsDirectory;
    const { path: existing, stat } = await nearestExisting(context, directory);
    if (!stat.isDirectory)
      return [
        fail({
          code: 'hls-not-a-folder',
          what: `${existing} is a file, not a folder`,
          evidence: [shown(existing, stat)],
          next: `ls -l ${existing}`,
        }),
      ];
    const space = spaceFindings(existing, await context.ports.files.diskSpace(existing));
    if (space.some((finding) => finding.status === 'fail')) return space;
    const refused = await tryWriting(context, existing, stat);
    if (refused !== undefined) return [refused, ...space];
    const found = existing === directory ? modeFindings(context, directory, stat) : [];
    const problems = [...space, ...found];
    if (problems.length > 0) return problems;
    return [
      existing === directory
        ? pass(`${directory} is writable`, [shown(directory, stat)])
        : pass(`${directory} can be made`, [shown(existing, stat)]),
    ];
  },
};

async function nearestExisting(context: CheckContext, directory: string): Promise<{ readonly path: string; readonly stat: FileStat }> {
  for (let path = directory; ; path = parentOf(path)) {
    const stat = await context.ports.files.stat(path);
    if (stat !== undefined) return { path, stat };
    if (path === '/') throw new Error('the root folder does not exist');
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** Only writing tells: modes say nothing about root, read-only mounts, and quotas. */
async function tryWriting(context: CheckContext, directory: string, stat: FileStat): Promise<Finding | undefined> {
  const { files, process } = context.ports;
  const path = `${directory === '/' ? '' : directory}/.iptv-check-${process.pid}`;
  try {
    await files.writeAtomic(path, 'ok\n', 0o600);
    if ((await files.readText(path)) !== 'ok\n') throw new Error(`what was written to ${path} does not come back`);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return refusal(context, directory, stat, error);
  } finally {
    await files.remove(path).catch(() => false);
  }
}

function refusal(context: CheckContext, directory: string, stat: FileStat, error: AppError): Finding {
  const target = context.endpoints.hlsDirectory;
  const missing = directory !== target;
  const evidence = [shown(directory, stat), ...error.evidence];
  switch (error.code) {
    case 'permission-denied':
      return fail({
        code: 'hls-not-writable',
        what: missing
          ? `${target} does not exist and cannot be made: no permission to write in ${directory}`
          : `the HLS folder ${target} is not writable`,
        evidence,
        next: asRoot(
          context,
          missing ? `install -d -m ${wantedMode(context).toString(8)} ${target}` : `chmod ${wantedMode(context).toString(8)} ${target}`,
        ),
        exitCode: ExitCode.permission,
      });
    case 'read-only':
      return fail({
        code: 'hls-read-only',
        what: `the HLS folder ${target} is on a read-only file system`,
        evidence,
        next: `findmnt -T ${directory}`,
        exitCode: ExitCode.permission,
      });
    case 'disk-full':
      return fail({
        code: 'hls-full',
        what: `the file system of ${target} is full`,
        evidence,
        next: `df -h ${directory}`,
        exitCode: ExitCode.tryAgain,
      });
    default:
      return fail({
        code: 'hls-unusable',
        what: `the HLS folder ${target} cannot be written`,
        evidence: [...evidence, error.message],
        next: `ls -ld ${directory}`,
        exitCode: error.exitCode,
      });
  }
}

/** ffmpeg does not say when the disk is full: it writes empty files. A file system that does not count inodes reports 0 of them. */
function spaceFindings(directory: string, space: DiskSpace): readonly Finding[] {
  const bytes = {
    code: 'hls-full',
    evidence: [`${megabytes(space.freeBytes)} of ${megabytes(space.totalBytes)} free`],
    next: `df -h ${directory}`,
  };
  const inodes = { code: 'hls-full', evidence: [`${space.freeInodes} of ${space.totalInodes} inodes free`], next: `df -i ${directory}` };
  const findings: Finding[] = [];
  if (space.freeBytes < leastBytes)
    findings.push(fail({ ...bytes, what: `the file system of ${directory} is full`, exitCode: ExitCode.tryAgain }));
  else if (space.freeBytes < space.totalBytes * scarceShare)
    findings.push(warn({ ...bytes, code: 'hls-nearly-full', what: `the file system of ${directory} is nearly full` }));
  if (space.totalInodes === 0) return findings;
  if (space.freeInodes < leastInodes)
    findings.push(
      fail({ ...inodes, what: `the file system of ${directory} has no inodes left for new files`, exitCode: ExitCode.tryAgain }),
    );
  else if (space.freeInodes < space.totalInodes * scarceShare)
    findings.push(warn({ ...inodes, code: 'hls-nearly-full', what: `the file system of ${directory} has few inodes left` }));
  return findings;
}

/** Writable for us is not enough: nginx's worker is another user where nginx starts as root. */
function modeFindings(context: CheckContext, directory: string, stat: FileStat): readonly Finding[] {
  const wanted = wantedMode(context);
  const findings: Finding[] = [];
  const shared = {
    evidence: [shown(directory, stat), `permissions: ${context.config.server.permissions}`],
    next: `chmod ${wanted.toString(8)} ${directory}`,
    fixable: true,
  };
  if ((stat.mode & wanted) !== wanted) {
    findings.push(
      warn({
        ...shared,
        code: 'hls-mode',
        what: `${directory} has mode ${stat.mode.toString(8)} instead of ${wanted.toString(8)}`,
        why: 'nginx and ffmpeg may run as different users and both write there',
      }),
    );
  } else if (context.config.server.permissions === 'hardened' && (stat.mode & 0o002) !== 0) {
    findings.push(warn({ ...shared, code: 'hls-mode', what: `${directory} is writable for everybody although permissions are hardened` }));
  }
  if ((stat.mode & sticky) !== 0 && !context.isRoot) {
    findings.push(
      warn({
        ...shared,
        code: 'hls-sticky',
        what: `${directory} has the sticky bit: old segments of another user cannot be deleted`,
        next: `chmod -t ${directory}`,
      }),
    );
  }
  return findings;
}

function wantedMode(context: CheckContext): number {
  return context.config.server.permissions === 'compat' ? 0o777 : 0o2775;
}

function shown(path: string, stat: FileStat): string {
  return `${path}: mode ${stat.mode.toString(8)}, owner ${stat.uid}:${stat.gid}`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
