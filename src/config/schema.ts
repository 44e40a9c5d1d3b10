// The shape of streams.yaml. Values check themselves (value-types.ts); defaults are filled in by build.ts.

import { z } from 'zod';
import { accept, describeValue, refuse } from './checked.ts';
import { edgeSchema } from './edge-schema.ts';
import { failoverSchema, providerName, providersSchema, resolveSchema } from './failover-schema.ts';
import { headersSchema } from './headers.ts';
import { streamId } from './ids.ts';
import { inputOptionsSchema } from './input-options.ts';
import { onDemandKeys } from './on-demand-schema.ts';
import { encodingKeys, ladderSchema, renditionsSchema } from './ladders.ts';
import { cronExpression, quietHours, timeZone } from './schedule.ts';
import { hlsDirectory, hlsUrl, network, publicUrl, rtmpUrl } from './server-values.ts';
import { sourceKinds } from './sources.ts';
import { subtitleKeys } from './subtitles.ts';
import { choice, duration, flag, integer, leaf, percentage, text, textOf } from './value-types.ts';
import type { ValueType } from './value-types.ts';
import { checksSchema, hooksSchema } from './watch-schema.ts';

const second = 1000;
const hour = 3600 * second;

const port = (what: string, standard: number) =>
  leaf(integer('a port', { min: 1, max: 65_535 }), `${what} Default ${standard}.`).optional();
const delay = (what: string, minMs: number, maxMs: number) => leaf(duration({ minMs, maxMs }), what).optional();

const segment = delay('Length of a segment. Default 2s.', 500, 60 * second);
/** RFC 8216 6.2.2: a live playlist holds at least three target durations. */
const window = leaf(integer('a number of segments', { min: 3, max: 1000 }), 'Segments listed in a playlist. Default 10.').optional();

const output = z.strictObject({
  segment,
  window,
  cushion: delay(
    'How far behind the end players should stay, so that they play through a longer gap; its price is delay. At least three target durations are announced. Default: their own choice.',
    second,
    600 * second,
  ),
  video: leaf(choice(['auto', 'copy', 'transcode']), 'auto: copy what FLV and TS can carry, transcode the rest. Default auto.').optional(),
  audio: leaf(
    choice(['auto', 'copy', 'transcode', 'none']),
    'auto: copy what FLV and TS can carry, transcode the rest. Default auto.',
  ).optional(),
  ...encodingKeys,
  ...subtitleKeys,
});

const restart = z.strictObject({
  minDelay: delay('First wait before a restart. Default 1s.', 100, hour),
  maxDelay: delay('Longest wait before a restart. Default 60s.', 100, 24 * hour),
  stableAfter: delay('A run this long forgets earlier failures. Default 60s.', second, 24 * hour),
  stallAfter: delay('Restart when no segment appeared for this long. Default: follows from the segment length.', second, hour),
  seamless: leaf(
    choice(['auto', 'off']),
    'auto: an ordered restart leaves no gap where the provider has a free connection. Default auto.',
  ).optional(),
});

const reconnect = z.strictObject({
  enabled: leaf(flag(), 'Let ffmpeg itself reconnect in place (http sources). Default true.').optional(),
  maxDelay: leaf(
    duration({ minMs: 0, maxMs: 300 * second, wholeSeconds: true }),
    'Longest single wait before the job is restarted instead. Default 4s.',
  ).optional(),
  timeout: delay('A read without a byte for this long fails. Default 10s.', second, 600 * second),
});

const userAgent = leaf(text('a user agent', 500), 'User-Agent header (http and rtsp sources).').optional();
const referer = leaf(text('a referer', 2000), 'Referer header (http sources).').optional();
const transport = leaf(choice(['tcp', 'udp']), 'Transport of rtsp sources. Default tcp.').optional();
const headers = headersSchema.optional();

const source = z.strictObject({
  url: leaf(text('a URL or a file name', 4000), 'URL, file name relative to this file, or test:').optional(),
  resolve: resolveSchema.optional(),
  provider: providerName.optional(),
  kind: leaf(choice(sourceKinds), 'Overrides what the URL says; for http URLs: hls or http-ts.').optional(),
  headers,
  userAgent,
  referer,
  transport,
  reconnect: reconnect.optional(),
  inputOptions: inputOptionsSchema.optional(),
});

const oneSource = z.union([leaf(text('a URL or a file name', 4000), 'URL, file name relative to this file, or test:'), source]);

const clip = textOf({
  what: 'a file name',
  maxLength: 4000,
  check: (path) => (/^[a-z][a-z0-9+.-]*:/i.test(path) ? refuse('expected a file name, not a URL') : accept(path)),
});

const slate = z.union([
  leaf(choice(['on', 'off']), 'off: nothing is shown while every source is dead. Default on.'),
  z.strictObject({
    text: leaf(text('a text', 100), 'Said below the name. Default "temporarily unavailable".').optional(),
    clip: leaf(clip, 'A clip or picture of your own, shown in a loop; relative to this file.').optional(),
  }),
]);

