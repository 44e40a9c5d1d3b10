// Two test files in the HLS folder, fetched in every way that matters and removed again: what mime, m3u8 and cors judge.

import type { GetOptions, HttpAnswer } from '../../core/ports.ts';
import type { DoctorContext } from '../context.ts';
import { lastWords } from '../last-words.ts';
import type { Place } from '../place.ts';

/** Any origin that is not ours. */
export const foreignOrigin = 'https://player.example';
/** What viewers' browsers ask before they fetch with headers of their own. */
const preflight = { 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'range' };
const askTimeoutMs = 5000;

/** Names of the requests; `redirect` is /hls without its slash. */
export type ProbeName = 'playlist' | 'segment' | 'head' | 'options' | 'part' | 'missing' | 'redirect';

export interface Probe {
  /** Why the files could not be written; undefined: they were there. */
  readonly refused: readonly string[] | undefined;
  /** Where they were written. */
  readonly place: Place;
  readonly directory: string;
  /** Name of the playlist in the folder. */
  readonly playlistName: string;
  readonly body: string;
  readonly url: Readonly<Record<ProbeName, string>>;
  readonly method: Readonly<Record<ProbeName, 'GET' | 'HEAD' | 'OPTIONS'>>;
  /** undefined: nothing answered, or it was not asked because the files are missing. */
  readonly answers: Readonly<Partial<Record<ProbeName, HttpAnswer>>>;
}

export async function readProbe(context: DoctorContext): Promise<Probe> {
  const { places, ports, endpoints, originUrl } = context;
  // The seed writes it where nginx is; inside the other container, and where nginx's folder is this host's, it is written here.
  const place = context.runtime === 'docker' && places.origin.unreachable === undefined ? places.origin : places.backend;
  const directory = endpoints.hlsDirectory;
  const name = `iptv-doctor-${ports.process.pid}`;
  const files = [`${directory}/${name}.m3u8`, `${directory}/${name}.ts`] as const;
  const body = `#EXTM3U\n# written by iptv doctor, ${ports.clock.now()}\n`;
  const url = {
    playlist: `${originUrl}/hls/${name}.m3u8`,
    segment: `${originUrl}/hls/${name}.ts`,
    head: `${originUrl}/hls/${name}.m3u8`,
    options: `${originUrl}/hls/${name}.m3u8`,
    part: `${originUrl}/hls/${name}.ts`,
    missing: `${originUrl}/hls/${name}-missing.m3u8`,
    redirect: `${originUrl}/hls`,
  };
  const method = {
    playlist: 'GET',
    segment: 'GET',
    head: 'HEAD',
    options: 'OPTIONS',
    part: 'GET',
    missing: 'GET',
    redirect: 'GET',
  } as const;
  try {
    const written = await place.run(['tee', ...files], { input: body });
    const refused = written.exitCode === 0 ? undefined : lastWords(written, 3);
    const answers: Partial<Record<ProbeName, HttpAnswer>> = {};
    const ask = async (which: ProbeName): Promise<void> => {
      const extra = which === 'options' ? preflight : which === 'part' ? { Range: 'bytes=0-3' } : {};
      const options: GetOptions = { timeoutMs: askTimeoutMs, method: method[which], headers: { Origin: foreignOrigin, ...extra } };
      const answer = await ports.net.get(url[which], options);
      if (answer !== undefined) answers[which] = answer;
    };
    const wanted: readonly ProbeName[] =
      refused === undefined
        ? ['playlist', 'segment', 'head', 'options', 'part', 'missing', 'redirect']
        : ['options', 'missing', 'redirect'];
    await Promise.all(wanted.map(ask));
    return { refused, place, directory, playlistName: `${name}.m3u8`, body, url, method, answers };
  } finally {
    await place.run(['rm', '-f', ...files]);
  }
}
