// The facts of `iptv doctor`: the running stack, each part of it looked at once.

import type { SourceFacts } from '../core/facts.ts';
import type { StatusDocument } from '../core/status.ts';
import type { DoctorContext, SupervisorAnswer } from './context.ts';
import { ffmpegQueries, parseFfmpegFacts, type FfmpegAnswer, type FfmpegQueryName } from '../observe/ffmpeg-facts.ts';
import { askedOfFfmpeg, createFacts, once, type Facts } from './facts.ts';
import { readContainers, type ContainerFacts } from './facts/containers.ts';
import { readNginxDump, type NginxDump } from './facts/nginx-dump.ts';
import { readHealth, readStat, type OriginHealth, type StatAnswer } from './facts/origin.ts';
import { readProbe, type Probe } from './facts/probe.ts';
import { readProcesses, type ProcessFacts } from './facts/processes.ts';
import { readTexts } from './facts/texts.ts';
import { readServed, type ServedStream } from './facts/served.ts';
import { shellWords, type FolderListing } from './place.ts';

export interface DoctorFacts extends Facts {
  readonly supervisor: () => Promise<SupervisorAnswer>;
  /** undefined when no supervisor answers. */
  readonly status: () => Promise<StatusDocument | undefined>;
  /** Empty where Docker is not the runtime, and inside a container. */
  readonly containers: () => Promise<ContainerFacts>;
  readonly nginxDump: () => Promise<NginxDump>;
  readonly health: () => Promise<OriginHealth>;
  readonly stat: () => Promise<StatAnswer>;
  /** The HLS folder as each writer sees it; undefined: not there, or nobody to ask. Locally both are the same look. */
  readonly folders: () => Promise<{ readonly backend: FolderListing | undefined; readonly origin: FolderListing | undefined }>;
  /** Text of every playlist in the backend's HLS folder, by name; one that vanished meanwhile is left out. */
  readonly playlists: () => Promise<ReadonlyMap<string, string>>;
  /** Test files in the HLS folder, as they are served. */
  readonly probe: () => Promise<Probe>;
  readonly processes: () => Promise<ProcessFacts>;
  /** What the supervisor learned about sources, by `<stream> <address>`; see commands/source-facts.ts. */
  readonly sources: () => Promise<Readonly<Record<string, SourceFacts>>>;
  /** What viewers get of each stream that is ordered to run; empty without a supervisor. */
  readonly served: () => Promise<readonly ServedStream[]>;
}

export function createDoctorFacts(context: DoctorContext): DoctorFacts {
  const supervisor = once(() => context.askStatus());
  const status = once(async () => {
    const answer = await supervisor();
    return answer.state === 'answers' ? answer.document : undefined;
  });
  const folders = once(async () => {
    const { hlsDirectory } = context.endpoints;
    const backend = context.places.backend.folder(hlsDirectory);
    const origin = context.runtime === 'local' ? backend : context.places.origin.folder(hlsDirectory);
    return { backend: await backend, origin: await origin };
  });
  return {
    ...(context.runtime === 'docker' && context.inside !== true ? ffmpegInContainer(context) : createFacts(context)),
    supervisor,
    status,
    containers: once(() => readContainers(context)),
    nginxDump: once(() => readNginxDump(context)),
    health: once(() => readHealth(context)),
    stat: once(() => readStat(context)),
    folders,
    playlists: once(async () => {
      const { backend } = await folders();
      const names = (backend?.entries ?? []).filter(({ name, type }) => type === 'f' && name.endsWith('.m3u8')).map(({ name }) => name);
      return readTexts(context.places.backend, context.endpoints.hlsDirectory, names);
    }),
    probe: once(() => readProbe(context)),
    processes: once(() => readProcesses(context, async () => (await status())?.supervisor.pid)),
    sources: once(() => readSources(context)),
    served: once(async () => {
      const document = await status();
      return document === undefined ? [] : readServed(context, document);
    }),
  };
}

async function readSources({ places, paths, runtime }: DoctorContext): Promise<Readonly<Record<string, SourceFacts>>> {
  try {
    const path = runtime === 'docker' ? '/var/lib/iptv/facts.json' : paths.facts;
    return JSON.parse((await places.backend.readText(path)) ?? '{}') as Record<string, SourceFacts>;
  } catch {
    return {};
  }
}

/** All questions in one `docker exec`: it costs more than ffmpeg's answers. */
function ffmpegInContainer({ places, tools }: DoctorContext): Facts {
  const path = tools?.ffmpeg ?? 'ffmpeg';
  const separator = '== next answer ==';
  const queries = ffmpegQueries.filter(({ name }) => askedOfFfmpeg.has(name));
  const script = queries.map(({ argv }) => `${shellWords([path, ...argv])} || echo '== failed =='; echo '${separator}'`).join('\n');
  const answers = once(async () => {
    const result = await places.backend.run(['sh', '-c', script], { timeoutMs: 15_000 });
    return { result, parts: result.stdout.split(`${separator}\n`) };
  });
  return {
    ffmpegVersion: async () => {
      const { result, parts } = await answers();
      const stdout = parts[0] ?? '';
      const missing = /not found|No such file/.test(result.stderr) && !stdout.includes('ffmpeg version');
      return { ...result, stdout, missing, exitCode: stdout.includes('== failed ==') ? 1 : result.exitCode };
    },
    ffmpeg: async () => {
      const { parts } = await answers();
      const given = queries.map(({ name }, index): [FfmpegQueryName, FfmpegAnswer] => {
        const stdout = parts[index] ?? '';
        return [name, { stdout, succeeded: stdout !== '' && !stdout.includes('== failed ==') }];
      });
      const all: Partial<Record<FfmpegQueryName, FfmpegAnswer>> = Object.fromEntries(given);
      return all.version?.succeeded === true ? parseFfmpegFacts(path, all) : undefined;
    },
  };
}
