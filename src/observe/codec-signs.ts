// Notices from ffmpeg's complaints that a source changed its codec in the running connection, which ffmpeg itself does not follow. Pure.

export type Track = 'audio' | 'video';

export interface CodecChange {
  readonly track: Track;
  readonly message: string;
  readonly evidence: readonly string[];
}

export interface CodecSigns {
  /** One line of stderr, read `at`, and written after `since`; both monotonic. */
  feed(line: string, at: number, since?: number): void;
  /** Monotonic time after which the first complaint that still counts was written. */
  readonly since: () => number | undefined;
  /** Complaints came a moment ago: what was finished since then (monotonic) is better not shown until it is clear what they mean. */
  readonly holdFrom: (now: number) => number | undefined;
  /**
   * Asked with every look. `isStill`: no new segment for half of the time that counts as a stall. ffmpeg says a line that repeats
   * only once, so when segments stop although the job goes on (`outTimeUs` grows), one complaint is enough.
   */
  judge(look: { readonly now: number; readonly isStill: boolean; readonly outTimeUs: number | null }): CodecChange | undefined;
  reset(): void;
}

/**
 * Measured on ffmpeg 5.1 with MPEG-TS: AAC to MP2 while copying; H.264 to HEVC or MPEG-2 while copying (its parser speaks, with the
 * context name NULL); another codec than the one that is decoded. A damaged packet gives one of them now and then, a change
 * twenty and more a second.
 */
const signs: readonly (readonly [Track, RegExp])[] = [
  ['audio', /Error parsing ADTS frame header|AAC bitstream not in ADTS format/],
  ['audio', /^\[(?:mp[123](?:float)?|e?ac3|aac(?:_latm)?) @ [^\]]+\].*(?:Header missing|frame sync error|Error decoding AAC frame header)/],
  ['video', /^\[(?:NULL|h264|hevc) @ [^\]]+\].*(?:missing picture in access unit|SEI type \d+ size \d+ truncated|sps_id \d+ out of range)/],
  ['video', /^\[(?:NULL|h264|hevc) @ [^\]]+\].*Invalid NAL unit \d+, skipping/],
];
const repeated = /Last message repeated (\d+) times/;

const windowMs = 5000;
/** Two looks of the sweep decide; a source that is only damaged must not keep its channel waiting each time. */
const holdAfterMs = 2000;
const longestHoldMs = 3500;
const holdAgainAfterMs = 60_000;
const leastCount = 15;
/** A burst of damage is over sooner. */
const leastSpanMs = 900;
const mostEvidence = 3;

interface Seen {
  readonly at: number;
  readonly since: number;
  readonly track: Track;
  readonly count: number;
}

export function createCodecSigns(): CodecSigns {
  let seen: Seen[] = [];
  let evidence: string[] = [];
  let last: Track | undefined;
  let outTimeUs: number | null = null;
  let heldAt = -Infinity;

  function keep(now: number): void {
    if (seen.length === 0) return;
    seen = seen.filter(({ at }) => now - at < windowMs);
    if (seen.length === 0) evidence = [];
  }

  return {
    feed(line, at, since = at) {
      const times = last === undefined ? undefined : repeated.exec(line)?.[1];
      if (times !== undefined && last !== undefined) {
        seen.push({ at, since, track: last, count: Number(times) });
        return;
      }
      last = signs.find(([, pattern]) => pattern.test(line))?.[0];
      if (last === undefined) return;
      seen.push({ at, since, track: last, count: 1 });
      if (evidence.length < mostEvidence && !evidence.includes(line)) evidence.push(line);
    },
    since: () => seen[0]?.since,
    holdFrom(now) {
      const newest = seen.at(-1);
      if (newest === undefined || now - newest.at > holdAfterMs) return undefined;
      if (now - heldAt > holdAgainAfterMs) heldAt = now;
      return now - heldAt < longestHoldMs ? seen[0]?.since : undefined;
    },
    judge({ now, isStill, outTimeUs: next }) {
      const goesOn = outTimeUs !== null && next !== null && next > outTimeUs;
      outTimeUs = next;
      // A line that ffmpeg does not repeat is all there is until the segments stop.
      if (!isStill) keep(now);
      const [first] = seen;
      if (first === undefined) return undefined;
      const count = seen.reduce((sum, { count: times }) => sum + times, 0);
      const isSteady = count >= leastCount && now - first.at >= leastSpanMs;
      if (!isSteady && !(isStill && goesOn)) return undefined;
      const tracks = seen.reduce((sum, { track, count: times }) => sum + (track === 'video' ? times : -times), 0);
      const track = tracks > 0 ? 'video' : 'audio';
      const message = `the source changed its ${track} codec in the running connection: nobody can decode what is written since`;
      return { track, message, evidence };
    },
    reset() {
      seen = [];
      evidence = [];
      last = undefined;
      outTimeUs = null;
    },
  };
}
