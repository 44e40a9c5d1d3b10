// Many viewers at once, each of whom loads playlists and segments as RFC 8216 6.3.3 and 6.3.4 have players do it.

import { Agent, get } from 'node:http';

export interface CrowdOptions {
  readonly url: string;
  readonly viewers: number;
  readonly seconds: number;
  /** Over how long they arrive; 0: all in one moment. */
  readonly arriveSeconds: number;
  /** What a segment must be. */
  readonly segment: (name: string) => Buffer | undefined;
  /** See MovingChannel. */
  readonly outdatedMs: (lastSegment: string) => number | undefined;
}

export interface CrowdReport {
  readonly playlists: number;
  readonly segments: number;
  readonly bytes: number;
  /** What went wrong, by its words. */
  readonly failures: ReadonlyMap<string, number>;
  /** Answers by X-Cache. */
  readonly cache: ReadonlyMap<string, number>;
  /** The worst playlist: for how long it had been outdated when it came. */
  readonly outdatedMs: number;
  /** Milliseconds from request to last byte, of all answers. */
  readonly latencies: readonly number[];
  /** Segments that the one who got the fewest got. */
  readonly leastSegments: number;
}

interface Answer {
  readonly status: number;
  readonly cache: string;
  readonly body: Buffer;
}

export async function runCrowd(options: CrowdOptions): Promise<CrowdReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity, scheduling: 'fifo' });
  const failures = new Map<string, number>();
  const cache = new Map<string, number>();
  const latencies: number[] = [];
  let playlists = 0;
  let segments = 0;
  let bytes = 0;
  let outdatedMs = 0;
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  const end = performance.now() + options.seconds * 1000;

  async function ask(url: string): Promise<Answer | undefined> {
    const begun = performance.now();
    const answer = await load(url, agent).catch((error: unknown) => {
      count(failures, error instanceof Error ? error.message : String(error));
      return undefined;
    });
    if (answer === undefined) return undefined;
    latencies.push(performance.now() - begun);
    bytes += answer.body.length;
    count(cache, answer.cache);
    if (answer.status === 200) return answer;
    count(failures, `HTTP ${answer.status}`);
    return undefined;
  }

  async function watch(index: number): Promise<number> {
    await sleep((options.arriveSeconds * 1000 * index) / options.viewers);
    let last = '';
    let lastText = '';
    let got = 0;
    while (performance.now() < end) {
      const askedAt = performance.now();
      const answer = await ask(options.url);
      let waitSeconds = 1;
      if (answer !== undefined) {
        playlists += 1;
        const text = answer.body.toString();
        const uris = text.split('\n').filter((line) => line.endsWith('.ts'));
        const target = Number(/TARGETDURATION:(\d+)/.exec(text)?.[1] ?? 1);
        waitSeconds = text === lastText ? target / 2 : target;
        lastText = text;
        outdatedMs = Math.max(outdatedMs, options.outdatedMs(uris.at(-1) ?? '') ?? Infinity);
        const known = uris.indexOf(last);
        if (last !== '' && known === -1) count(failures, 'a segment was missed');
        // 6.3.3: not closer to the end than three target durations.
        for (const uri of last === '' ? uris.slice(-3) : uris.slice(known + 1)) {
          const segment = await ask(new URL(uri, options.url).href);
          last = uri;
          if (segment === undefined) continue;
          segments += 1;
          got += 1;
          if (options.segment(uri)?.equals(segment.body) !== true) count(failures, 'a segment has other bytes');
        }
      }
      await sleep(Math.max(0, waitSeconds * 1000 - (performance.now() - askedAt)));
    }
    return got;
  }

  try {
    const each = await Promise.all(Array.from({ length: options.viewers }, (_, index) => watch(index)));
    return { playlists, segments, bytes, failures, cache, outdatedMs, latencies, leastSegments: Math.min(...each) };
  } finally {
    agent.destroy();
  }
}

function load(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: 30_000 }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, cache: String(response.headers['x-cache'] ?? ''), body: Buffer.concat(parts) }),
      );
    });
    request.once('timeout', () => request.destroy(new Error('no answer within 30 s')));
    request.once('error', reject);
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
