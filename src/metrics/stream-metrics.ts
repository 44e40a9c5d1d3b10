// Metrics of streams: order, verdict, job, source, legs, channel, viewers.

import type { EventKind } from '../core/events.ts';
import type { LegStatus } from '../core/status.ts';
import { verdictNames } from '../core/verdict.ts';
import { labelsOf, perStream, stateSet, streamLabels, type MetricDefinition } from './metric.ts';

const states = ['stopped', 'idle', 'starting', 'running', 'stopping', 'backing-off', 'failed'] as const;
const channelStates = ['live', 'slate', 'holding', 'none'] as const;
const legs = ['primary', 'backup'] as const;

/** A counter of events of one kind, by cause. Streams that are gone have none. */
function eventsBy(kind: EventKind): MetricDefinition['read'] {
  return function* ({ status, counts }) {
    const groups = new Map(status.streams.map((stream) => [stream.id, labelsOf(stream)]));
    for (const { stream, cause, count } of counts.of(kind)) {
      const labels = stream === null ? undefined : groups.get(stream);
      if (labels !== undefined) yield { labels: { ...labels, cause }, value: count };
    }
  };
}

function perLeg(value: (leg: LegStatus) => number | null): MetricDefinition['read'] {
  return function* ({ status }) {
    for (const stream of status.streams)
      for (const leg of legs) {
        const found = value(stream.legs[leg]);
        if (found !== null) yield { labels: { ...labelsOf(stream), leg }, value: found };
      }
  };
}

const bytes = (bitrateBps: number | null | undefined): number | null => (typeof bitrateBps === 'number' ? bitrateBps / 8 : null);

function gauge(name: string, help: string, read: MetricDefinition['read'], ...labels: readonly string[]): MetricDefinition {
  return { name, type: 'gauge', help, labels: [...streamLabels, ...labels], read };
}

function counter(name: string, help: string, read: MetricDefinition['read'], ...labels: readonly string[]): MetricDefinition {
  return { name, type: 'counter', help, labels: [...streamLabels, ...labels], read };
}

