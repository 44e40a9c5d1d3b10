// From the first request for an idle channel to a segment in hand, against plain ffmpeg pushing the same file to the same nginx.

import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';

import type { TestStack } from '../helpers/stack.ts';
import type { Figure, PartReport } from './figure.ts';
import { median, pairRatios, quantile, round } from './numbers.ts';
import { entry, iptv, makeSource, withStack, type Session } from './session.ts';
import { forget, timePlain, type Channel } from './start.ts';

const aim = 1.15;
const viewers = 200;
const limitMs = 60_000;

export async function measureOnDemand(session: Session): Promise<PartReport> {
  const source = makeSource(session, {
    name: 'ondemand',
    size: '320x180',
    fps: 25,
    seconds: 20,
    videoBitrate: '300k',
    audioBitrate: '64k',
  });
  const rounds = session.quick ? 3 : 9;
  const more = '\n    start: ondemand\n    firstWait: 60s';
  const ids = ['seen', 'crowd', ...Array.from({ length: rounds }, (_, at) => `unseen${at}`)];
  const streams = ids.map((id) => `${entry(id, source)}${more}`).join('\n');
  return withStack(session, { streams }, async (stack) => {
    const channel: Channel = { session, stack, agent: new Agent({ keepAlive: true, maxSockets: 1 }) };
    const samples: Record<'plain' | 'seen' | 'unseen', number[]> = { plain: [], seen: [], unseen: [] };
    try {
      // Once without counting, as in the part `start`.
      await timeFirstViewer(channel, 'seen');
      await timePlain(channel, source);
      for (let at = 0; at < rounds; at += 1) {
        session.say(`ondemand: round ${at + 1} of ${rounds}`);
        samples.plain.push(await timePlain(channel, source));
        samples.seen.push(await timeFirstViewer(channel, 'seen'));
        samples.unseen.push(await timeFirstViewer(channel, `unseen${at}`));
      }
      const crowd = await timeCrowd(channel);
      return {
        figures: [
          figureOf('first request to a segment, source seen before', samples.seen, samples.plain),
          figureOf('first request to a segment, source never seen', samples.unseen, samples.plain),
          {
            part: 'ondemand',
            name: `jobs started by ${viewers} first viewers at once`,
            value: crowd.jobs,
            unit: 'jobs',
            aim: 1,
            detail: `the last of them had the playlist after ${round(crowd.lastMs / 1000, 2)} s, ${crowd.answered} of them`,
          },
        ],
        samples: { ...samples, crowd },
      };
    } finally {
      channel.agent.destroy();
    }
  });
}

function figureOf(name: string, measured: readonly number[], plain: readonly number[]): Figure {
  const ratios = pairRatios(measured, plain);
  const medians = `${round(median(measured) / 1000, 2)} s against ${round(median(plain) / 1000, 2)} s`;
  const spread = `quartiles ${round(quantile(ratios, 0.25), 2)}..${round(quantile(ratios, 0.75), 2)}`;
  return { part: 'ondemand', name, value: median(ratios), unit: 'x ffmpeg', aim, detail: `${medians}, ${ratios.length} pairs, ${spread}` };
}

/** Milliseconds from the request for the playlist of an idle channel until one of its segments is in hand. */
async function timeFirstViewer({ session, stack }: Channel, id: string): Promise<number> {
  session.check();
  await iptv(session, stack, 'start', id);
  const begun = performance.now();
  const name = firstSegment(await fetchText(stack, `/live/${id}/index.m3u8`));
  await fetchText(stack, `/live/${id}/${name}`);
  const tookMs = performance.now() - begun;
  await iptv(session, stack, 'stop', id, '--wait');
  await forget(session, stack, id);
  return tookMs;
}

async function timeCrowd({ session, stack }: Channel): Promise<{ jobs: number; lastMs: number; answered: number }> {
  await iptv(session, stack, 'start', 'crowd');
  const begun = performance.now();
  const texts = await Promise.all(Array.from({ length: viewers }, () => fetchText(stack, '/live/crowd/index.m3u8')));
  const lastMs = performance.now() - begun;
  const events = readFileSync(join(stack.state, 'events.jsonl'), 'utf8').trim().split('\n');
  const started = events.map((line) => JSON.parse(line) as { stream: string | null; kind: string });
  const jobs = started.filter(({ stream, kind }) => stream === 'crowd' && kind === 'job-started').length;
  await iptv(session, stack, 'stop', 'crowd', '--wait');
  return { jobs, lastMs, answered: texts.filter((text) => firstSegment(text) !== '').length };
}

function firstSegment(text: string): string {
  return text.split('\n').find((line) => /^(?!slate-).*\.ts$/.test(line)) ?? '';
}

function fetchText(stack: TestStack, path: string): Promise<string> {
  return new Promise((done, reject) => {
    const request = get(`${stack.url}${path}`, { timeout: limitMs, agent: false }, (response) => {
      let text = '';
      response.setEncoding('latin1').on('data', (part: string) => (text += part));
      response.on('error', reject);
      response.on('end', () => (response.statusCode === 200 ? done(text) : reject(new Error(`${path}: ${response.statusCode} ${text}`))));
    });
    request.on('timeout', () => request.destroy(new Error(`${path}: no answer within ${limitMs / 1000} s`))).on('error', reject);
  });
}
