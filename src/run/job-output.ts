// Reads what a running job says: stderr lines to its log, progress blocks, and the codecs of its source.

import type { SourceFacts } from '../core/facts.ts';
import type { Ports } from '../core/ports.ts';
import type { LogSink } from '../observe/log-sink.ts';
import { createCodecSigns, type CodecSigns } from '../observe/codec-signs.ts';
import { createDamageSigns, type DamageSigns } from '../observe/damage-signs.ts';
import { createProgressParser, type ProgressBlock } from '../observe/progress.ts';
import { createSpool } from '../observe/spool.ts';
import { createStreamLearner } from '../observe/stream-lines.ts';
import { createCueBook, type Cues, type Job } from './cue-book.ts';
import type { JobPaths } from './job-command.ts';

/** The file grows by 300 bytes a block; kept small because it may live on a small disk. */
const progressFileLimitBytes = 64 * 1024;

/** A job that plays tells its speed in no hurry: nothing is judged by it. */
const calmProgressMs = 5000;

/** 5.1 and 7.1. */
const dtsError = /Non-monoton(?:ous|ic) DTS|non monotonically increasing dts|DTS \S+ < \S+ out of order/;

export interface JobOutput {
  /** Takes in what is new; the progress only now and then unless somebody waits for it (`eager`). */
  read(eager: boolean): Promise<void>;
  /** Takes in the lines alone. */
  hear(): Promise<void>;
  /** Takes in everything that is left once the job is gone, and empties the file: it may name the source with its password. */
  finish(): Promise<void>;
  readonly progress: () => ProgressBlock | undefined;
  /** The source's codecs, once ffmpeg has named them all. */
  readonly facts: () => SourceFacts | undefined;
  /** The last stderr lines, oldest first, already redacted. */
  readonly lastLines: () => readonly string[];
  /** What it says of a source that changes its codecs. */
  readonly signs: CodecSigns;
  /** What it says of losses. */
  readonly damage: DamageSigns;
  /** Monotonic time of the last `reset`, or of our own start. */
  readonly since: () => number;
  /** Complaints about time stamps that jump back, over all runs. */
  readonly dtsErrors: () => number;
  /** What it says of the source's subtitles. */
  readonly cues: Cues;
  /** A new run begins: old progress and facts mean nothing. */
  begin(): Promise<void>;
}

export function createJobOutput(
  { files, clock }: Pick<Ports, 'files' | 'clock'>,
  paths: Pick<JobPaths, 'stderr' | 'progress' | 'cues'>,
  log: LogSink,
  job: () => Job | undefined,
): JobOutput {
  const spool = createSpool({ files, clock, path: paths.stderr });
  const decoder = new TextDecoder();
  const signs = createCodecSigns();
  const cues = createCueBook({ files, base: paths.cues, job });
  const damage = createDamageSigns();
  let since = clock.monotonic();
  let learner = createStreamLearner();
  let parser = createProgressParser();
  let progress: ProgressBlock | undefined;
  let facts: SourceFacts | undefined;
  let recent: string[] = [];
  let dtsErrors = 0;
  let progressOffset = 0;
  let progressReadAt = -Infinity;
  let heardAt = clock.monotonic();
  let hearing: Promise<void> | undefined;

  async function readProgress(): Promise<void> {
    const bytes = await files.readFrom(paths.progress, progressOffset, progressFileLimitBytes);
    if (bytes.length === 0) {
      const stat = await files.stat(paths.progress);
      if (stat !== undefined && stat.size < progressOffset) progressOffset = 0;
      return;
    }
    progressOffset += bytes.length;
    progress = parser.feed(decoder.decode(bytes)).at(-1) ?? progress;
    if (progressOffset >= progressFileLimitBytes) {
      await files.truncate(paths.progress);
      progressOffset = 0;
    }
  }

  /** What is new until now; asked again meanwhile, it is the same reading. */
  function hear(): Promise<void> {
    return (hearing ??= hearNow().finally(() => (hearing = undefined)));
  }

  async function hearNow(): Promise<void> {
    const now = clock.monotonic();
    take(await spool.read());
    heardAt = now;
  }

  function take(lines: readonly string[]): void {
    for (const line of lines) {
      facts = learner.feed(line) ?? facts;
      signs.feed(line, clock.monotonic(), heardAt);
      damage.feed(line, clock.monotonic(), heardAt);
      if (dtsError.test(line)) dtsErrors += 1;
      const shown = log.ffmpeg(line);
      if (shown === undefined) continue;
      recent.push(shown);
      if (recent.length > 80) recent = recent.slice(-40);
    }
  }

  return {
    async read(eager) {
      await hear();
      const now = clock.monotonic();
      if (!eager && now - progressReadAt < calmProgressMs) return;
      progressReadAt = now;
      await readProgress();
    },
    hear,
    async finish() {
      await hearing?.catch(() => undefined);
      take(await spool.finish());
    },
    progress: () => progress,
    facts: () => facts,
    signs,
    damage,
    since: () => since,
    dtsErrors: () => dtsErrors,
    lastLines: () => recent.slice(-40),
    cues,
    async begin() {
      since = clock.monotonic();
      learner = createStreamLearner();
      parser = createProgressParser();
      progress = undefined;
      facts = undefined;
      recent = [];
      signs.reset();
      await files.truncate(paths.progress);
      await cues.begin();
    },
  };
}
