// The checked file to the Config that the rest of the program sees: defaults filled in, addresses resolved.

import type {
  Config,
  OutputConfig,
  RestartConfig,
  ServerConfig,
  SlateConfig,
  SourceConfig,
  SourceKind,
  StreamConfig,
} from '../core/config.ts';
import { seedDefaults } from '../core/endpoints.ts';
import { createRedactor } from '../core/redact.ts';
import { resolvePath } from './file-paths.ts';
import { mergeHeaders } from './headers.ts';
import type { Path } from './positions.ts';
import type { DefaultsEntry, ServerEntry, SourceEntry, StreamEntry, StreamsFile } from './schema.ts';
import { kindsWith } from './source-checks.ts';
import { buildSchedule } from './build-schedule.ts';
import { applyKind, readSource } from './sources.ts';

export interface BuildOptions {
  readonly path: string;
  readonly folder: string;
  readonly secrets: readonly string[];
  /** The text at a path with references in place of secret values; undefined when it has none. */
  readonly displayOf: (path: Path) => string | undefined;
}

interface BuildContext extends BuildOptions {
  readonly redact: (text: string) => string;
}

export function buildConfig(file: StreamsFile, options: BuildOptions): Config {
  const context = { ...options, redact: createRedactor(options.secrets) };
  const server = buildServer(file.server ?? {});
  const defaults = file.defaults ?? {};
  const streams = file.streams.map((entry, index) => buildStream(entry, ['streams', index], defaults, server, context));
  const schedule = file.schedule === undefined ? {} : { schedule: file.schedule.map(buildSchedule) };
  return { path: options.path, server, streams, ...schedule, secrets: options.secrets };
}

function buildServer(entry: ServerEntry): ServerConfig {
  const ports = {
    rtmp: entry.ports?.rtmp ?? seedDefaults.rtmpPort,
    http: entry.ports?.http ?? seedDefaults.httpPort,
    publicHttp: entry.ports?.public ?? seedDefaults.publicHttpPort,
  };
  return {
    runtime: entry.runtime ?? 'auto',
    ...(entry.rtmpUrl === undefined ? {} : { rtmpUrl: entry.rtmpUrl }),
    ...(entry.hlsUrl === undefined ? {} : { hlsUrl: entry.hlsUrl }),
    publicUrl: entry.publicUrl ?? `http://localhost:${ports.publicHttp}`,
    hlsDirectory: entry.hlsDirectory ?? seedDefaults.hlsDirectory,
    permissions: entry.permissions ?? 'compat',
    ports,
    segmentSeconds: entry.segment === undefined ? seedDefaults.segmentSeconds : entry.segment / 1000,
    windowSegments: entry.window ?? seedDefaults.windowSegments,
    disk: {
      warnPercent: entry.disk?.warn ?? seedDefaults.diskWarnPercent,
      shedPercent: entry.disk?.shed ?? seedDefaults.diskShedPercent,
    },
  };
}

function buildStream(entry: StreamEntry, path: Path, defaults: DefaultsEntry, server: ServerConfig, context: BuildContext): StreamConfig {
  const sources =
    entry.sources?.map((source, index) => buildSource(source, [...path, 'sources', index], entry, defaults, context)) ??
    (entry.source === undefined ? [] : [buildSource(entry.source, [...path, 'source'], entry, defaults, context)]);
  const group = entry.group ?? defaults.group;
  return {
    id: entry.id,
    name: entry.name ?? entry.id,
    sources,
    output: buildOutput({ ...defaults.output, ...entry.output }, server),
    restart: buildRestart({ ...defaults.restart, ...entry.restart }),
    slate: buildSlate(entry.slate ?? defaults.slate, context.folder),
    enabled: entry.enabled ?? defaults.enabled ?? true,
    tags: entry.tags ?? defaults.tags ?? [],
    ...(group === undefined ? {} : { group }),
    ...(entry.logo === undefined ? {} : { logo: entry.logo }),
    ...(entry.tvgId === undefined ? {} : { tvgId: entry.tvgId }),
  };
}

function buildOutput(entry: NonNullable<StreamEntry['output']>, server: ServerConfig): OutputConfig {
  return {
    segmentSeconds: entry.segment === undefined ? server.segmentSeconds : entry.segment / 1000,
    windowSegments: entry.window ?? server.windowSegments,
    ...(entry.cushion === undefined ? {} : { cushionSeconds: entry.cushion / 1000 }),
    video: entry.video ?? 'auto',
    audio: entry.audio ?? 'auto',
  };
}

function buildRestart(entry: NonNullable<StreamEntry['restart']>): RestartConfig {
  return {
    minDelayMs: entry.minDelay ?? 1000,
    maxDelayMs: entry.maxDelay ?? 60_000,
    stableAfterMs: entry.stableAfter ?? 60_000,
    ...(entry.stallAfter === undefined ? {} : { stallAfterMs: entry.stallAfter }),
  };
}

function buildSlate(entry: StreamEntry['slate'], folder: string): SlateConfig {
  if (entry === undefined || typeof entry === 'string') return { enabled: entry !== 'off' };
  return {
    enabled: true,
    ...(entry.text === undefined ? {} : { text: entry.text }),
    ...(entry.clip === undefined ? {} : { clip: resolvePath(folder, entry.clip) }),
  };
}

function buildSource(entry: SourceEntry, path: Path, stream: StreamEntry, defaults: DefaultsEntry, context: BuildContext): SourceConfig {
  const own = typeof entry === 'string' ? { url: entry } : entry;
  const read = readSource(own.url, context.folder);
  const address = read.ok ? applyKind(read.value, own.kind) : read;
  if (!address.ok) throw new Error(`unchecked source: ${address.problem.message}`);
  const { kind, url } = address.value;
  const shown = context.displayOf(typeof entry === 'string' ? path : [...path, 'url']) ?? url;
  // Common settings are for every source; a kind that has no use for one leaves it out.
  const use = <T>(key: keyof typeof kindsWith, value: T | undefined): T | undefined => (kindUses(kind, key) ? value : undefined);
  const userAgent = use('userAgent', own.userAgent ?? stream.userAgent ?? defaults.userAgent);
  const referer = use('referer', own.referer ?? stream.referer ?? defaults.referer);
  const transport = use('transport', own.transport ?? stream.transport ?? defaults.transport);
  const reconnect = { ...defaults.reconnect, ...stream.reconnect, ...own.reconnect };
  return {
    kind,
    url,
    display: context.redact(shown),
    headers: use('headers', mergeHeaders(defaults.headers, stream.headers, own.headers)) ?? {},
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(referer === undefined ? {} : { referer }),
    ...(transport === undefined ? {} : { transport }),
    reconnect: {
      enabled: reconnect.enabled ?? true,
      maxDelaySeconds: (reconnect.maxDelay ?? 4000) / 1000,
      timeoutSeconds: (reconnect.timeout ?? 10_000) / 1000,
    },
    inputOptions: own.inputOptions ?? {},
  };
}

function kindUses(kind: SourceKind, key: keyof typeof kindsWith): boolean {
  return kindsWith[key].includes(kind);
}