const tag = textOf({
  what: 'a tag',
  maxLength: 32,
  json: { pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$' },
  check: (word) => (/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(word) ? accept(word) : refuse('a tag may hold only letters, digits, - and _')),
});

const shared = {
  enabled: leaf(flag(), 'Whether "start --all" starts it. Default true.').optional(),
  tags: z.array(leaf(tag, 'A tag.')).optional().describe('Words for "start --tag".'),
  group: leaf(text('a group name'), 'Group in channel lists.').optional(),
  output: output.optional(),
  ladder: ladderSchema.optional(),
  renditions: renditionsSchema.optional(),
  restart: restart.optional(),
  slate: slate.optional(),
  failover: failoverSchema.optional(),
  checks: checksSchema.optional(),
  ...onDemandKeys,
  reconnect: reconnect.optional(),
  headers,
  userAgent,
  referer,
  transport,
};

const logo = textOf({
  what: 'an http URL',
  maxLength: 2000,
  check: (url) => (/^https?:\/\/\S+$/i.test(url) && URL.canParse(url) ? accept(url) : refuse('expected an http or https URL')),
});

const stream = z
  .strictObject({
    id: leaf(streamId(), 'Short name, used in commands, file names and URLs.'),
    name: leaf(text('a name'), 'Name for people. Default: the id.').optional(),
    source: oneSource.optional(),
    sources: z.array(oneSource).min(1).optional().describe('Sources in order of preference.'),
    ...shared,
    logo: leaf(logo, 'URL of a picture.').optional(),
    tvgId: leaf(text('a guide id'), 'Id in the programme guide.').optional(),
  })
  .meta({ anyOf: [{ required: ['source'] }, { required: ['sources'] }] });

const server = z.strictObject({
  runtime: leaf(choice(['auto', 'local', 'docker']), 'auto: docker where an engine answers, else local. Default auto.').optional(),
  rtmpUrl: leaf(rtmpUrl(), 'Where jobs publish, without the name of the stream. Default: by runtime.').optional(),
  hlsUrl: leaf(hlsUrl(), 'HLS base as the jobs see it. Default: by runtime.').optional(),
  publicUrl: leaf(publicUrl(), 'Base that viewers use. Default http://localhost:<ports.public>.').optional(),
  hlsDirectory: leaf(hlsDirectory(), 'Where both HLS writers write; the last part is hls. Default /tmp/hls.').optional(),
  permissions: leaf(choice(['compat', 'hardened']), 'compat: mode 777, nobody. hardened: own users, 2775. Default compat.').optional(),
  ports: z
    .strictObject({
      rtmp: port('RTMP, for the jobs only.', 1935),
      http: port('HTTP inside the nginx container.', 8000),
      public: port('HTTP for viewers.', 8088),
    })
    .optional(),
  metrics: z
    .strictObject({
      allow: z
        .array(leaf(network(), 'An address, a network such as 10.0.0.0/8, or all.'))
        .min(1)
        .optional()
        .describe('Who may read /metrics. Default: private networks.'),
    })
    .optional()
    .describe('Figures for Prometheus at /metrics.'),
  disk: z
    .strictObject({
      warn: leaf(
        percentage(),
        "Used part of the HLS folder's file system, or of its inodes, that is worth a warning. Default 80%.",
      ).optional(),
      shed: leaf(percentage(), 'From here on the backup legs are cut short so that the channels play on. Default 90%.').optional(),
    })
    .optional()
    .describe('What is done when the HLS folder fills up.'),
  edge: edgeSchema.optional(),
  segment,
  window,
});

const names = (what: string) =>
  z
    .array(leaf(text(what, 64), `The name of ${what}.`))
    .min(1)
    .optional();

/** What `iptv restart` is told; the same words as its flags. */
const scheduled = z.strictObject({
  cron: leaf(cronExpression(), 'When: five fields of crontab(5), or @daily and its kin.'),
  timezone: leaf(timeZone(), "Time zone of the expression and of the quiet hours. Default: the system's.").optional(),
  quiet: z.array(leaf(quietHours(), 'Hours, such as 18:00-23:30.')).optional().describe('Hours in which nothing is restarted.'),
  streams: names('a stream').describe('Only these streams. Without streams, tags and groups: all.'),
  tags: names('a tag').describe('Only streams with one of these tags.'),
  groups: names('a group').describe('Only streams of these groups.'),
  unhealthy: leaf(flag(), 'Only streams that are not well. Default false.').optional(),
  rolling: leaf(integer('a number of streams', { min: 1, max: 1000 }), 'Restarted at the same time. Default 2.').optional(),
  jitter: delay('Begin after a random time up to this. Default 0s.', 0, 24 * hour),
  olderThan: delay('Leave younger jobs alone.', second, 365 * 24 * hour),
  maxFail: leaf(integer('a number of streams', { min: 0, max: 1000 }), 'Stop when more did not come back. Default 2.').optional(),
  deadline: delay('Begin no restart later than this.', second, 24 * hour),
});

const version: ValueType<1> = {
  json: { const: 1 },
  check: (value) =>
    value === 1 || value === '1' ? accept(1) : refuse('unknown version, this iptv reads version 1', { found: describeValue(value) }),
};

export const fileSchema = z
  .strictObject({
    version: leaf(version, 'Version of this format: 1.', 'is missing: put  version: 1  at the top of the file'),
    server: server.optional(),
    providers: providersSchema.optional(),
    defaults: z.strictObject(shared).optional().describe('Settings for every stream that does not set them itself.'),
    hooks: hooksSchema.optional(),
    schedule: z.array(scheduled).optional().describe('Batch restarts by the clock, for those who have no cron.'),
    streams: z.array(stream).describe('The channels.'),
  })
  .meta({ title: 'streams.yaml of iptv' });

export type StreamsFile = z.output<typeof fileSchema>;
export type StreamEntry = StreamsFile['streams'][number];
export type SourceEntry = NonNullable<StreamEntry['source']>;
export type DefaultsEntry = NonNullable<StreamsFile['defaults']>;
export type ScheduleEntry = NonNullable<StreamsFile['schedule']>[number];
export type HookEntry = NonNullable<StreamsFile['hooks']>[number];
export type ServerEntry = NonNullable<StreamsFile['server']>;
export type ProvidersEntry = NonNullable<StreamsFile['providers']>;
export type ResolveEntry = NonNullable<Exclude<SourceEntry, string>['resolve']>;
