// Where the supervisor keeps its things: one folder, one place that knows the names in it.

export interface StatePaths {
  readonly directory: string;
  /** Unix socket; a path of at most 107 bytes, the kernel's limit (unix(7)). */
  readonly socket: string;
  /** Held with flock(1) by the supervisor for as long as it lives. */
  readonly lock: string;
  readonly orders: string;
  /** Codecs of sources. */
  readonly facts: string;
  /** What the installed ffmpeg can do. */
  readonly ffmpegFacts: string;
  readonly sequences: string;
  /** Numbers that the channel playlists have used up. */
  readonly channels: string;
  /** Finished slates. */
  readonly slates: string;
  /** Health of sources, and addresses that were resolved: mode 0600. */
  readonly sources: string;
  /** Per stream, the last events of its sources. Mode 0700. */
  readonly sourceRecords: string;
  /** Fingerprints of the definitions that were applied. */
  readonly applied: string;
  /** The list that is in force, with its secrets: beside the jobs' records, which nobody else may read. No id begins with a dot. */
  readonly lastList: string;
  readonly logs: string;
  /** JSON lines of `core/events.ts`; older copies are `.1`, `.2` ... */
  readonly events: string;
  /** Alarms that hooks were told and that are not over. */
  readonly hooks: string;
  /** Per job: lock, stderr and progress spools, record. Mode 0700. */
  readonly jobs: string;
  /** Prefix of the local nginx. */
  readonly nginx: string;
  /** What the edge keeps on disk. */
  readonly edge: string;
}

/** Environment variables that mark our processes; a job whose record was lost is still found by them. */
export const jobMark = { id: 'IPTV_JOB', state: 'IPTV_JOB_STATE', plan: 'IPTV_JOB_PLAN' } as const;

/** The mark of a bridge beside `jobMark.state`, instead of `jobMark.id`: nobody may take it for the stream's job. Its value is the id. */
export const bridgeMark = 'IPTV_BRIDGE';

/** The mark of the shell that keeps a supervisor alive (bin/keep-supervisor.sh); its value is the state folder. */
export const keeperMark = 'IPTV_KEEPER_STATE';

/** Name of the local nginx in logs and of its record in `jobs`. */
export const originName = 'nginx-rtmp';

/** The edge as a container; in the local runtime it is a part of the origin's nginx and logs with it. */
export const edgeName = 'nginx-edge';

const socketLimitBytes = 107;

export function statePaths(directory: string, runtimeDirectory: string | undefined): StatePaths {
  const plain = `${directory}/control.sock`;
  const short = `${runtimeDirectory ?? '/tmp'}/iptv-${hashText(directory)}.sock`;
  return {
    directory,
    socket: new TextEncoder().encode(plain).length <= socketLimitBytes ? plain : short,
    lock: `${directory}/supervisor.lock`,
    orders: `${directory}/orders.json`,
    facts: `${directory}/facts.json`,
    ffmpegFacts: `${directory}/ffmpeg.json`,
    sequences: `${directory}/sequences.json`,
    channels: `${directory}/channels.json`,
    slates: `${directory}/slates`,
    sources: `${directory}/sources.json`,
    sourceRecords: `${directory}/sources`,
    applied: `${directory}/applied.json`,
    lastList: `${directory}/jobs/.list.json`,
    logs: `${directory}/logs`,
    events: `${directory}/events.jsonl`,
    hooks: `${directory}/hooks.json`,
    jobs: `${directory}/jobs`,
    nginx: `${directory}/nginx`,
    edge: `${directory}/edge`,
  };
}

/**
 * Where the supervisor answers nginx. Root's nginx works as nobody, who may not enter every state folder; /run is open to all,
 * and the socket itself only to nobody.
 */
export function webSocketPath(paths: StatePaths, isRoot: boolean): string {
  const plain = `${paths.directory}/web.sock`;
  // A colon would end the path in nginx's proxy_pass.
  if (!isRoot && new TextEncoder().encode(plain).length <= socketLimitBytes && !plain.includes(':')) return plain;
  return `${isRoot ? '/run' : '/tmp'}/iptv-${hashText(paths.directory)}-web.sock`;
}

/** Between the two halves of the edge, both of them nginx; where its worker gets at it. */
export function edgeSocketPath(paths: StatePaths, isRoot: boolean): string {
  return webSocketPath(paths, isRoot).replace(/web\.sock$/, 'edge.sock');
}

/** root: the system's place (FHS). Others: the XDG state folder. */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>, isRoot: boolean): string {
  if (env['IPTV_STATE_DIR']) return env['IPTV_STATE_DIR'];
  if (isRoot) return '/var/lib/iptv';
  const base = env['XDG_STATE_HOME'] || `${env['HOME'] ?? '/tmp'}/.local/state`;
  return `${base}/iptv`;
}

/** FNV-1a, 64 bits, as hex: names things, protects nothing. */
export function hashText(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
