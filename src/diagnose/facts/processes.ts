// The processes that matter: jobs, nginx's master and workers, and as whom each of them runs.

import { jobMark } from '../../core/state-paths.ts';
import type { DoctorContext } from '../context.ts';
import type { Place } from '../place.ts';

/** As whom a process acts, and what it takes from the modes of its new files. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** undefined where the kernel does not tell (before Linux 4.7). */
  readonly umask: number | undefined;
}

export interface JobProcess {
  readonly pid: number;
  /** Stream id. */
  readonly id: string;
  /** One letter of proc(5). */
  readonly state: string;
}

export interface NginxProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly state: string;
  /** What nginx calls itself: `worker process`, `worker process is shutting down`, `master process ...`. */
  readonly title: string;
  readonly identity: Identity | undefined;
}

export interface ProcessFacts {
  /** undefined: nobody to ask. */
  readonly jobs: readonly JobProcess[] | undefined;
  readonly nginx: readonly NginxProcess[] | undefined;
  readonly supervisor: Identity | undefined;
}

/** Read in one go in a container; the brackets keep grep from finding its own command line. */
const script = String.raw`
grep -s -H -E '^(Name|State|PPid|Uid|Gid|Groups|Umask):' /proc/[0-9]*/status
grep -a -s -H -z '^IPTV_JOB=' /proc/[0-9]*/environ | tr '\0' '\n'
grep -a -s -H -z '^ngin[x]: ' /proc/[0-9]*/cmdline | tr '\0' '\n'
`;

/** The supervisor's pid may take longer to know than all the rest. */
export async function readProcesses(context: DoctorContext, askPid: () => Promise<number | undefined>): Promise<ProcessFacts> {
  const { places, runtime, inside } = context;
  if (runtime === 'docker' && inside !== true) {
    const [backend, origin, supervisorPid] = await Promise.all([readIn(places.backend), readIn(places.origin), askPid()]);
    return {
      jobs: backend?.jobs,
      nginx: origin?.nginx,
      supervisor: supervisorPid === undefined ? undefined : identityOf(backend?.statuses.get(supervisorPid)),
    };
  }
  return readHere(context, await askPid());
}

async function readHere(context: DoctorContext, supervisorPid: number | undefined): Promise<ProcessFacts> {
  const { ports, paths, ourNginxPid, inside } = context;
  const status = async (pid: number): Promise<Fields> =>
    fieldsOf((await ports.files.readText(`/proc/${pid}/status`).catch(() => undefined)) ?? '');
  const marked = ports.process.findMarked(jobMark.state, paths.directory);
  const leaders = marked.filter(({ pid, groupId }) => pid === groupId);
  const jobs = leaders.flatMap(({ pid, state, env }) => (env[jobMark.id] === undefined ? [] : [{ pid, state, id: env[jobMark.id] ?? '' }]));
  const members = ourNginxPid === undefined ? [] : ports.process.groupMembers(ourNginxPid);
  const nginx = await Promise.all(
    members.map(async ({ pid, parentPid, state }): Promise<NginxProcess> => {
      const title = ((await ports.files.readText(`/proc/${pid}/cmdline`).catch(() => undefined)) ?? '').replaceAll('\0', ' ').trim();
      return { pid, parentPid, state, title: title.replace(/^nginx: /, ''), identity: identityOf(await status(pid)) };
    }),
  );
  return {
    jobs,
    nginx: inside === true ? undefined : nginx,
    supervisor: supervisorPid === undefined ? undefined : identityOf(await status(supervisorPid)),
  };
}

type Fields = ReadonlyMap<string, string>;

interface ContainerProcesses {
  readonly statuses: ReadonlyMap<number, Fields>;
  readonly jobs: readonly JobProcess[];
  readonly nginx: readonly NginxProcess[];
}

async function readIn(place: Place): Promise<ContainerProcesses | undefined> {
  if (place.unreachable !== undefined) return undefined;
  const { stdout } = await place.run(['sh', '-c', script]);
  return parseProcesses(stdout);
}

/** Lines of `script`: `/proc/<pid>/<file>:<line>`. */
export function parseProcesses(text: string): ContainerProcesses {
  const statuses = new Map<number, Map<string, string>>();
  const ids = new Map<number, string>();
  const titles = new Map<number, string>();
  for (const [, pidText, file, line = ''] of text.matchAll(/^\/proc\/(\d+)\/(status|environ|cmdline):(.*)$/gm)) {
    const pid = Number(pidText);
    if (file === 'status') {
      const fields = statuses.get(pid) ?? new Map<string, string>();
      statuses.set(pid, fields);
      const at = line.indexOf(':');
      fields.set(line.slice(0, at), line.slice(at + 1).trim());
    } else if (file === 'environ') ids.set(pid, line.slice('IPTV_JOB='.length));
    else titles.set(pid, line.replace(/^nginx: /, ''));
  }
  const state = (pid: number): string => statuses.get(pid)?.get('State')?.[0] ?? '?';
  // A job's children carry its mark too; the job itself is the one whose parent does not.
  const jobs = [...ids]
    .filter(([pid]) => !ids.has(Number(statuses.get(pid)?.get('PPid'))))
    .map(([pid, id]): JobProcess => ({ pid, id, state: state(pid) }));
  const nginx = [...titles].map(([pid, title]): NginxProcess => ({
    pid,
    title,
    parentPid: Number(statuses.get(pid)?.get('PPid') ?? 0),
    state: state(pid),
    identity: identityOf(statuses.get(pid)),
  }));
  return { statuses, jobs, nginx };
}

function fieldsOf(status: string): Fields {
  return new Map(
    status.split('\n').map((line) => [line.slice(0, Math.max(0, line.indexOf(':'))), line.slice(line.indexOf(':') + 1).trim()]),
  );
}

/** Uid and Gid have four numbers: real, effective, saved, file system; the last decides about files. */
export function identityOf(fields: Fields | undefined): Identity | undefined {
  const numbers = (name: string): readonly number[] =>
    (fields?.get(name) ?? '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number);
  const uid = numbers('Uid')[3];
  const gid = numbers('Gid')[3];
  if (uid === undefined || gid === undefined) return undefined;
  const umask = fields?.get('Umask');
  return { uid, gid, groups: numbers('Groups'), umask: umask === undefined ? undefined : Number.parseInt(umask, 8) };
}
