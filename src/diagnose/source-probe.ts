// Asks one source of a stream with ffprobe, exactly as its job would, from where the job runs.

import type { SourceConfig } from '../core/config.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import { classifyFailure, type FailureClass } from '../observe/failure-class.ts';
import { parseProbe } from '../observe/stream-lines.ts';
import { probeArgv } from '../plan/probe.ts';
import type { DoctorContext } from './context.ts';

export type SourceAnswer =
  | { readonly state: 'answers'; readonly facts: SourceFacts }
  | { readonly state: 'refused'; readonly failure: FailureClass; readonly status: number | undefined }
  /** There is no ffprobe to ask with. */
  | { readonly state: 'unasked'; readonly why: string };

/** A slow provider needs up to 25 s for its first byte; more than this is a source that does not answer. */
const limitSeconds = 30;

/** Some providers let only players in that they know. */
export const userAgents: readonly string[] = [
  'VLC/3.0.20 LibVLC/3.0.20',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'okhttp/4.12.0',
  'IPTVSmartersPro',
];

/** Of the ffmpeg in the image nothing is asked: options that every supported version has are enough. */
const anyFfmpeg: FfmpegFacts = {
  path: 'ffmpeg',
  version: 'unknown',
  protocols: new Set(),
  muxers: new Set(),
  demuxers: new Set(),
  encoders: new Set(),
  filters: new Set(),
  options: new Map(),
};

export async function askSource(context: DoctorContext, source: SourceConfig, ffmpeg: FfmpegFacts = anyFfmpeg): Promise<SourceAnswer> {
  const { backend } = context.places;
  if (backend.unreachable !== undefined) return { state: 'unasked', why: backend.unreachable };
  const ffprobe = context.runtime === 'local' ? context.tools?.ffprobe : 'ffprobe';
  if (ffprobe === undefined) return { state: 'unasked', why: 'ffprobe was not found' };
  // In a container nobody would end it when we give up.
  const argv = ['timeout', '-k', '2', String(limitSeconds), ffprobe, ...probeArgv(inPlace(context, source), ffmpeg)] as const;
  const result = await backend.run([...argv], { timeoutMs: (limitSeconds + 5) * 1000 });
  const facts = result.exitCode === 0 ? parseProbe(result.stdout) : undefined;
  if (facts !== undefined) return { state: 'answers', facts };
  const lines = result.stderr.split('\n').filter((line) => line.trim() !== '');
  // timeout(1) ends with 124 for a program that it had to end.
  const silent = result.timedOut || result.exitCode === 124 || result.exitCode === 137;
  const failure = silent && lines.length === 0 ? silence : classifyFailure(lines, { code: result.exitCode });
  return { state: 'refused', failure, status: statusIn(lines) };
}

const silence: FailureClass = {
  cause: 'timeout',
  message: `the source takes the connection and sends nothing for ${limitSeconds} s`,
  retry: 'normal',
  evidence: [],
};

/** The list is mounted at another path inside, and its files with it. */
function inPlace({ runtime, inside, config }: DoctorContext, source: SourceConfig): SourceConfig {
  if (source.kind !== 'file' || runtime !== 'docker' || inside === true) return source;
  const folder = config.path.slice(0, config.path.lastIndexOf('/'));
  return { ...source, url: source.url.replace(folder, '/etc/iptv') };
}

function statusIn(lines: readonly string[]): number | undefined {
  const status = lines.map((line) => /(?:HTTP error|Server returned) (\d{3})\b/.exec(line)?.[1]).find((text) => text !== undefined);
  return status === undefined ? undefined : Number(status);
}
