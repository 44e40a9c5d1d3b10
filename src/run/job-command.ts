// Makes the command that starts one job: plan, backup leg's continuation, lock, limits, marks.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { StreamConfig } from '../core/config.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import { legPlaylistName } from '../core/ids.ts';
import type { Endpoints, JobPlan } from '../core/job-plan.ts';
import type { DaemonSpec, FilesPort } from '../core/ports.ts';
import { hashText, jobMark, type StatePaths } from '../core/state-paths.ts';
import { cuePath } from './cue-book.ts';
import type { Failure } from './lifecycle.ts';
import { planJob } from '../plan/job-plan.ts';
import { decideBackupStart } from '../playlist/backup-start.ts';

/** flock(1) exits with this when another process holds the job's lock (EX_TEMPFAIL). */
export const lockHeldExitCode = 75;

/** The kernel says that another process runs this stream's job: one that we do not know of. */
export const lockHeld: Failure = { cause: 'lock-held', message: "another process runs this stream's job", evidence: [], pace: 'normal' };

/**
 * While no supervisor drains the stderr file, a flood must not fill the disk (9 GB in minutes was seen).
 * Above every sane segment size; a job that reaches it dies and is started again.
 */
const largestFileBytes = 1024 ** 3;

export interface JobPaths {
  readonly lock: string;
  readonly stderr: string;
  readonly progress: string;
  readonly record: string;
  /** Without the track's name. */
  readonly cues: string;
}

export function jobPaths(paths: StatePaths, id: string): JobPaths {
  const base = `${paths.jobs}/${id}`;
  return { lock: `${base}.lock`, stderr: `${base}.stderr`, progress: `${base}.progress`, record: `${base}.json`, cues: base };
}

export interface PlanInput {
  readonly stream: StreamConfig;
  readonly sourceIndex: number;
  readonly endpoints: Endpoints;
  readonly ffmpeg: FfmpegFacts;
  readonly source: SourceFacts | undefined;
  readonly secrets: readonly string[];
}

/** Names what a job does, apart from where its numbering starts: equal hashes need no restart. */
export function planHash(input: PlanInput): string {
  return hashText(planJob({ ...input, startNumber: undefined }).argv.join('\0'));
}

/**
 * Remembers the last answer: every status asks for every stream. '' for a definition that cannot be planned, which is
 * another one than whatever runs.
 */
export function createHashMemo(onError: (error: Error) => void): (input: PlanInput) => string {
  let last: { readonly input: PlanInput; readonly hash: string } | undefined;
  return (input) => {
    if (last !== undefined && isSameInput(last.input, input)) return last.hash;
    let hash = '';
    try {
      hash = planHash(input);
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
    }
    last = { input, hash };
    return hash;
  };
}

function isSameInput(left: PlanInput, right: PlanInput): boolean {
  return (
    left.stream === right.stream && left.sourceIndex === right.sourceIndex && left.source === right.source && left.ffmpeg === right.ffmpeg
  );
}

/** The sequence number for a backup playlist that starts afresh, after making its folder and pruning what is gone. */
export async function prepareBackupLeg(
  files: FilesPort,
  input: {
    readonly stream: StreamConfig;
    readonly endpoints: Endpoints;
    readonly lastSequence: number | undefined;
    readonly nowMs: number;
  },
): Promise<number | undefined> {
  const { stream, endpoints } = input;
  const directory = endpoints.hlsDirectory;
  const playlist = `${directory}/${legPlaylistName(stream.id, 'backup')}`;
  const text = await files.readText(playlist);
  const present = text === undefined ? [] : await files.list(directory);
  const decision = decideBackupStart({
    playlist: text,
    present: new Set(present),
    lastSequence: input.lastSequence,
    nowMs: input.nowMs,
    segmentSeconds: stream.output.segmentSeconds,
  });
  if (decision.kind === 'append') return undefined;
  if (decision.kind === 'rewrite') {
    await files.writeAtomic(playlist, decision.text, 0o644);
    return undefined;
  }
  if (decision.removePlaylist) await files.remove(playlist);
  return decision.startNumber;
}

export function jobSpec(plan: JobPlan, ffmpegPath: string, paths: JobPaths, stateDirectory: string, hash: string): DaemonSpec {
  return {
    // flock -F keeps the pid: the kernel itself makes sure that a stream has one job, whoever starts it.
    file: 'flock',
    argv: [
      '-n',
      '-F',
      '-E',
      String(lockHeldExitCode),
      paths.lock,
      'prlimit',
      `--fsize=${largestFileBytes}`,
      '--core=0',
      ffmpegPath,
      ...plan.argv,
    ],
    env: { [jobMark.id]: plan.streamId, [jobMark.state]: stateDirectory, [jobMark.plan]: hash },
    cwd: '/',
    stderrPath: paths.stderr,
    fd3Path: paths.progress,
    morePaths: (plan.subtitles ?? []).map((_, position) => cuePath(paths.cues, position)),
  };
}

export function sourceOf(stream: StreamConfig, index: number) {
  const source = stream.sources[index % stream.sources.length];
  if (source === undefined) {
    throw new AppError({ exitCode: ExitCode.configInvalid, code: 'no-source', message: `stream ${stream.id} has no source` });
  }
  return source;
}

export function missingFfmpeg(): AppError {
  return new AppError({ exitCode: ExitCode.unavailable, code: 'ffmpeg-missing', message: 'ffmpeg was not found', next: 'iptv setup' });
}
