// What viewers see of a batch restart of a whole house: over second connections, and with stop and start.

import type { TestStack } from '../helpers/stack.ts';
import type { Figure, PartReport } from './figure.ts';
import { startLiveFeed, type LiveFeed } from './live-feed.ts';
import { median, round } from './numbers.ts';
import { entry, makeSource, withStack, iptv, type Session } from './session.ts';
import { watchChannels, type Viewers, type Viewing } from './viewers.ts';

const rolling = 5;
const segmentSeconds = 2;

interface Rolled {
  readonly how: 'over second connections' | 'stop and start';
  readonly seconds: number;
  readonly restarted: number;
  readonly seamless: number;
  readonly failed: number;
  readonly viewers: readonly Viewing[];
}

export async function measureRolling(session: Session): Promise<PartReport> {
  const source = makeSource(session, { name: 'rolling', size: '160x90', fps: 10, seconds: 300, videoBitrate: '48k', audioBitrate: '32k' });
  const ids = Array.from({ length: session.quick ? 6 : 50 }, (_, at) => `channel${at + 1}`);
  const limit = ids.length + 2 * rolling;
  const feed = await startLiveFeed(source);
  try {
    return await measureHouse(session, ids, limit, feed);
  } finally {
    await feed.close();
  }
}

async function measureHouse(session: Session, ids: readonly string[], limit: number, feed: LiveFeed): Promise<PartReport> {
  const streams = ids.map((id) => entry(id, `{ url: "${feed.url(id)}", provider: tv }`)).join('\n');
  const server = `providers: { tv: { maxConnections: ${limit}, releaseDelay: 1s } }`;
  return withStack(session, { streams, server }, async (stack) => {
    session.say(`rolling: ${ids.length} channels`);
    await iptv(session, stack, 'start', '--all', '--no-wait');
    await session.until('all channels are well', () => allWell(stack), { everyMs: 2000, limitMs: 240_000 });
    const viewers = watchChannels(stack.url, ids);
    try {
      const rolled = [await roll(session, stack, viewers, 'over second connections')];
      await session.until('all channels are well again', () => allWell(stack), { everyMs: 2000, limitMs: 240_000 });
      rolled.push(await roll(session, stack, viewers, 'stop and start'));
      const connections = {
        part: 'rolling',
        name: `most connections at once to a provider with ${limit}`,
        value: feed.mostOpen(),
        unit: '',
        aim: limit,
      } as const;
      return { figures: [...rolled.flatMap(figuresOf), connections], samples: rolled };
    } finally {
      await viewers.close();
    }
  });
}

async function allWell(stack: TestStack): Promise<boolean> {
  return (await stack.status()).streams.every(({ verdict }) => verdict?.name === 'healthy');
}

async function roll(session: Session, stack: TestStack, viewers: Viewers, how: Rolled['how']): Promise<Rolled> {
  session.say(`rolling: ${how}`);
  viewers.mark();
  const begun = performance.now();
  const words = how === 'stop and start' ? ['--no-seamless'] : [];
  const ran = await stack.iptv('restart', '--all', '--rolling', String(rolling), '--json', '--timeout', '120s', ...words);
  session.check();
  if (ran.stdout === '') throw new Error(`the batch said nothing: ${ran.stderr}`);
  const seconds = (performance.now() - begun) / 1000;
  // What the last ones do to their viewers shows a little later.
  await session.sleep(5000);
  const { restarted, seamless, failed } = JSON.parse(ran.stdout) as Record<'restarted' | 'seamless' | 'failed', readonly unknown[]>;
  return { how, seconds, restarted: restarted.length, seamless: seamless.length, failed: failed.length, viewers: viewers.read() };
}

function figuresOf({ how, seconds, restarted, seamless, failed, viewers }: Rolled): readonly Figure[] {
  const silences = viewers.map(({ longestSilenceSeconds }) => longestSilenceSeconds);
  const stalls = viewers.map(({ longestStallSeconds }) => longestStallSeconds);
  const errors = viewers.reduce((sum, viewer) => sum + viewer.errors, 0);
  const isSeamless = how === 'over second connections';
  const counts = `${restarted} restarted in ${Math.round(seconds)} s, ${rolling} at a time; ${seamless} without a gap, ${failed} failed; ${errors} bad answers`;
  return [
    {
      part: 'rolling',
      name: `${viewers.length} channels, ${how}: longest stall of a player three segments behind`,
      value: Math.max(...stalls),
      unit: 's',
      ...(isSeamless ? { aim: 0 } : {}),
      detail: `${stalls.filter((stall) => stall > 0).length} of ${viewers.length} players stood still; ${counts}`,
    },
    {
      part: 'rolling',
      name: `${viewers.length} channels, ${how}: longest time without a new segment`,
      value: Math.max(...silences),
      unit: 's',
      ...(isSeamless ? { aim: 1.5 * segmentSeconds } : {}),
      detail: `median of the channels ${round(median(silences), 2)} s; segments of ${segmentSeconds} s`,
    },
  ];
}
