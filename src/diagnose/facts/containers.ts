// What the Docker engine says about our two containers.

import type { DoctorContext } from '../context.ts';

export interface ContainerFact {
  readonly id: string;
  /** Docker's word: running, exited, restarting, paused ... */
  readonly state: string;
  /** Docker's word: healthy, unhealthy, starting; `none` without a health check. */
  readonly health: string;
  /** What the last health check printed. */
  readonly healthSaid: string;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  readonly restarts: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly image: string;
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
  /** Ports published on the host: container port and protocol -> where. */
  readonly published: Readonly<Record<string, readonly string[]>>;
  /** `docker inspect` as it is, for what is not above. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface ContainerMount {
  /** volume, bind or tmpfs. */
  readonly type: string;
  /** The volume's name, or the folder of the host. */
  readonly source: string;
  readonly destination: string;
  readonly writable: boolean;
}

export interface ContainerFacts {
  readonly backend: ContainerFact | undefined;
  readonly origin: ContainerFact | undefined;
}

/** Both are undefined where no engine answers or there is no container. */
export async function readContainers(context: DoctorContext): Promise<ContainerFacts> {
  const { backend, origin } = context.containers;
  const ids = [backend, origin].filter((id) => id !== undefined);
  if (ids.length === 0) return { backend: undefined, origin: undefined };
  const { stdout } = await context.ports.process.run('docker', ['inspect', ...ids], { timeoutMs: 10_000 });
  const found = parseInspect(stdout);
  const named = (id: string | undefined): ContainerFact | undefined =>
    id === undefined ? undefined : found.find((fact) => fact.id.startsWith(id));
  return { backend: named(backend), origin: named(origin) };
}

interface Inspected {
  readonly Id?: string;
  readonly RestartCount?: number;
  readonly State?: {
    readonly Status?: string;
    readonly ExitCode?: number;
    readonly OOMKilled?: boolean;
    readonly StartedAt?: string;
    readonly Health?: { readonly Status?: string; readonly Log?: readonly { readonly Output?: string }[] | null };
  };
  readonly Config?: { readonly Image?: string; readonly User?: string; readonly Env?: readonly string[] | null };
  readonly Mounts?: readonly {
    readonly Type?: string;
    readonly Name?: string;
    readonly Source?: string;
    readonly Destination?: string;
    readonly RW?: boolean;
  }[];
  readonly NetworkSettings?: {
    readonly Ports?: Readonly<Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>> | null;
  };
}

export function parseInspect(text: string): readonly ContainerFact[] {
  let list: readonly Inspected[];
  try {
    const value: unknown = JSON.parse(text);
    list = Array.isArray(value) ? (value as readonly Inspected[]) : [];
  } catch {
    return [];
  }
  return list.map((one) => ({
    id: one.Id ?? '',
    state: one.State?.Status ?? 'unknown',
    health: one.State?.Health?.Status ?? 'none',
    healthSaid: one.State?.Health?.Log?.at(-1)?.Output?.trim() ?? '',
    exitCode: one.State?.ExitCode ?? 0,
    outOfMemory: one.State?.OOMKilled ?? false,
    restarts: one.RestartCount ?? 0,
    startedAt: one.State?.StartedAt ?? '',
    image: one.Config?.Image ?? '',
    user: one.Config?.User ?? '',
    environment: Object.fromEntries(
      (one.Config?.Env ?? []).map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]),
    ),
    mounts: (one.Mounts ?? []).map((mount) => ({
      type: mount.Type ?? '',
      source: mount.Name ?? mount.Source ?? '',
      destination: mount.Destination ?? '',
      writable: mount.RW ?? false,
    })),
    published: Object.fromEntries(
      Object.entries(one.NetworkSettings?.Ports ?? {}).map(([port, places]) => [
        port,
        (places ?? []).map(({ HostIp = '', HostPort = '' }) => `${HostIp}:${HostPort}`),
      ]),
    ),
    raw: one as Readonly<Record<string, unknown>>,
  }));
}
