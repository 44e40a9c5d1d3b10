// What the supervisor does to the HLS folder beside its jobs: makes it, keeps it from growing, lays slates out.

import type { Config, StreamConfig } from './core/config.ts';
import { seedDefaults } from './core/endpoints.ts';
import type { EventSink } from './core/events.ts';
import type { SourceFacts } from './core/facts.ts';
import { fileIdsOf } from './core/ladder.ts';
import { createLadderSlates } from './run/ladder-slates.ts';
import { createJanitor } from './playlist/janitor.ts';
import type { LogSink } from './observe/log-sink.ts';
import { createDiskWatch } from './run/disk-watch.ts';
import { createSlateMaker, type SlateMaker } from './run/slate-maker.ts';
import type { JsonStore } from './run/stores.ts';
import type { Surroundings } from './run/surroundings.ts';
import { findTools } from './stack/tools.ts';
import type { Order } from './core/status.ts';
import type { FilesPort } from './core/ports.ts';

const tidyEveryMs = 10_000;
/** While space is short, what may go goes soon. */
const pressedEveryMs = 2000;

export interface TidyOptions {
  readonly surroundings: Pick<Surroundings, 'ports' | 'paths' | 'endpoints' | 'events' | 'ffmpeg'> & {
    readonly stores: { readonly facts: JsonStore<SourceFacts> };
  };
  readonly config: () => Config;
  readonly orders: JsonStore<Order>;
  readonly log: LogSink;
  /** Segments that left a channel playlist and must stay for a while. */
  readonly keptNames: () => ReadonlySet<string>;
  /** `Surroundings.going`. */
  readonly going: Set<string>;
  /** Ordered to run, but nobody watches: its files are those of a stopped stream. */
  readonly isIdle: (id: string) => boolean;
}

export interface Tidy {
  readonly slates: SlateMaker;
  readonly notes: () => readonly string[];
  /** One round; called by the sweep, never twice at once. */
  tidy(): Promise<void>;
}

export function createTidy(options: TidyOptions): Tidy {
  const { surroundings, config, orders, log } = options;
  const { ports, paths, endpoints } = surroundings;
  const { files, clock } = ports;
  const { hlsDirectory } = endpoints;
  const ladders = createLadderSlates({ streams: () => config().streams, facts: (stream) => knownFacts(surroundings.stores.facts, stream) });
  const isOrdered = (id: string): boolean => orders.get(ladders.ownerOf(id)) === 'run';
  const owner = (fileId: string): string => ladders.ownerOf(fileId);
  const windowOf = (id: string): number => windowSeconds(config(), owner(id));
  // In the log, too: that is where a person looks first when a disk is full.
  const events: EventSink = {
    record(draft) {
      surroundings.events.record(draft);
      log.note(draft.cause === 'recovered' ? 'info' : 'warning', draft.message);
    },
  };
  const knownIds = (): ReadonlySet<string> => new Set(config().streams.flatMap(fileIdsOf));
  const janitor = createJanitor({
    files,
    clock,
    directory: hlsDirectory,
    knownIds,
    runningIds: () => new Set([...orders.keys(), ...knownIds()].filter((id) => isOrdered(id) && !options.isIdle(owner(id)))),
    windowSeconds: windowOf,
    keptNames: options.keptNames,
  });
  const disk = createDiskWatch({
    files,
    clock,
    directory: hlsDirectory,
    limits: () => config().server.disk ?? { warnPercent: seedDefaults.diskWarnPercent, shedPercent: seedDefaults.diskShedPercent },
    knownIds,
    keptNames: options.keptNames,
    going: options.going,
    events,
  });
  const slates = createSlateMaker({
    ports,
    directory: paths.slates,
    hlsDirectory,
    streams: ladders.streams,
    isOrdered,
    facts: ladders.facts,
    ffmpeg: surroundings.ffmpeg,
    ffprobe: async () => (await findTools(ports)).ffprobe,
    windowSeconds: windowOf,
    events,
    note: (level, text) => log.note(level, text),
  });
  let sweptAt = -Infinity;
  const complaints = new Map<string, string>();

  /** The same complaint once: a disk that is full is so every second. */
  function complain(what: string, error: unknown): void {
    const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    if (complaints.get(what) !== message) log.note('warning', message);
    complaints.set(what, message);
  }

  return {
    slates,
    notes: () => [...disk.notes(), ...slates.notes()],
    async tidy() {
      await ensureHlsDirectory(files, config()).catch((error: unknown) =>
        log.note('error', `cannot make ${hlsDirectory}: ${String(error)}`),
      );
      await disk.tick().catch((error: unknown) => complain(`cannot watch how full ${hlsDirectory} is`, error));
      await slates.tick().catch((error: unknown) => complain('cannot lay slates out', error));
      if (clock.monotonic() - sweptAt < (disk.level() === 'ok' ? tidyEveryMs : pressedEveryMs)) return;
      sweptAt = clock.monotonic();
      const { failed, error } = await janitor.sweep();
      if (failed > 0) log.note('warning', `${failed} old files could not be deleted: ${String(error)}`);
    },
  };
}

/** The folder may be deleted at any time, and nginx's worker may not be allowed to make it again. */
export async function ensureHlsDirectory(files: FilesPort, config: Config): Promise<void> {
  const { hlsDirectory, permissions } = config.server;
  if ((await files.stat(hlsDirectory)) !== undefined) return;
  await files.makeDirectory(hlsDirectory);
  // mkdir(2) is subject to the umask, chmod(2) is not.
  await files.setMode(hlsDirectory, permissions === 'compat' ? 0o777 : 0o2775);
}

/** The longest window of both legs and the channel: nginx follows the server's settings, ffmpeg the stream's. */
function windowSeconds(config: Config, id: string): number {
  const { segmentSeconds, windowSegments } = config.server;
  const output = config.streams.find((stream) => stream.id === id)?.output;
  const own = (output?.segmentSeconds ?? 0) * (output?.windowSegments ?? 0);
  return Math.max(segmentSeconds * windowSegments, own, (output?.cushionSeconds ?? 0) + segmentSeconds);
}

/** What was learned of any of its sources, the best one first. */
function knownFacts(facts: JsonStore<SourceFacts>, stream: StreamConfig): SourceFacts | undefined {
  for (const { display } of stream.sources) {
    const known = facts.get(`${stream.id} ${display}`);
    if (known !== undefined) return known;
  }
  return undefined;
}
