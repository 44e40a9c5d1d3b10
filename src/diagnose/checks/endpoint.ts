// What the seed's `curl http://localhost:8088/hls/` asks: the listing, a playlist and a segment, as a viewer gets them.

import { fail, pass, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import type { ServedPlaylist } from '../facts/served.ts';
import { parseMediaPlaylist } from '../../playlist/media-playlist.ts';

const askTimeoutMs = 5000;
const explaining = [
  'docker',
  'supervisor',
  'config',
  'paths',
  'volume',
  'permissions',
  'write',
  'files',
  'stat',
  'disk',
  'sources',
  'streams',
  'm3u8',
];

const listingTries = 10;
const listingPauseMs = 30;

export const endpointCheck: DoctorCheck = {
  id: 'endpoint',
  title: 'HLS endpoint',
  group: 'Delivery',
  layer: 'http',
  severity: 'error',
  dependsOn: ['nginx'],
  about:
    'The listing at /hls/, and of a running stream a playlist and its newest segment; also at server.publicUrl where that is elsewhere.',
  finds: {
    'listing-refused': '/hls/ does not show what is in the folder',
    'playlist-refused': 'no leg of a running stream has a playlist that plays',
    'segment-refused': 'a segment that a playlist lists is not served',
    'public-url-silent': 'server.publicUrl, which viewers are sent to, does not answer from here',
  },
  async run(context, facts) {
    const found = await Promise.all([listingFindings(context), streamFindings(context, facts), publicFindings(context)]);
    const problems = found.flat();
    if (problems.length > 0) return problems;
    const count = (await facts.served()).filter(({ legs }) => plays(legs.primary) || plays(legs.backup)).length;
    return [pass(`${context.originUrl}/hls/ answers${count > 0 ? `, ${count} ${count === 1 ? 'stream is' : 'streams are'} served` : ''}`)];
  },
};

async function listingFindings(context: DoctorContext): Promise<readonly Finding[]> {
  const url = `${context.originUrl}/hls/`;
  const ask = () => context.ports.net.get(url, { timeoutMs: askTimeoutMs });
  // While the supervisor is away nginx lists by itself, and hangs up when a file goes meanwhile: that says nothing until it does so again.
  let answer = await ask();
  for (let again = 0; answer === undefined && again < listingTries; again += 1) {
    await new Promise<void>((resolve) => context.ports.clock.after(listingPauseMs, resolve));
    answer = await ask();
  }
  if (answer?.status === 200 && answer.body.includes('<a href')) return [];
  return [
    fail({
      code: 'listing-refused',
      what: `${url} does not show the folder`,
      evidence: [answer === undefined ? 'no answer' : `HTTP ${answer.status}${answer.status === 200 ? ', but no listing' : ''}`],
      why: 'the directory listing is how people look into the folder from outside; where it is refused, playlists are often refused, too',
      next: `curl -i ${url}`,
      consequenceOf: explaining,
      fix: { action: 'write the configuration of nginx anew and restart it', apply: () => context.actions.restartOrigin() },
    }),
  ];
}

/** Every stream's playlist is asked; of the first that plays, the newest segment as well. */
async function streamFindings(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const served = (await facts.served()).filter(({ status }) => status.state === 'running' && status.stage === 'playable');
  const silent = served.filter(({ legs }) => !plays(legs.primary) && !plays(legs.backup));
  const refused = silent.map(({ id, legs }) =>
    fail({
      code: 'playlist-refused',
      subject: id,
      what: `${id} runs, and no playlist of it is served`,
      evidence: [legs.primary, legs.backup].map(
        ({ url, answer }) => `${url}: ${answer === undefined ? 'no answer' : `HTTP ${answer.status}`}`,
      ),
      why: 'viewers get nothing',
      next: `curl -i ${legs.primary.url}`,
      consequenceOf: explaining,
    }),
  );
  const playing = served.find(({ legs }) => plays(legs.primary) || plays(legs.backup));
  if (playing === undefined) return refused;
  const leg = plays(playing.legs.primary) ? playing.legs.primary : playing.legs.backup;
  return [...refused, ...(await segmentFindings(context, playing.id, leg))];
}

function plays({ answer }: ServedPlaylist): boolean {
  return answer?.status === 200 && (parseMediaPlaylist(answer.body)?.segments.length ?? 0) > 0;
}

async function segmentFindings(context: DoctorContext, id: string, leg: ServedPlaylist): Promise<readonly Finding[]> {
  const uri = parseMediaPlaylist(leg.answer?.body ?? '')?.segments.at(-1)?.uri ?? '';
  const url = new URL(uri, leg.url).href;
  const answer = await context.ports.net.get(url, { timeoutMs: askTimeoutMs, encoding: 'latin1', headers: { Range: 'bytes=0-187' } });
  // ISO 13818-1: each packet of 188 bytes begins with 0x47, which is G.
  const isMedia = answer !== undefined && answer.status < 300 && (answer.body.startsWith('G') || !url.endsWith('.ts'));
  if (isMedia) return [];
  return [
    fail({
      code: 'segment-refused',
      subject: id,
      what: `the newest segment of ${id} is not served`,
      evidence: [`${url}: ${answer === undefined ? 'no answer' : `HTTP ${answer.status}${answer.status < 300 ? ', but no MPEG-TS' : ''}`}`],
      why: 'the playlist lists it, and players stop when they do not get it',
      next: `curl -i ${url}`,
      consequenceOf: explaining,
    }),
  ];
}

/** A public address need not be reachable from inside its own network, hence a warning. */
async function publicFindings(context: DoctorContext): Promise<readonly Finding[]> {
  const { publicUrl, ports } = context.config.server;
  const { hostname, port } = new URL(publicUrl);
  const same = ['localhost', '127.0.0.1', '[::1]'].includes(hostname) && Number(port === '' ? 80 : port) === ports.publicHttp;
  if (same || context.inside === true) return [];
  const url = `${publicUrl}/hls/`;
  const answer = await context.ports.net.get(url, { timeoutMs: askTimeoutMs });
  if (answer !== undefined && answer.status < 400) return [];
  return [
    warn({
      code: 'public-url-silent',
      what: `${publicUrl}, which viewers are sent to, does not answer from here`,
      evidence: [`${url}: ${answer === undefined ? 'no answer' : `HTTP ${answer.status}`}`],
      why: 'nginx itself answers: look at name, proxy or firewall in between, or at server.publicUrl',
      next: `curl -i ${url}`,
      consequenceOf: explaining,
    }),
  ];
}
