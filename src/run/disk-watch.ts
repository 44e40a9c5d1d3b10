// Watches how full the HLS folder is, sheds the backup legs first when it fills up, and says so.

import type { DiskConfig } from '../core/config.ts';
import type { EventDraft, EventSink } from '../core/events.ts';
import type { ClockPort, DiskSpace, FilesPort } from '../core/ports.ts';
import { diskUse, judgeDisk, newestKept, planShedding, shedGoal, type DiskLevel } from '../playlist/disk-budget.ts';
import { eachOf, readHlsFolder } from '../playlist/hls-folder.ts';

export interface DiskWatch {
  readonly level: () => DiskLevel;
  readonly notes: () => readonly string[];
  /** One look (statfs(2)); at pressure also one piece of shedding. Throws only what the folder itself cannot answer. */
  tick(): Promise<void>;
}

export interface DiskWatchOptions {
  readonly files: FilesPort;
  readonly clock: Pick<ClockPort, 'monotonic'>;
  readonly directory: string;
  readonly limits: () => DiskConfig;
  readonly knownIds: () => ReadonlySet<string>;
  readonly keptNames: () => ReadonlySet<string>;
  /** Names are in it while they are being deleted: a channel must not list them any more. */
  readonly going?: Set<string>;
  readonly events: EventSink;
}

const shedEveryMs = 2000;
const mib = 1024 ** 2;

export function createDiskWatch(options: DiskWatchOptions): DiskWatch {
  const { files, clock, directory, events } = options;
  let level: DiskLevel = 'ok';
  let space: DiskSpace | undefined;
  let shedAt = -Infinity;
  /** Since the pressure began. */
  let freed = { files: 0, bytes: 0 };
  let saidShed = false;
  let saidHelpless = false;

  async function shed(now: DiskSpace, at: 'shed' | 'scarce'): Promise<void> {
    if (clock.monotonic() - shedAt < shedEveryMs) return;
    shedAt = clock.monotonic();
    const folder = await readHlsFolder(files, directory);
    const goal = shedGoal(now, options.limits());
    const plan = await planShedding({
      level: at,
      ...folder,
      knownIds: options.knownIds(),
      keptNames: options.keptNames(),
      goal,
      stat: async (name) => files.stat(`${directory}/${name}`).catch(() => undefined),
    });
    await eachOf(plan, async ({ name, bytes }) => {
      // A channel may have gone over to that leg meanwhile.
      if (options.keptNames().has(name)) return;
      options.going?.add(name);
      if (await files.remove(`${directory}/${name}`).catch(() => false)) freed = { files: freed.files + 1, bytes: freed.bytes + bytes };
      options.going?.delete(name);
    });
    if (plan.length > 0) {
      if (saidShed) return;
      saidShed = true;
      record('shedding', `${sentence(now)}: shedding the backup legs so that the channels play on`, {
        action: `backup legs are cut to their newest ${newestKept} segments; so far ${figures(freed)}`,
      });
    } else if (!saidHelpless) {
      saidHelpless = true;
      record('nothing-to-shed', `${sentence(now)}, and nothing of the backup legs is left to shed: other files fill it`, {
        action: null,
        evidence: [`all that iptv may delete there is deleted (${figures(freed)})`, 'free space there, or give it more'],
      });
    }
  }

  function record(cause: string, message: string, more: Pick<EventDraft, 'action' | 'evidence'> = {}): void {
    const { bytesPercent, inodesPercent } = space === undefined ? { bytesPercent: 0, inodesPercent: 0 } : diskUse(space);
    events.record({
      ...{ stream: null, kind: 'disk', cause, message, ...more },
      data: {
        level,
        usedPercent: Math.round(bytesPercent),
        inodesUsedPercent: Math.round(inodesPercent),
        freeBytes: space?.freeBytes ?? null,
        freeInodes: space?.freeInodes ?? null,
        deletedFiles: freed.files,
        deletedBytes: freed.bytes,
      },
    });
  }

  function sentence(now: DiskSpace): string {
    const { bytesPercent, inodesPercent } = diskUse(now);
    const used =
      inodesPercent > bytesPercent
        ? `has used ${Math.floor(inodesPercent)} % of its inodes (${now.freeInodes} of ${now.totalInodes} free)`
        : `is ${Math.floor(bytesPercent)} % full (${megabytes(now.freeBytes)} of ${megabytes(now.totalBytes)} free)`;
    return `the file system of ${directory} ${used}`;
  }

  return {
    level: () => level,
    notes: () => (level === 'ok' || space === undefined ? [] : [`${sentence(space)}${consequence(level, freed.files)}`]),
    async tick() {
      const now = await files.diskSpace(directory);
      const before = level;
      space = now;
      level = judgeDisk(before, now, options.limits());
      if (before === 'ok' && level !== 'ok') {
        freed = { files: 0, bytes: 0 };
        saidShed = false;
        saidHelpless = false;
      }
      if (before === 'ok' && level === 'warn') record('filling', sentence(now), { action: null });
      if (before !== 'ok' && level === 'ok') {
        record('recovered', `${sentence(now)}: there is room again`, { action: freed.files === 0 ? null : `had shed ${figures(freed)}` });
      }
      if (level === 'shed' || level === 'scarce') await shed(now, level);
    },
  };
}

function consequence(level: DiskLevel, shed: number): string {
  if (level === 'warn') return '';
  return shed === 0 ? '; nothing can be shed' : `; the backup legs are cut short (${shed} segments so far) so that the channels play on`;
}

function figures({ files, bytes }: { readonly files: number; readonly bytes: number }): string {
  return `${files} segments, ${megabytes(bytes)}`;
}

function megabytes(bytes: number): string {
  return bytes < 100 * mib ? `${(bytes / mib).toFixed(1)} MiB` : `${Math.round(bytes / mib)} MiB`;
}
