// Does the supervisor answer, is it the right version, and is every job on this machine one of its own?

import type { StatusDocument } from '../../core/status.ts';
import { fail, pass, warn, type Finding } from '../check.ts';
import type { DoctorContext, SupervisorAnswer } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { JobProcess } from '../facts/processes.ts';

/** What keeps `iptv up` from bringing one up is the better answer. */
const preventing = [
  'docker',
  'ffmpeg',
  'ports',
  'nginx/nginx-missing',
  'nginx/rtmp-module-missing',
  'nginx/rtmp-module-broken',
  'config/list-invalid',
];

export const supervisorCheck: DoctorCheck = {
  id: 'supervisor',
  title: 'supervisor',
  group: 'Stack',
  layer: 'job',
  severity: 'error',
  dependsOn: [],
  worksWithoutList: true,
  about: 'The control socket answers, versions match, and no job runs twice or without a supervisor.',
  finds: {
    'supervisor-down': 'nobody listens on the control socket',
    'supervisor-silent': 'it is there but does not answer',
    'socket-dead': 'a socket is left of a supervisor that is gone',
    'socket-forbidden': "the socket is another user's",
    'other-version': 'it is another iptv, and the two do not understand each other',
    'older-supervisor': 'it is another version of iptv than this one',
    'jobs-unsupervised': 'jobs run and no supervisor looks after them',
    'job-doubled': 'two jobs of one stream run',
    'job-unknown': 'a job runs that the supervisor does not know',
    'list-of-before': 'it could not use streams.yaml when it started, and goes on with the list of before',
  },
  async run(context, facts) {
    const [answer, { jobs }] = await Promise.all([facts.supervisor(), facts.processes()]);
    if (answer.state !== 'answers') return judgeSilence(context, answer, jobs ?? []);
    const problems = [
      ...listFindings(answer.document),
      ...versionFindings(context, answer.document),
      ...jobFindings(context, answer.document, jobs),
    ];
    if (problems.length > 0) return problems;
    const { pid, version } = answer.document.supervisor;
    const count = jobs === undefined ? '' : `, ${jobs.length} of its jobs run`;
    return [pass(`the supervisor answers${count}`, [`pid ${pid}, iptv ${version}`])];
  },
};

async function judgeSilence(
  context: DoctorContext,
  answer: Exclude<SupervisorAnswer, { readonly state: 'answers' }>,
  jobs: readonly JobProcess[],
): Promise<readonly Finding[]> {
  const replace = { action: 'start a supervisor in its place; channels play on', apply: () => context.actions.replaceSupervisor() };
  if (answer.state === 'refused') {
    const { code, message, evidence, next } = answer.error;
    return [
      fail({
        code,
        what: message,
        evidence,
        ...(next === undefined ? {} : { next }),
        ...(code === 'other-version' ? { fix: replace } : {}),
      }),
    ];
  }
  if (answer.state === 'silent') {
    return [
      fail({
        code: 'supervisor-silent',
        what: 'the supervisor does not answer',
        evidence: [answer.why],
        why: 'what plays goes on, but nothing is restarted and no order is taken',
        next: 'iptv logs backend',
        fix: replace,
        // A container that is paused takes no command; one that is unhealthy is so because of this.
        consequenceOf: ['docker/container-stopped'],
      }),
    ];
  }
  if (jobs.length > 0) {
    return [
      fail({
        code: 'jobs-unsupervised',
        what: `${jobs.length} job(s) run and no supervisor looks after them`,
        evidence: [answer.why, ...jobs.slice(0, 5).map(({ id, pid }) => `${id}: pid ${pid}`)],
        why: 'they play on, but nobody restarts them',
        next: 'iptv up',
        fix: replace,
        consequenceOf: preventing,
      }),
    ];
  }
  const down = fail({
    code: 'supervisor-down',
    what: 'the supervisor is not running',
    evidence: [answer.why],
    why: 'without it nothing is started, watched or restarted',
    next: 'iptv up',
    consequenceOf: preventing,
  });
  return [down, ...(await deadSocket(context))];
}

