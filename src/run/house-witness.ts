// Witnesses that all streams share: nginx's /stat, the HLS folder, and one channel a second as a viewer would fetch it.

import { AppError } from '../core/errors.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { Ports } from '../core/ports.ts';
import { findRtmpStream, parseRtmpStat } from '../observe/rtmp-stat.ts';
import type { Witnesses } from '../observe/verdict.ts';

export interface Asked {
  readonly id: string;
  /** What a viewer opens; undefined while there is nothing to open. */
  readonly url: string | undefined;
  /** Its other witnesses speak of trouble: it is asked before its turn. */
  readonly isSuspect: boolean;
  /** Bytes of one segment, as far as known. */
  readonly segmentBytes: number;
}

export interface HouseWitness {
  /** Asks what is due; never rejects. `running`: streams that deliver. */
  refresh(running: readonly Asked[], isTrouble: boolean): Promise<void>;
  readonly volume: () => Witnesses['volume'];
  readonly rtmp: (id: string) => Witnesses['rtmp'];
  readonly http: (id: string) => Witnesses['http'];
}

const statEveryMs = { calm: 15_000, trouble: 5000 };
const statIsOldMs = 40_000;
const volumeEveryMs = { calm: 5000, trouble: 1000 };
const httpTimeoutMs = 2000;
const statTimeoutMs = 3000;
/** A disk is not mended in a moment: what shedding frees is filled again, and meanwhile nothing else is to blame. */
const volumeHoldMs = 10_000;
/** Less than this is not enough for one more segment of any channel. */
const leastFreeBytes = 1024 * 1024;
const leastFreeInodes = 8;

