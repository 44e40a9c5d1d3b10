// The whole way once: publishes a picture over RTMP, waits for its HLS, fetches, decodes, and takes everything away again.

import { doctorIdPrefix } from '../../core/ids.ts';
import type { RunResult } from '../../core/ports.ts';
import { validateSegment } from '../../playlist/validate/segment.ts';
import { takeSnapshot } from '../../playlist/validate/snapshot.ts';
import { cannotTell, fail, pass, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { lastWords } from '../last-words.ts';
import type { Argv, Place } from '../place.ts';

const lookEveryMs = 250;
/** nginx closes its last segment when the publisher is gone. */
const settleMs = 700;
const decodeTimeoutMs = 20_000;
const behind = [
  'docker',
  'nginx',
  'ports',
  'paths',
  'config',
  'disk',
  'volume',
  'permissions',
  'write',
  'security/publish-denied',
  'endpoint',
];

export const endToEndCheck: DoctorCheck = {
  id: 'e2e',
  title: 'end to end',
  group: 'Delivery',
  layer: 'rtmp',
  severity: 'error',
  dependsOn: ['nginx'],
  onDemand: true,
  timeoutMs: 90_000,
  about:
    'Publishes a synthetic stream under a reserved id (`iptv-doctor-...`) from where the jobs run, through RTMP, nginx and the HLS folder to HTTP, plays it back, decodes it, and removes every file of it.',
  finds: {
    'publish-refused': 'nginx does not take the stream over RTMP',
    'hls-not-written': 'nginx takes the stream, and no playlist appears in the HLS folder',
    'hls-not-served': 'the playlist is in the folder, and does not come over HTTP',
    'hls-not-playable': 'what comes over HTTP is no valid playlist, or cannot be decoded',
    'files-left': 'files of the test stream could not be removed',
  },
  async run(context) {
    const { backend } = context.places;
    const ffmpeg = context.runtime === 'local' ? context.tools?.ffmpeg : 'ffmpeg';
    if (backend.unreachable !== undefined || ffmpeg === undefined)
      return [cannotTell(backend.unreachable ?? 'ffmpeg was not found', 'iptv setup')];
    const id = `${doctorIdPrefix}${Math.floor(context.ports.clock.random() * 1e9).toString(36)}`;
    const trial: Trial = { context, id, ffmpeg, seconds: 3 * context.config.server.segmentSeconds + 4 };
    const publisher = publish(trial);
    try {
      const findings = await follow(trial, publisher);
      await publisher.ended;
      await wait(context, settleMs);
      return [...findings, ...(await tidy(trial))];
    } finally {
      await publisher.ended;
      await tidy(trial);
    }
  },
};

interface Trial {
  readonly context: DoctorContext;
  readonly id: string;
  readonly ffmpeg: string;
  /** How long it publishes: until two segments are complete on a slow machine. */
  readonly seconds: number;
}

interface Publisher {
  readonly ended: Promise<RunResult>;
  result(): RunResult | undefined;
}

function publish({ context, id, ffmpeg, seconds }: Trial): Publisher {
  const { segmentSeconds } = context.config.server;
  const argv = [
    ...['timeout', '-k', '2', String(seconds + 30), ffmpeg, '-v', 'error', '-nostdin'],
    ...[
      '-re',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=320x180:rate=25',
      '-re',
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440',
      '-t',
      String(seconds),
    ],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-pix_fmt',
      'yuv420p',
      '-g',
      String(Math.round(25 * segmentSeconds)),
    ],
    ...['-c:a', 'aac', '-ar', '44100', '-f', 'flv', `${context.endpoints.rtmpUrl}/${id}`],
  ];
  let result: RunResult | undefined;
  const ended = context.places.backend.run(argv as unknown as Argv, { timeoutMs: (seconds + 35) * 1000 }).then((run) => (result = run));
  return { ended, result: () => result };
}

/** Looks from the viewer's side until there is something to play, or the publisher has come to its end without. */
async function follow(trial: Trial, publisher: Publisher): Promise<readonly Finding[]> {
  const { context, id } = trial;
  const url = `${context.originUrl}/hls/${id}.m3u8`;
  let afterEnd = 0;
  for (;;) {
    const answer = await context.ports.net.get(url, { timeoutMs: 3000 });
    const { playlist } = takeSnapshot(answer?.status === 200 ? answer.body : '', { producer: 'leg' });
    if ((playlist?.segments.length ?? 0) > 0) return play(trial, url, answer?.body ?? '');
    if (publisher.result() !== undefined) afterEnd += 1;
    if (afterEnd * lookEveryMs > 2 * settleMs) return [await nothingCame(trial, url, answer?.status, publisher.result())];
    await wait(context, lookEveryMs);
  }
}

