// The checked file to the Config that the rest of the program sees: defaults filled in, addresses resolved.

import type {
  Config,
  ContentChecks,
  FailoverConfig,
  OutputConfig,
  RestartConfig,
  ServerConfig,
  SlateConfig,
  StreamConfig,
} from '../core/config.ts';
import { buildEdge } from './edge-schema.ts';
import { buildHooks } from './build-hooks.ts';
import { buildOnDemand } from './build-on-demand.ts';
import { buildProviders, buildSource, type SourceContext } from './build-source.ts';
import { seedDefaults } from '../core/endpoints.ts';
import { createRedactor } from '../core/redact.ts';
import { resolvePath } from './file-paths.ts';
import type { Path } from './positions.ts';
import type { DefaultsEntry, ServerEntry, StreamEntry, StreamsFile } from './schema.ts';
import { buildSounds } from './audio-tracks.ts';
import { buildRenditions, pictureAsItIs } from './ladders.ts';
import { buildSubtitles } from './subtitles.ts';
import { buildSchedule } from './build-schedule.ts';

export interface BuildOptions {
  readonly path: string;
  readonly folder: string;
  readonly secrets: readonly string[];
  /** The text at a path with references in place of secret values; undefined when it has none. */
  readonly displayOf: (path: Path) => string | undefined;
}

export function buildConfig(file: StreamsFile, options: BuildOptions): Config {
  const providers = file.providers ?? {};
  const context: SourceContext = { ...options, providers, redact: createRedactor(options.secrets) };
  const server = buildServer(file.server ?? {});
  const defaults = file.defaults ?? {};
  const streams = file.streams.map((entry, index) => buildStream(entry, ['streams', index], defaults, server, context));
  const hooks = file.hooks === undefined ? {} : { hooks: buildHooks(file.hooks, options.folder) };
  const schedule = file.schedule === undefined ? {} : { schedule: file.schedule.map(buildSchedule) };
  return { path: options.path, server, streams, providers: buildProviders(providers), ...hooks, ...schedule, secrets: options.secrets };
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
    ...(entry.edge === undefined ? {} : { edge: buildEdge(entry.edge) }),
    ...(entry.metrics?.allow === undefined ? {} : { metricsFrom: entry.metrics.allow }),
    disk: {
      warnPercent: entry.disk?.warn ?? seedDefaults.diskWarnPercent,
      shedPercent: entry.disk?.shed ?? seedDefaults.diskShedPercent,
    },
  };
}

function buildStream(entry: StreamEntry, path: Path, defaults: DefaultsEntry, server: ServerConfig, context: SourceContext): StreamConfig {
  const sources =
    entry.sources?.map((source, index) => buildSource(source, [...path, 'sources', index], entry, defaults, context)) ??
    (entry.source === undefined ? [] : [buildSource(entry.source, [...path, 'source'], entry, defaults, context)]);
  const group = entry.group ?? defaults.group;
  // A stream's own words win whole: half a ladder of each would be nobody's.
  const { ladder, renditions: listed } = entry.ladder === undefined && entry.renditions === undefined ? defaults : entry;
  const output = { ...buildOutput({ ...defaults.output, ...entry.output }, server), ...buildSounds(defaults.output, entry.output) };
  const renditions =
    buildRenditions(ladder, listed) ?? (output.audioTracks === undefined && output.subtitles === undefined ? undefined : pictureAsItIs);
  return {
    id: entry.id,
    name: entry.name ?? entry.id,
    sources,
    output,
    ...(renditions === undefined ? {} : { renditions }),
    restart: buildRestart({ ...defaults.restart, ...entry.restart }),
    checks: buildChecks(defaults.checks, entry.checks),
    slate: buildSlate(entry.slate ?? defaults.slate, context.folder),
    failover: buildFailover({ ...defaults.failover, ...entry.failover }),
    ...buildOnDemand(defaults, entry),
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
    ...(entry.encoder === undefined ? {} : { encoder: entry.encoder }),
    ...(entry.deinterlace === undefined ? {} : { deinterlace: entry.deinterlace }),
    ...(entry.loudness === undefined ? {} : { loudnessLufs: entry.loudness }),
    ...buildSubtitles(entry.subtitles),
  };
}

function buildRestart(entry: NonNullable<StreamEntry['restart']>): RestartConfig {
  return {
    minDelayMs: entry.minDelay ?? 1000,
    maxDelayMs: entry.maxDelay ?? 60_000,
    stableAfterMs: entry.stableAfter ?? 60_000,
    ...(entry.stallAfter === undefined ? {} : { stallAfterMs: entry.stallAfter }),
    ...(entry.seamless === undefined ? {} : { seamless: entry.seamless }),
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

/** A stream's own words win key by key; `on` and `off` mean all of them. */
function buildChecks(common: StreamEntry['checks'], own: StreamEntry['checks']): ContentChecks {
  const all = own === 'on' ? {} : own === 'off' ? 'off' : typeof common === 'string' ? (own ?? common) : { ...common, ...own };
  if (all === 'off') return { blackAfterMs: null, frozenAfterMs: null, silentAfterMs: null, missingAfterMs: null };
  const keys = typeof all === 'string' ? {} : all;
  const after = (value: number | 'off' | undefined, standard: number): number | null => (value === 'off' ? null : (value ?? standard));
  return {
    blackAfterMs: after(keys.black, 30_000),
    frozenAfterMs: after(keys.frozen, 60_000),
    silentAfterMs: after(keys.silent, 60_000),
    missingAfterMs: after(keys.missing, 30_000),
  };
}

function buildFailover(entry: NonNullable<StreamEntry['failover']>): FailoverConfig {
  const failBack = entry.failBack ?? 120_000;
  return {
    retries: entry.retries ?? 1,
    windowMs: entry.window ?? 60_000,
    cooldownMs: entry.cooldown ?? 30_000,
    pauseMs: entry.pause ?? 1000,
    ...(failBack === 'off' ? {} : { failBackAfterMs: failBack }),
    ...(entry.startGrace === undefined ? {} : { startGraceMs: entry.startGrace }),
  };
}
