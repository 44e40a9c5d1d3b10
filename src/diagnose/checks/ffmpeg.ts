// Is there an ffmpeg that runs and can do what every job and the streams in the list need?

import type { Config, SourceKind, StreamConfig } from '../../core/config.ts';
import type { FfmpegFacts } from '../../core/facts.ts';
import { fail, pass, warn, type Check, type Finding } from '../check.ts';
import { onDockerHost } from '../context.ts';
import { lastWords } from '../last-words.ts';

/** Every job writes both legs through these. */
const muxers = ['tee', 'fifo', 'hls', 'flv'];

/** What ffmpeg must be built with to open a source; `rtsp` and `lavfi` are demuxers, the others protocols. */
const inputs: Readonly<Record<SourceKind, readonly string[]>> = {
  hls: ['http', 'hls'],
  'http-ts': ['http'],
  rtmp: ['rtmp'],
  rtsp: ['rtsp', 'tcp'],
  srt: ['srt'],
  udp: ['udp'],
  rtp: ['rtp', 'udp'],
  file: ['file'],
  test: ['lavfi'],
};

export const ffmpegCheck: Check = {
  id: 'ffmpeg',
  title: 'ffmpeg',
  layer: 'host',
  severity: 'error',
  dependsOn: [],
  notHere: (context) => (onDockerHost(context) ? 'the backend image brings its own' : undefined),
  async run({ config, tools }, facts) {
    const path = tools?.ffmpeg;
    const version = await facts.ffmpegVersion();
    if (path === undefined || version === undefined || version.missing) return [missing()];
    if (version.exitCode !== 0) return [doesNotRun(path, lastWords(version, 4))];
    const ffmpeg = await facts.ffmpeg();
    if (ffmpeg === undefined) return [doesNotRun(path, ['it does not tell what it can do'])];
    const problems = [...lacking(ffmpeg), ...unsupported(ffmpeg, config), ...knownTrouble(ffmpeg)];
    return problems.length > 0 ? problems : [pass(`ffmpeg ${ffmpeg.version}`, [path])];
  },
};

function missing(): Finding {
  return fail({ code: 'ffmpeg-missing', what: 'ffmpeg was not found', evidence: ['package: ffmpeg'], next: 'iptv setup' });
}

function doesNotRun(path: string, evidence: readonly string[]): Finding {
  return fail({ code: 'ffmpeg-broken', what: `${path} does not run`, evidence, next: `${path} -version` });
}

/** A set that is empty means that ffmpeg was not asked, or not understood: no reason to refuse. */
function lacks(set: ReadonlySet<string>, name: string): boolean {
  return set.size > 0 && !set.has(name);
}

function lacking(ffmpeg: FfmpegFacts): readonly Finding[] {
  const absent = [...muxers.filter((name) => lacks(ffmpeg.muxers, name)), ...(lacks(ffmpeg.protocols, 'rtmp') ? ['rtmp'] : [])];
  if (absent.length === 0) return [];
  return [
    fail({
      code: 'ffmpeg-incomplete',
      what: `ffmpeg ${ffmpeg.version} was built without ${absent.join(', ')}`,
      evidence: [ffmpeg.path],
      why: 'every job needs them to feed both HLS writers at once',
      next: 'iptv setup',
    }),
  ];
}

/** One stream that cannot run is no reason to keep the others from running. */
function unsupported(ffmpeg: FfmpegFacts, config: Config): readonly Finding[] {
  const users = new Map<string, string[]>();
  for (const stream of config.streams.filter((candidate) => candidate.enabled)) {
    for (const need of needsOf(stream).filter((name) => !has(ffmpeg, name))) users.set(need, [...(users.get(need) ?? []), stream.id]);
  }
  return [...users].map(([need, ids]) =>
    warn({
      code: 'ffmpeg-lacks-input',
      what: `ffmpeg ${ffmpeg.version} was built without ${need}, which ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''} may need`,
      evidence: [ffmpeg.path],
    }),
  );
}

/** `auto` transcodes when the source turns out to carry what the legs cannot. */
function needsOf(stream: StreamConfig): readonly string[] {
  const needs = new Set(
    stream.sources.flatMap((source) => [...inputs[source.kind], ...(source.url.startsWith('https:') ? ['https'] : [])]),
  );
  if (stream.output.video !== 'copy') needs.add('libx264');
  if (stream.output.audio !== 'copy' && stream.output.audio !== 'none') needs.add('aac');
  return [...needs];
}

function has(ffmpeg: FfmpegFacts, name: string): boolean {
  const sets = name === 'libx264' || name === 'aac' ? [ffmpeg.encoders] : [ffmpeg.protocols, ffmpeg.demuxers];
  return sets.some((set) => !lacks(set, name));
}

function knownTrouble(ffmpeg: FfmpegFacts): readonly Finding[] {
  if (!/^n?7\.0(\.|-|$)/.test(ffmpeg.version)) return [];
  return [
    warn({
      code: 'ffmpeg-version',
      what: `ffmpeg ${ffmpeg.version} is known to hang or crash when it is stopped`,
      evidence: [ffmpeg.path],
      why: 'jobs then end only when they are killed; 5.1 and 7.1 are tested',
    }),
  ];
}