async function play(trial: Trial, url: string, body: string): Promise<readonly Finding[]> {
  const { context, id } = trial;
  const { playlist, findings } = takeSnapshot(body, { producer: 'leg' });
  const segment = playlist?.segments[0];
  if (segment === undefined) return [];
  const answer = await context.ports.net.get(new URL(segment.uri, url).href, { timeoutMs: 5000, encoding: 'latin1' });
  const bytes = Uint8Array.from(answer?.body ?? '', (letter) => letter.charCodeAt(0));
  const found = [...findings, ...validateSegment({ uri: segment.uri, status: answer?.status, bytes }, 'leg')];
  const errors = found.filter(({ severity }) => severity === 'error').map(({ message, section }) => `${message} (RFC 8216 ${section})`);
  const decoded = errors.length > 0 ? errors : await decode(trial, segment.uri);
  if (decoded.length === 0) {
    const way = `${context.endpoints.rtmpUrl}/${id} -> ${url} -> ${segment.uri} (${bytes.length} bytes, decoded)`;
    return [pass('a test stream came through RTMP, nginx, the HLS folder and HTTP, and can be decoded', [way])];
  }
  return [
    fail({
      code: 'hls-not-playable',
      what: 'a test stream comes through, and cannot be played',
      evidence: [url, ...decoded.slice(0, 4)],
      why: 'nginx makes something else of it than was sent',
      next: `curl -s ${context.originUrl}/hls/`,
      consequenceOf: behind,
    }),
  ];
}

/** Through HTTP as the backend reaches it; what ffmpeg has to say is the answer. */
async function decode({ context, ffmpeg }: Trial, uri: string): Promise<readonly string[]> {
  const argv: Argv = [ffmpeg, '-v', 'error', '-nostdin', '-i', `${context.endpoints.hlsUrl}/${uri}`, '-f', 'null', '-'];
  const result = await context.places.backend.run(argv, { timeoutMs: decodeTimeoutMs });
  return result.exitCode === 0 && result.stderr.trim() === '' ? [] : lastWords(result, 3);
}

async function nothingCame(trial: Trial, url: string, status: number | undefined, published: RunResult | undefined): Promise<Finding> {
  const { context, id } = trial;
  const rtmpUrl = `${context.endpoints.rtmpUrl}/${id}`;
  const names = (await writer(context).folder(context.config.server.hlsDirectory))?.entries.map(({ name }) => name) ?? [];
  if (names.includes(`${id}.m3u8`))
    return fail({
      code: 'hls-not-served',
      what: `the playlist of a test stream is in the HLS folder, and HTTP answers ${status ?? 'nothing'}`,
      evidence: [url, `${id}.m3u8 is in ${context.config.server.hlsDirectory}`],
      why: 'nginx serves another folder than the one it writes into, or may not read it',
      next: `curl -i ${url}`,
      consequenceOf: behind,
    });
  const said = published === undefined ? [] : published.exitCode === 0 ? [] : lastWords(published, 3);
  const refused = said.length > 0;
  return fail({
    code: refused ? 'publish-refused' : 'hls-not-written',
    what: refused ? 'nginx does not take a test stream over RTMP' : 'nginx takes a test stream, and writes no HLS for it',
    evidence: [rtmpUrl, ...said, ...(refused ? [] : [`no ${id}.m3u8 in ${context.config.server.hlsDirectory}`])],
    why: refused ? 'only the log of nginx says why' : 'nginx cannot write there, or hls is off in its configuration',
    next: 'iptv logs nginx-rtmp',
    consequenceOf: behind,
  });
}

/** Inside the backend container only the own side of the volume can be seen. */
function writer({ places }: DoctorContext): Place {
  return places.origin.unreachable === undefined ? places.origin : places.backend;
}

/** Files of nobody's stream: by their reserved name, whoever wrote them. */
async function tidy({ context, id }: Trial): Promise<readonly Finding[]> {
  const folder = context.config.server.hlsDirectory;
  const place = writer(context);
  const left = async (): Promise<readonly string[]> =>
    ((await place.folder(folder))?.entries ?? []).map(({ name }) => name).filter((name) => name.startsWith(id));
  const names = await left();
  if (names.length > 0) await place.run(['rm', '-f', ...names.map((name) => `${folder}/${name}`)]);
  const stuck = names.length === 0 ? [] : await left();
  if (stuck.length === 0) return [];
  return [
    fail({
      code: 'files-left',
      what: 'files of the test stream could not be removed',
      evidence: stuck.slice(0, 5),
      next: place.describe(['rm', '-f', ...stuck.map((name) => `${folder}/${name}`)]),
      consequenceOf: ['permissions', 'write', 'volume'],
    }),
  ];
}

function wait({ ports }: DoctorContext, ms: number): Promise<void> {
  return new Promise((done) => ports.clock.after(ms, done));
}
