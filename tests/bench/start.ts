// From the order to a playable channel, against plain ffmpeg pushing the same file to the same nginx.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';

import type { TestStack } from '../helpers/stack.ts';
import type { Figure, PartReport } from './figure.ts';
import { median, pairRatios, quantile, round } from './numbers.ts';
import { hasNews, segmentsOf } from './segments.ts';
import { entry, iptv, makeSource, withStack, type Session } from './session.ts';

const aim = 1.1;
const pollMs = 10;
const limitMs = 60_000;

type Way = 'plain' | 'unseen' | 'seen';

export async function measureStart(session: Session): Promise<PartReport> {
  const source = makeSource(session, { name: 'start', size: '320x180', fps: 25, seconds: 20, videoBitrate: '300k', audioBitrate: '64k' });
  const rounds = session.quick ? 3 : 9;
  const unseen = (round: number): string => `unseen${round}`;
  const streams = ['seen', ...Array.from({ length: rounds }, (_, at) => unseen(at))].map((id) => entry(id, source)).join('\n');
  return withStack(session, { streams }, async (stack) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const channel = { session, stack, agent };
    const samples: Record<Way, number[]> = { plain: [], unseen: [], seen: [] };
    try {
      // Once without counting: every program and page is in memory then, and `seen` has been seen.
      await timeIptv(channel, 'seen');
      await timePlain(channel, source);
      for (let at = 0; at < rounds; at += 1) {
        session.say(`start: round ${at + 1} of ${rounds}`);
        samples.plain.push(await timePlain(channel, source));
        samples.unseen.push(await timeIptv(channel, unseen(at)));
        samples.seen.push(await timeIptv(channel, 'seen'));
      }
    } finally {
      agent.destroy();
    }
    return { figures: [figureOf('seen', samples), figureOf('unseen', samples)], samples };
  });
}

function figureOf(way: 'seen' | 'unseen', samples: Record<Way, readonly number[]>): Figure {
  const ratios = pairRatios(samples[way], samples.plain);
  const medians = `${round(median(samples[way]) / 1000, 2)} s against ${round(median(samples.plain) / 1000, 2)} s`;
  const spread = `quartiles ${round(quantile(ratios, 0.25), 2)}..${round(quantile(ratios, 0.75), 2)}`;
  return {
    part: 'start',
    name: way === 'seen' ? 'start to playable, source seen before' : 'start to playable, source never seen',
    value: median(ratios),
    unit: 'x ffmpeg',
    aim,
    detail: `${medians}, ${ratios.length} pairs, ${spread}`,
  };
}

export interface Channel {
  readonly session: Session;
  readonly stack: TestStack;
  readonly agent: Agent;
}

/** Milliseconds from spawning `iptv start` until nginx serves a segment. */
async function timeIptv(channel: Channel, id: string): Promise<number> {
  const { session, stack } = channel;
  session.check();
  const url = `${stack.url}/live/${id}/index.m3u8`;
  const known = new Set(await segmentsOf(url, channel.agent));
  const begun = performance.now();
  const ordered = iptv(session, stack, 'start', id, '--no-wait');
  // Its failure is told below; until then nobody else may be surprised by it.
  ordered.catch(() => undefined);
  const tookMs = await timePlayable(url, channel, begun, known);
  await ordered;
  await iptv(session, stack, 'stop', id, '--wait');
  await forget(session, stack, id);
  return tookMs;
}

export async function timePlain(channel: Channel, source: string): Promise<number> {
  const { session, stack } = channel;
  const id = 'plain';
  session.check();
  const url = `${stack.url}/hls/${id}.m3u8`;
  const known = new Set(await segmentsOf(url, channel.agent));
  const target = `rtmp://127.0.0.1:${stack.ports.rtmp}/live/${id}`;
  const begun = performance.now();
  const argv = ['-nostdin', '-v', 'error', '-re', '-stream_loop', '-1', '-i', source, '-c', 'copy', '-f', 'flv', target];
  const ffmpeg = spawn('ffmpeg', argv, { stdio: 'ignore' });
  const ended = once(ffmpeg, 'exit');
  try {
    return await timePlayable(url, channel, begun, known);
  } finally {
    ffmpeg.kill('SIGTERM');
    await ended;
    await forget(session, stack, id);
  }
}

async function timePlayable(url: string, channel: Channel, begun: number, known: ReadonlySet<string>): Promise<number> {
  await channel.session.until(`${url} plays`, () => hasNews(url, known, channel.agent), { everyMs: pollMs, limitMs });
  return performance.now() - begun;
}

/** The next start of the same channel must not find a playlist that plays already. */
export async function forget(session: Session, stack: TestStack, id: string): Promise<void> {
  // nginx writes the last segment when it sees that the publisher has gone, which may be a moment later.
  await session.until(
    `the files of ${id} are gone`,
    async () => {
      remove(stack, id);
      await session.sleep(500);
      return (await segmentsOf(`${stack.url}/hls/${id}.m3u8`)).length === 0;
    },
    { everyMs: 10, limitMs },
  );
}

function remove(stack: TestStack, id: string): void {
  for (const name of readdirSync(stack.hls)) {
    if (name.startsWith(`${id}.`) || name.startsWith(`${id}-`) || name.startsWith(`stream_${id}`))
      rmSync(join(stack.hls, name), { force: true });
  }
}
