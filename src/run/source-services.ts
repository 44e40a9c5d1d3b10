// What the sources of all streams share: connections, looks, memory, records, and secrets that were learned on the way.

import type { ProviderConfig } from '../core/config.ts';
import type { FfmpegFacts } from '../core/facts.ts';
import type { ClockPort, FilesPort, Ports } from '../core/ports.ts';
import { createRedactor } from '../core/redact.ts';
import type { StatePaths } from '../core/state-paths.ts';
import type { SavedFailover } from './failover/saved.ts';
import { createProviders, type Providers } from './providers.ts';
import type { SavedAddress } from './source-addresses.ts';
import { createSourceProbe, type ProbeSource } from './source-probe.ts';
import { openStore, type JsonStore } from './stores.ts';

export interface SavedSources {
  readonly health: SavedFailover;
  readonly addresses: Readonly<Record<string, SavedAddress>>;
}

export interface SourceServices {
  readonly providers: Providers;
  readonly probe: ProbeSource;
  readonly states: JsonStore<SavedSources>;
  readonly records: RecordBook;
  /** Hides these values from now on, in everything that is written; the last few lists of a key are kept. */
  readonly learnSecrets: (key: string, values: readonly string[]) => void;
  /** Resolves once everything known so far is on disk. */
  flush(): Promise<void>;
}

export async function openSourceServices(options: {
  readonly ports: Ports;
  readonly paths: Pick<StatePaths, 'sources' | 'sourceRecords'>;
  readonly providers: readonly ProviderConfig[];
  readonly secrets: SecretBook;
  readonly ffmpeg: () => FfmpegFacts | undefined;
  readonly ffprobe: () => Promise<string | undefined>;
  readonly onError: (message: string) => void;
}): Promise<SourceServices> {
  const { ports, paths, secrets, onError } = options;
  const { files, clock } = ports;
  const states = await openStore({ files, clock, path: paths.sources, writeDelayMs: 500, onError }, isSavedSources);
  const records = createRecordBook({ files, clock, directory: paths.sourceRecords, onError });
  return {
    states,
    records,
    flush: async () => void (await Promise.all([states.flush(), records.flush()])),
    providers: createProviders(clock, options.providers),
    probe: createSourceProbe({
      process: ports.process,
      ffmpeg: options.ffmpeg,
      ffprobe: options.ffprobe,
      redact: (text) => createRedactor(secrets.all())(text),
    }),
    learnSecrets: (key, values) => secrets.learn(key, values),
  };
}

const isSavedSources = (value: unknown): value is SavedSources =>
  typeof value === 'object' && value !== null && 'health' in value && 'addresses' in value;

export interface RecordBook {
  append(id: string, line: string): void;
  /** Oldest first. */
  lines(id: string): Promise<readonly string[]>;
  flush(): Promise<void>;
}

const mostLines = 200;
const writeDelayMs = 5000;

/** One file a stream, of the last lines only: an outage is short, and nobody wants a log that grows. */
export function createRecordBook(options: {
  readonly files: Pick<FilesPort, 'readText' | 'writeAtomic' | 'makeDirectory'>;
  readonly clock: Pick<ClockPort, 'after'>;
  readonly directory: string;
  readonly onError: (message: string) => void;
}): RecordBook {
  const { files, clock, directory } = options;
  const books = new Map<string, { lines: string[]; readonly ready: Promise<void> }>();
  const dirty = new Set<string>();
  let scheduled = false;
  const pathOf = (id: string): string => `${directory}/${id}.jsonl`;

  function bookOf(id: string) {
    const known = books.get(id);
    if (known !== undefined) return known;
    const ready = files.readText(pathOf(id)).then(
      (text) => void (book.lines = [...(text ?? '').split('\n').filter((line) => line !== ''), ...book.lines].slice(-mostLines)),
      () => undefined,
    );
    const book = { lines: [] as string[], ready };
    books.set(id, book);
    return book;
  }

  async function write(): Promise<void> {
    scheduled = false;
    const ids = [...dirty];
    dirty.clear();
    await files.makeDirectory(directory, 0o700).catch(() => undefined);
    for (const id of ids) {
      const book = bookOf(id);
      await book.ready;
      await files
        .writeAtomic(pathOf(id), `${book.lines.join('\n')}\n`, 0o600)
        .catch((error: unknown) => options.onError(`cannot write the record of ${id}'s sources: ${String(error)}`));
    }
  }

  return {
    append(id, line) {
      const book = bookOf(id);
      book.lines.push(line);
      if (book.lines.length > mostLines) book.lines.splice(0, book.lines.length - mostLines);
      dirty.add(id);
      if (scheduled) return;
      scheduled = true;
      clock.after(writeDelayMs, () => void write());
    },
    async lines(id) {
      const book = bookOf(id);
      await book.ready;
      return book.lines;
    },
    flush: write,
  };
}

export interface SecretBook {
  readonly all: () => readonly string[];
  learn(key: string, values: readonly string[]): void;
}

const listsKept = 3;

/** The answer is the same list until something changes: sinks prepare it once. */
export function createSecretBook(configured: () => readonly string[]): SecretBook {
  const learned = new Map<string, (readonly string[])[]>();
  let base: readonly string[] | undefined;
  let all: readonly string[] = [];
  return {
    all() {
      const now = configured();
      if (now !== base) {
        base = now;
        all = [...now, ...[...learned.values()].flat(2)];
      }
      return all;
    },
    learn(key, values) {
      const lists = learned.get(key) ?? [];
      if (values.length === 0 || lists.some((list) => list.join('\n') === values.join('\n'))) return;
      learned.set(key, [...lists, values].slice(-listsKept));
      base = undefined;
    },
  };
}
