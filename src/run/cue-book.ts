// The cues of a stream's jobs, read from the files to which they append them; a job that is gone stays known for its last segments.

import type { FilesPort } from '../core/ports.ts';
import { mostSubtitles, subtitleName } from '../core/ladder.ts';
import { createCueReader, type Cue, type CueReader } from '../playlist/subtitles/web-vtt.ts';

/** One job's cues, in its own time. */
export interface CueRun {
  /** Names the job for good. */
  readonly key: string;
  readonly startedAtMs: number;
  readonly cues: (position: number) => readonly Cue[];
  /** Cues that are in a segment already. */
  readonly told: WeakSet<Cue>;
}

export interface Job {
  readonly startTime: string;
  readonly startedAtMs: number;
}

export interface Cues {
  /** Takes in what the job has said of so many tracks. */
  read(tracks: number): Promise<void>;
  /** The job that made a file which was finished then; wall clock. */
  readonly runOf: (finishedAtMs: number) => CueRun | undefined;
}

export interface CueBook extends Cues {
  /** Before a job starts: what the one before said is taken in, and its files are emptied. */
  begin(): Promise<void>;
}

/** A cue is about 50 bytes: a file is emptied every few hours, and a new supervisor finds in it what it has not seen. */
const fileLimitBytes = 256 * 1024;
const keptRuns = 2;
/** Longer than any segment takes to be listed. */
const keptMs = 10 * 60_000;
const mostCues = 2000;

interface Track {
  offset: number;
  reader: CueReader;
  decoder: InstanceType<typeof TextDecoder>;
}

interface Run {
  key: string | undefined;
  startedAtMs: number;
  readonly cues: Cue[][];
  readonly told: WeakSet<Cue>;
}

/** Where a job appends the cues of one track. */
export function cuePath(base: string, position: number): string {
  return `${base}.${subtitleName(position)}`;
}

export function createCueBook(options: {
  readonly files: Pick<FilesPort, 'readFrom' | 'truncate'>;
  /** Path of the files, without their ending. */
  readonly base: string;
  /** The job that runs. */
  readonly job: () => Job | undefined;
}): CueBook {
  const { files, base } = options;
  const pathOf = (position: number): string => cuePath(base, position);
  const newTrack = (): Track => ({ offset: 0, reader: createCueReader(), decoder: new TextDecoder() });
  const newRun = (): Run => ({ key: undefined, startedAtMs: Infinity, cues: [], told: new WeakSet() });
  let tracks: Track[] = [];
  let runs: readonly Run[] = [newRun()];
  let turn: Promise<unknown> = Promise.resolve();

  /** The job's lane and the channel's lane both come here. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  }

  const latest = (): Run => runs[0] ?? newRun();

  async function readTrack(position: number): Promise<void> {
    const track = (tracks[position] ??= newTrack());
    const path = pathOf(position);
    for (;;) {
      const bytes = await files.readFrom(path, track.offset, fileLimitBytes);
      if (bytes.length === 0) {
        keep(position, track.reader.pause());
        break;
      }
      track.offset += bytes.length;
      keep(position, track.reader.feed(track.decoder.decode(bytes, { stream: true })));
    }
    if (track.offset < fileLimitBytes) return;
    await files.truncate(path);
    track.offset = 0;
  }

  function keep(position: number, fresh: readonly Cue[]): void {
    if (fresh.length === 0) return;
    const all = [...(latest().cues[position] ?? []), ...fresh];
    const oldest = Math.max(...all.slice(-20).map(({ startMs }) => startMs)) - keptMs;
    latest().cues[position] = all.filter(({ endMs }) => endMs > oldest).slice(-mostCues);
  }

  return {
    begin: () =>
      inTurn(async () => {
        for (const position of tracks.keys()) await readTrack(position);
        await Promise.all(Array.from({ length: mostSubtitles }, (_, position) => files.truncate(pathOf(position))));
        tracks = [];
        runs = [newRun(), ...runs.filter(({ key }) => key !== undefined)].slice(0, keptRuns);
      }),
    read: (count) =>
      inTurn(async () => {
        const job = options.job();
        if (job !== undefined && latest().key !== job.startTime) {
          // A job that was found and not started here has no beginning but this.
          if (latest().key !== undefined) runs = [newRun(), ...runs].slice(0, keptRuns);
          Object.assign(latest(), { key: job.startTime, startedAtMs: job.startedAtMs });
        }
        for (let position = 0; position < count; position += 1) await readTrack(position);
      }),
    runOf(finishedAtMs) {
      const run = runs.find(({ key, startedAtMs }) => key !== undefined && startedAtMs <= finishedAtMs);
      if (run?.key === undefined) return undefined;
      const { key, startedAtMs, cues, told } = run;
      return { key, startedAtMs, told, cues: (position) => cues[position] ?? [] };
    },
  };
}