export function createHouseWitness(options: {
  readonly ports: Pick<Ports, 'clock' | 'files' | 'net'>;
  readonly endpoints: Endpoints;
}): HouseWitness {
  const { ports, endpoints } = options;
  const { clock, files, net } = ports;
  const application = new URL(endpoints.rtmpUrl).pathname.replace(/^\/|\/$/g, '');
  const http = new Map<string, { failures: number; reason: string; evidence: readonly string[] }>();
  let rtmp = new Map<string, { readonly publishing: boolean; readonly bytesIn: number; readonly bytesInGrow: boolean }>();
  let volume: Witnesses['volume'];
  let lastBad: { readonly volume: Witnesses['volume']; readonly at: number } | undefined;
  let statAt = -Infinity;
  let statAskedAt = -Infinity;
  let volumeAt = -Infinity;
  let cursor = '';

  async function askStat(now: number): Promise<void> {
    statAskedAt = now;
    const answer = await net.get(endpoints.statUrl, { timeoutMs: statTimeoutMs });
    const stat = answer?.status === 200 ? parseRtmpStat(answer.body) : undefined;
    if (stat === undefined) return;
    statAt = clock.monotonic();
    const streams = stat.applications.find(({ name }) => name === application)?.streams ?? [];
    rtmp = new Map(
      streams.map(({ name }) => {
        const { publishing = false, bytesIn = 0 } = findRtmpStream(stat, application, name) ?? {};
        return [name, { publishing, bytesIn, bytesInGrow: bytesIn > (rtmp.get(name)?.bytesIn ?? 0) }];
      }),
    );
  }

  async function askVolume(now: number, segmentBytes: number, isTrouble: boolean): Promise<void> {
    volumeAt = now;
    const directory = endpoints.hlsDirectory;
    try {
      const space = await files.diskSpace(directory);
      const needed = Math.max(leastFreeBytes, 2 * segmentBytes);
      if (space.freeBytes < needed) {
        const free = `${Math.round(space.freeBytes / 1024)} KiB of ${Math.round(space.totalBytes / 1024 / 1024)} MiB are free`;
        volume = { name: 'volume-full', reason: `the disk of ${directory} is full`, evidence: [free] };
        return;
      }
      // Some file systems have no inodes to count (total 0).
      if (space.totalInodes > 0 && space.freeInodes < leastFreeInodes) {
        volume = {
          name: 'volume-full',
          reason: `the file system of ${directory} has no inode left`,
          evidence: [`${space.freeInodes} free`],
        };
        return;
      }
      // A test file is written only while something is wrong: it costs a write and tells what no number does.
      if (isTrouble) await writeTest(directory);
      volume = undefined;
    } catch (error) {
      volume = volumeProblem(directory, error);
    }
  }

  async function writeTest(directory: string): Promise<void> {
    const path = `${directory}/.iptv-witness`;
    await files.writeAtomic(path, 'x'.repeat(4096), 0o644);
    await files.remove(path);
  }

  async function askHttp(id: string, url: string): Promise<void> {
    const answer = await net.get(url, { timeoutMs: httpTimeoutMs });
    if (answer?.status === 200 && answer.body.startsWith('#EXTM3U')) {
      http.delete(id);
      return;
    }
    const what =
      answer === undefined
        ? `no answer within ${httpTimeoutMs / 1000} s`
        : answer.status === 200
          ? `200, and no playlist: ${JSON.stringify(answer.body.slice(0, 60))}`
          : `status ${answer.status}`;
    const reason = `a viewer's request for the playlist is not answered: ${what}`;
    http.set(id, { reason, evidence: [`GET ${url}: ${what}`], failures: (http.get(id)?.failures ?? 0) + 1 });
  }

  /** A stream that failed is asked again at once; then those in trouble; else each in turn. */
  function next(running: readonly Asked[]): Asked | undefined {
    const failing = running.find(({ id }) => http.get(id)?.failures === 1);
    if (failing !== undefined) return failing;
    const sorted = [...running].sort((left, right) => (left.id < right.id ? -1 : 1));
    const suspects = sorted.filter(({ isSuspect, id }) => isSuspect || http.has(id));
    // Half of the turns are for the calm ones: a house with one sick channel must still see the others.
    const pool = suspects.length > 0 && Math.round(clock.monotonic() / 1000) % 2 === 0 ? suspects : sorted;
    const found = pool.find(({ id }) => id > cursor) ?? pool[0];
    cursor = found?.id ?? '';
    return found;
  }

  return {
    async refresh(running, isTrouble) {
      const now = clock.monotonic();
      const every = isTrouble ? 'trouble' : 'calm';
      for (const id of http.keys()) if (!running.some((asked) => asked.id === id)) http.delete(id);
      const work: Promise<void>[] = [];
      if (running.length > 0 && now - statAskedAt >= statEveryMs[every]) work.push(askStat(now));
      if (now - volumeAt >= volumeEveryMs[every]) {
        work.push(askVolume(now, Math.max(0, ...running.map(({ segmentBytes }) => segmentBytes)), isTrouble));
      }
      const asked = next(running.filter(({ url }) => url !== undefined));
      if (asked?.url !== undefined) work.push(askHttp(asked.id, asked.url));
      await Promise.allSettled(work);
      if (volume !== undefined) lastBad = { volume, at: clock.monotonic() };
    },
    volume: () => volume ?? (lastBad !== undefined && clock.monotonic() - lastBad.at < volumeHoldMs ? lastBad.volume : undefined),
    rtmp(id) {
      if (clock.monotonic() - statAt > statIsOldMs) return undefined;
      const found = rtmp.get(id);
      return { publishing: found?.publishing ?? false, bytesInGrow: found?.bytesInGrow ?? false };
    },
    http(id) {
      const found = http.get(id);
      // One request may be lost.
      return found === undefined || found.failures < 2 ? undefined : { reason: found.reason, evidence: found.evidence };
    },
  };
}

function volumeProblem(directory: string, error: unknown): NonNullable<Witnesses['volume']> {
  const code = error instanceof AppError ? error.code : '';
  const message = error instanceof Error ? error.message : String(error);
  const evidence = error instanceof AppError ? error.evidence : [];
  if (code === 'disk-full') return { name: 'volume-full', reason: `the disk of ${directory} is full`, evidence: [message, ...evidence] };
  return { name: 'volume-denied', reason: `${directory} takes no files: ${message}`, evidence };
}