/** A socket that nobody listens on does no harm, but makes `auto` take the local runtime for the one that is up. */
async function deadSocket(context: DoctorContext): Promise<readonly Finding[]> {
  if (context.runtime === 'docker') return [];
  const { socket } = context.paths;
  if ((await context.ports.files.stat(socket)) === undefined) return [];
  return [
    warn({
      code: 'socket-dead',
      what: `${socket} is left of a supervisor that is gone`,
      why: 'a supervisor that ends by itself takes its socket along; this one was killed',
      next: 'iptv up',
      fix: { action: `remove ${socket}`, apply: async () => void (await context.ports.files.remove(socket)) },
    }),
  ];
}

function listFindings({ supervisor: { listProblem } }: StatusDocument): readonly Finding[] {
  if (listProblem === undefined) return [];
  return [
    warn({
      code: 'list-of-before',
      what: 'the supervisor goes on with the list of before, for it could not use streams.yaml when it started',
      evidence: [listProblem],
      why: 'channels play on as they were; what was changed in the file since is not in force',
      next: 'iptv validate',
      consequenceOf: ['config/list-invalid'],
    }),
  ];
}

function versionFindings(context: DoctorContext, { supervisor }: StatusDocument): readonly Finding[] {
  if (supervisor.version === context.version) return [];
  return [
    warn({
      code: 'older-supervisor',
      what: `the supervisor is iptv ${supervisor.version}, this is ${context.version}`,
      why: 'it works, but has the bugs and lacks the features of its own version',
      next: 'iptv up   # replaces it; channels play on',
    }),
  ];
}

function jobFindings(context: DoctorContext, document: StatusDocument, jobs: readonly JobProcess[] | undefined): readonly Finding[] {
  if (jobs === undefined) return [];
  const known = new Map(document.streams.map((stream) => [stream.id, stream]));
  const streams = jobs.filter(({ id }) => id !== 'nginx-rtmp');
  const doubled = [...new Set(streams.map(({ id }) => id))].filter((id) => streams.filter((job) => job.id === id).length > 1);
  return [
    ...doubled.map((id) =>
      fail({
        code: 'job-doubled',
        subject: id,
        what: `two jobs of ${id} run`,
        evidence: streams
          .filter((job) => job.id === id)
          .map(({ pid }) => `pid ${pid}${pid === known.get(id)?.pid ? ' (the one the supervisor knows)' : ''}`),
        why: 'they write the same files and push each other out of nginx',
        next: `iptv restart ${id}`,
        fix: { action: `end the second job of ${id}`, apply: () => endOthers(context, streams, id, known.get(id)?.pid ?? null) },
      }),
    ),
    ...streams.flatMap((job) => {
      const stream = known.get(job.id);
      if (doubled.includes(job.id) || job.pid === stream?.pid) return [];
      // One that ends or begins just now is known a moment later.
      if (stream !== undefined && (stream.state === 'stopping' || stream.state === 'starting')) return [];
      return [
        warn({
          code: 'job-unknown',
          subject: job.id,
          what: `a job of ${job.id} runs (pid ${job.pid}) that the supervisor does not know`,
          why: 'it was started by hand, or its record was lost',
          next: `ps -fp ${job.pid}`,
        }),
      ];
    }),
  ];
}

/** The one that the supervisor knows stays; without it nobody can say which one is right. */
async function endOthers(
  { ports, places, runtime, inside }: DoctorContext,
  jobs: readonly JobProcess[],
  id: string,
  keep: number | null,
): Promise<void> {
  if (keep === null) return;
  for (const job of jobs.filter((one) => one.id === id && one.pid !== keep)) {
    if (runtime === 'docker' && inside !== true) await places.backend.run(['kill', '-KILL', String(job.pid)]);
    else {
      const info = ports.process.inspect(job.pid);
      if (info !== undefined) ports.process.signalGroup(job.pid, info.startTime, 'SIGKILL');
    }
  }
}