export const streamMetrics: readonly MetricDefinition[] = [
  gauge(
    'iptv_stream_ordered',
    '1 when the stream is ordered to run, 0 when it is ordered to stop.',
    perStream(({ order }) => (order === 'run' ? 1 : 0)),
  ),
  gauge(
    'iptv_stream_state',
    'State of the job: 1 for the present one, 0 for the others.',
    stateSet('state', states, ({ state }) => state),
    'state',
  ),
  gauge(
    'iptv_stream_verdict',
    'How the stream is, judged from all witnesses: 1 for the present verdict, 0 for the others.',
    stateSet('verdict', verdictNames, ({ verdict }) => verdict?.name),
    'verdict',
  ),
  counter(
    'iptv_stream_restarts_total',
    'Restarts that nobody ordered, by the cause of the failure before. Ordered ones are not in it.',
    eventsBy('job-failed'),
    'cause',
  ),
  counter(
    'iptv_stream_demand_total',
    'Streams that start on demand: woken, answered, kept warm, put to rest, by cause.',
    eventsBy('demand'),
    'cause',
  ),
  counter('iptv_stream_orders_total', 'Orders to start, stop and restart.', eventsBy('order'), 'cause'),
  gauge(
    'iptv_stream_first_segment_seconds',
    'From the last start of the job to its first segment.',
    perStream(({ id }, { counts }) => counts.firstSegmentSeconds.get(id)),
  ),
  gauge(
    'iptv_stream_source_index',
    'The source in use: 1 is the first in the list.',
    perStream(({ source }) => source.index + 1),
  ),
  gauge(
    'iptv_stream_sources',
    'How many sources the stream has.',
    perStream(({ source }) => source.count),
  ),
  counter('iptv_stream_source_switches_total', 'Changes from one source to another.', eventsBy('source-switched'), 'cause'),
  gauge(
    'iptv_stream_frames_per_second',
    'Frames that ffmpeg passes on.',
    perStream(({ fps }) => fps),
  ),
  gauge(
    'iptv_stream_speed_ratio',
    'Speed of the job: 1 is real time, less for long is a source or a machine that is too slow.',
    perStream(({ speed }) => speed),
  ),
  counter(
    'iptv_stream_dropped_frames_total',
    'Frames that ffmpeg dropped; starts at 0 with each job.',
    perStream(({ id }, { jobs }) => jobs.get(id)?.droppedFrames),
  ),
  counter(
    'iptv_stream_dts_errors_total',
    "ffmpeg's complaints about time stamps that jump back.",
    perStream(({ id }, { jobs }) => jobs.get(id)?.dtsErrors),
  ),
  counter(
    'iptv_stream_content_findings_total',
    'Findings about picture and sound, such as black, frozen or silent.',
    eventsBy('content'),
    'cause',
  ),
  counter(
    'iptv_job_cpu_seconds_total',
    'CPU time of the present job.',
    perStream(({ id }, { jobs }) => jobs.get(id)?.cpuSeconds),
  ),
  gauge(
    'iptv_job_resident_memory_bytes',
    'Memory of the present job.',
    perStream(({ id }, { jobs }) => jobs.get(id)?.residentBytes),
  ),
  gauge(
    'iptv_job_start_time_seconds',
    'When the present job started, as Unix time.',
    perStream(({ startedAt }) => (startedAt === null ? null : Date.parse(startedAt) / 1000)),
  ),
  gauge(
    'iptv_leg_fresh',
    '1 while the leg gets new segments.',
    perLeg(({ state }) => (state === 'fresh' ? 1 : 0)),
    'leg',
  ),
  gauge(
    'iptv_leg_segment_age_seconds',
    'Age of the newest segment of a leg.',
    perLeg(({ ageSeconds }) => ageSeconds),
    'leg',
  ),
  gauge(
    'iptv_leg_bytes_per_second',
    'What a leg writes.',
    perLeg(({ bitrateBps }) => bytes(bitrateBps)),
    'leg',
  ),
  gauge(
    'iptv_channel_state',
    'What viewers of the channel playlist get: 1 for the present state, 0 for the others.',
    stateSet('state', channelStates, ({ channel }) => channel?.state),
    'state',
  ),
  gauge(
    'iptv_channel_playlist_age_seconds',
    'Age of the newest entry of the channel playlist.',
    perStream(({ channel }) => channel?.ageSeconds),
  ),
  counter(
    'iptv_channel_discontinuities_total',
    'Discontinuities that have left the channel playlist.',
    perStream(({ channel }) => channel?.discontinuitySequence),
  ),
  counter(
    'iptv_channel_leg_switches_total',
    'Changes of the channel playlist from one leg to the other.',
    eventsBy('leg-switched'),
    'cause',
  ),
  counter('iptv_channel_slates_total', 'How often the slate was put on because every source was dead.', eventsBy('slate-on'), 'cause'),
  gauge(
    'iptv_channel_viewers',
    "Clients (address and user agent) that fetched one of the channel's playlists in the last 30 seconds.",
    perStream(({ id }, { audience }) => audience.of(id).viewers),
  ),
  counter(
    'iptv_channel_sent_bytes_total',
    'What nginx sent to viewers of the channel.',
    perStream(({ id }, { audience }) => audience.of(id).sentBytes),
  ),
  counter(
    'iptv_channel_requests_total',
    "Requests for the channel's playlists and segments.",
    perStream(({ id }, { audience }) => audience.of(id).requests),
  ),
  counter(
    'iptv_rtmp_received_bytes_total',
    "What nginx received from the stream's job; starts at 0 with each connection.",
    perStream(({ id }, { rtmp }) => rtmp.get(id)?.receivedBytes),
  ),
  counter(
    'iptv_rtmp_sent_bytes_total',
    'What nginx sent to players of RTMP.',
    perStream(({ id }, { rtmp }) => rtmp.get(id)?.sentBytes),
  ),
  gauge(
    'iptv_rtmp_publishing',
    '1 while nginx has a publisher of this name.',
    perStream(({ id }, { rtmp }) => (rtmp.size === 0 ? undefined : rtmp.get(id)?.isPublishing === true ? 1 : 0)),
  ),
];
