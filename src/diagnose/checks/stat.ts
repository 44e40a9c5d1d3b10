// Does /stat answer, name every running stream, and show bytes coming in? And who else publishes?

import { findRtmpStream, type RtmpStat, type RtmpStream } from '../../observe/rtmp-stat.ts';
import type { StreamStatus } from '../../core/status.ts';
import { fail, pass, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { readStat } from '../facts/origin.ts';
import { dropPublisher } from './drop-publisher.ts';

/** nginx measures the rate over ten seconds, so a young publisher has none yet. */
const youngMs = 12_000;
const secondLookMs = 1500;
/** A job that lost nginx is back within this; so nobody is missed by an nginx that is younger. */
const settleSeconds = 20;
/** Published by checks themselves. */
const ownPublisher = /^(?:iptv-)?doctor-/;

export const statCheck: DoctorCheck = {
  id: 'stat',
  title: 'RTMP status',
  group: 'Delivery',
  layer: 'rtmp',
  severity: 'error',
  dependsOn: ['nginx'],
  about: '/stat answers, names every running stream, bytes come in, and nobody publishes who should not.',
  finds: {
    'stat-silent': '/stat is not the status document',
    'publisher-missing': 'a job runs and nginx does not have its stream',
    'publisher-silent': 'a stream is published and no bytes come in',
    'ghost-publisher': 'somebody holds the name of a stream that does not run',
    'publisher-unknown': 'somebody publishes a name that is not in the list',
  },
  async run(context, facts) {
    const { url, status, stat } = await facts.stat();
    if (stat === undefined) {
      return [
        fail({
          code: 'stat-silent',
          what: `${url} does not answer with the RTMP status`,
          evidence: [status === undefined ? 'no answer' : `HTTP ${status}`],
          why: 'the supervisor and you cannot see who publishes',
          next: `curl -i ${url}`,
          consequenceOf: ['config/config-refused', 'nginx', 'docker'],
          fix: { action: 'write the configuration of nginx anew and restart it', apply: () => context.actions.restartOrigin() },
        }),
      ];
    }
    const document = await facts.status();
    const problems = await judge(context, stat, document?.streams);
    if (problems.length > 0) return problems;
    const published = applicationOf(context, stat).filter(({ publishing }) => publishing).length;
    return [pass(`${published} ${published === 1 ? 'stream is' : 'streams are'} published`, [url])];
  },
};

function applicationName(context: DoctorContext): string {
  return new URL(context.endpoints.rtmpUrl).pathname.split('/').find((part) => part !== '') ?? 'live';
}

function applicationOf(context: DoctorContext, stat: RtmpStat): readonly RtmpStream[] {
  return stat.applications.find(({ name }) => name === applicationName(context))?.streams ?? [];
}

async function judge(context: DoctorContext, stat: RtmpStat, streams: readonly StreamStatus[] | undefined): Promise<readonly Finding[]> {
  const application = applicationName(context);
  const expected = (streams ?? []).filter(
    (stream) => stream.state === 'running' && (stream.uptimeSeconds ?? 0) > settleSeconds && feedsRtmp(context, stream.id),
  );
  const settled = stat.uptimeSeconds > settleSeconds;
  const missing = (settled ? expected : []).filter((stream) =>
    publishersOf(stream).some((name) => findRtmpStream(stat, application, name)?.publishing !== true),
  );
  const suspects = applicationOf(context, stat).filter((one) => one.publishing && one.bitrateInBps === 0 && one.ageMs > youngMs);
  const silent = suspects.length === 0 ? [] : await stillSilent(context, suspects);
  const strangers = streams === undefined ? [] : strangersIn(context, stat, streams);
  return [
    ...missing.map(({ id }) => missingFinding(context, id)),
    ...silent.filter(({ name }) => !strangers.some(({ subject }) => subject === name)).map(({ name }) => silentFinding(context, name)),
    ...strangers,
  ];
}

/** Each rung of a ladder is a stream of its own for nginx. */
function publishersOf({ id, renditions }: StreamStatus): readonly string[] {
  return renditions?.map((rung) => rung.id) ?? [id];
}

/** Video that is forced through as it is may be one that RTMP cannot carry. */
function feedsRtmp(context: DoctorContext, id: string): boolean {
  return context.config.streams.find((stream) => stream.id === id)?.output.video !== 'copy';
}

function missingFinding(context: DoctorContext, id: string): Finding {
  return fail({
    code: 'publisher-missing',
    subject: id,
    what: `the job of ${id} runs, and nginx does not have its stream`,
    evidence: [`no publisher ${id} in /stat`],
    why: 'the primary leg stands still, the backup leg plays on',
    next: `iptv logs ${id}`,
    consequenceOf: [
      'nginx',
      'supervisor',
      'docker',
      'paths',
      'config',
      'ports',
      'ffmpeg',
      'sources',
      'security/publish-denied',
      'streams/job-stopped',
      'streams/stream-failing',
      'streams/stream-silent',
      'streams/codec-not-carried',
    ],
    fix: { action: `iptv restart ${id}`, apply: () => context.actions.restartStream(id) },
  });
}

/** The same bytes after a second and a half. */
async function stillSilent(context: DoctorContext, suspects: readonly RtmpStream[]): Promise<readonly RtmpStream[]> {
  await new Promise<void>((resolve) => context.ports.clock.after(secondLookMs, resolve));
  const { stat } = await readStat(context);
  if (stat === undefined) return [];
  return suspects.filter(({ name, bytesIn }) => {
    const now = findRtmpStream(stat, applicationName(context), name);
    return now?.publishing === true && now.bytesIn === bytesIn;
  });
}

function silentFinding(context: DoctorContext, name: string): Finding {
  return fail({
    code: 'publisher-silent',
    subject: name,
    what: `${name} is published, and no bytes come in`,
    evidence: [`bytes_in of ${name} in /stat stands still for ${secondLookMs} ms and more`],
    why: 'a ghost: its connection broke and nginx does not know yet; the job that returns is refused with "Already publishing"',
    next: `iptv logs ${name}`,
    consequenceOf: ['supervisor', 'nginx', 'sources', 'docker', 'disk', 'streams/job-stopped', 'streams/stream-failing'],
    fix: { action: `drop the publisher of ${name}`, apply: () => dropPublisher(context, applicationName(context), name) },
  });
}

function strangersIn(context: DoctorContext, stat: RtmpStat, streams: readonly StreamStatus[]): readonly Finding[] {
  const known = new Map(streams.flatMap((stream) => publishersOf(stream).map((name) => [name, stream] as const)));
  return applicationOf(context, stat).flatMap(({ name, publishing, ageMs }) => {
    if (!publishing || ownPublisher.test(name)) return [];
    const stream = known.get(name);
    // The supervisor ends the job, and nginx needs a moment to see it.
    if (stream !== undefined && (stream.order === 'run' || stream.state !== 'stopped')) return [];
    const evidence = [`/stat: ${name} published for ${Math.round(ageMs / 1000)} s`];
    if (stream === undefined) {
      return [
        warn({
          code: 'publisher-unknown',
          subject: name,
          what: `somebody publishes ${name}, which is not in the list`,
          evidence,
          why: 'another program may use this nginx; whoever may publish may also take the name of a stream',
          next: `curl ${context.originUrl}/stat`,
        }),
      ];
    }
    return [
      fail({
        code: 'ghost-publisher',
        subject: name,
        what: `somebody publishes ${name}, which is stopped`,
        evidence,
        why: 'the job of the next start is refused with "Already publishing", and viewers get a picture that you stopped',
        next: `curl ${context.originUrl}/stat`,
        consequenceOf: ['supervisor'],
        fix: { action: `drop the publisher of ${name}`, apply: () => dropPublisher(context, applicationName(context), name) },
      }),
    ];
  });
}
