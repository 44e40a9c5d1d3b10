// Where slates lie: remembered in the state folder, laid out in the channels' folders, tidied away when they are outdated.

import { isStreamId } from '../core/ids.ts';
import type { ClockPort, FilesPort } from '../core/ports.ts';
import { planSlateTidying, slateHashOf, slateName } from '../playlist/slate-files.ts';

export interface SlateShelf {
  /** Length of each segment in seconds; undefined: not made yet. */
  find(hash: string): Promise<readonly number[] | undefined>;
  /** All its segments are in the state folder, under the names of `segmentPath`. */
  remember(hash: string, durations: readonly number[]): Promise<void>;
  /** Copies a remembered slate into a channel's folder. */
  lay(id: string, hash: string, segments: number): Promise<void>;
  /** False when a segment is gone; touches those that are older than `touchAfterMs`. */
  keep(id: string, hash: string, segments: number, touchAfterMs: number): Promise<boolean>;
  tidy(current: ReadonlyMap<string, string>, keepMs: (id: string) => number): Promise<void>;
}

/** A slate that no stream wants may be wanted again, when a name is changed back or a source returns. */
const forgetAfterMs = 7 * 24 * 3600_000;
const scrapAfterMs = 3600_000;

/** A finished segment in the state folder. */
export function segmentPath(directory: string, hash: string, index: number): string {
  return `${directory}/${hash}-${index}.ts`;
}

export function createSlateShelf(options: {
  readonly files: FilesPort;
  readonly clock: Pick<ClockPort, 'now'>;
  readonly directory: string;
  readonly hlsDirectory: string;
}): SlateShelf {
  const { files, clock, directory, hlsDirectory } = options;
  const known = new Map<string, readonly number[]>();
  const recordPath = (hash: string): string => `${directory}/${hash}.json`;

  async function read(hash: string): Promise<readonly number[] | undefined> {
    const durations = parse(await files.readText(recordPath(hash)));
    if (durations === undefined) return undefined;
    for (const index of durations.keys()) if (((await files.stat(segmentPath(directory, hash, index)))?.size ?? 0) === 0) return undefined;
    return durations;
  }

  async function tidyChannel(id: string, current: string | undefined, keepMs: number): Promise<void> {
    const folder = `${hlsDirectory}/${id}`;
    const names = (await files.list(folder)).filter((name) => slateHashOf(name) !== undefined);
    if (names.length === 0) return;
    const dated: { readonly name: string; readonly mtimeMs: number }[] = [];
    for (const name of names) dated.push({ name, mtimeMs: (await files.stat(`${folder}/${name}`))?.mtimeMs ?? Infinity });
    const playlist = (await files.readText(`${folder}/index.m3u8`)) ?? '';
    const plan = planSlateTidying({ files: dated, playlist, current, nowMs: clock.now(), keepMs });
    for (const name of plan.touch) await files.touch(`${folder}/${name}`);
    for (const name of plan.remove) await files.remove(`${folder}/${name}`);
  }

  async function tidyState(wanted: ReadonlySet<string>): Promise<void> {
    for (const name of await files.list(directory)) {
      const hash = /^([0-9a-f]{16})(?:-\d+\.ts|\.json)$/.exec(name)?.[1];
      if (hash !== undefined && wanted.has(hash)) continue;
      const stat = await files.stat(`${directory}/${name}`);
      if (stat === undefined || clock.now() - stat.mtimeMs < (hash === undefined ? scrapAfterMs : forgetAfterMs)) continue;
      if (hash !== undefined) known.delete(hash);
      await files.remove(`${directory}/${name}`);
    }
  }

  return {
    async find(hash) {
      const durations = known.get(hash) ?? (await read(hash));
      if (durations !== undefined) known.set(hash, durations);
      return durations;
    },
    async remember(hash, durations) {
      await files.writeAtomic(recordPath(hash), `${JSON.stringify({ durations })}\n`, 0o600);
      known.set(hash, durations);
    },
    async lay(id, hash, segments) {
      const folder = `${hlsDirectory}/${id}`;
      const parent = await files.stat(hlsDirectory);
      if (parent === undefined) return;
      // Open to the same users as the HLS folder, like the channel playlist beside it.
      await files.makeDirectory(folder, parent.mode & 0o7777);
      try {
        for (let index = 0; index < segments; index += 1) {
          await files.copy(segmentPath(directory, hash, index), `${folder}/${slateName(hash, index)}`);
        }
      } catch (error) {
        // Perhaps what was remembered is gone: the next look finds out.
        known.delete(hash);
        throw error;
      }
    },
    async keep(id, hash, segments, touchAfterMs) {
      for (let index = 0; index < segments; index += 1) {
        const path = `${hlsDirectory}/${id}/${slateName(hash, index)}`;
        const stat = await files.stat(path);
        if (stat === undefined || stat.size === 0) return false;
        if (Math.abs(clock.now() - stat.mtimeMs) > touchAfterMs) await files.touch(path);
      }
      return true;
    },
    async tidy(current, keepMs) {
      for (const id of await files.list(hlsDirectory)) {
        if (isStreamId(id)) await tidyChannel(id, current.get(id), keepMs(id));
      }
      await tidyState(new Set(current.values()));
    },
  };
}

function parse(text: string | undefined): readonly number[] | undefined {
  try {
    const { durations } = JSON.parse(text ?? '') as { readonly durations?: unknown };
    const isList = Array.isArray(durations) && durations.length > 0 && durations.every((value) => typeof value === 'number' && value > 0);
    return isList ? (durations as readonly number[]) : undefined;
  } catch {
    return undefined;
  }
}
