// The status document as a table: a symbol and a word for every state, colour only on top.

import { channelPlaylistName } from '../core/ids.ts';
import type { LegStatus, ScheduledBatch, StatusDocument, StreamState, StreamStatus } from '../core/status.ts';
import { calmVerdicts, houseVerdicts } from '../core/verdict.ts';
import { offersText } from '../ui/offers.ts';
import type { Sink } from '../ui/streams.ts';
import { columnsThatFit, renderTable, type Column } from '../ui/table.ts';
import { createTheme, type Theme } from '../ui/theme.ts';
import { formatAge, formatBitrate, formatClock, formatDay, formatDuration, plural } from '../ui/time.ts';
import type { StatusOptions } from './status.ts';
import { stageWords } from './wait.ts';

export interface StatusLook {
  readonly wide: boolean;
  /** Also what viewers may choose from in each channel. */
  readonly hasOffers?: boolean;
  /** Another list than the one that stands here, in words. */
  readonly listNote?: string | undefined;
}

/** What a channel offers is shown of those that are named, too. */
export function statusLook({ ids, wide }: Pick<StatusOptions, 'ids' | 'wide'>, listNote: string | undefined): StatusLook {
  return { wide, hasOffers: wide || ids.length > 0, listNote };
}

const urlTitle = 'URL';

const symbols: Readonly<Record<StreamState, string>> = {
  running: '●',
  starting: '◐',
  stopping: '◑',
  stopped: '○',
  idle: '◌',
  'backing-off': '↻',
  failed: '✗',
};

export function renderStatus(document: StatusDocument, sink: Sink, look: StatusLook): string {
  const theme = createTheme(sink.hasColor);
  const columns = columnsFor(document, sink, theme);
  const table = renderTable(columns, document.streams, sink, { wide: look.wide, styleTitle: theme.dim });
  if (!sink.isTerminal) return table;
  const { supervisor, streams } = document;
  const body = streams.length === 0 ? `no streams in ${supervisor.configPath}\n` : table;
  const hasUrls = columnsThatFit(columns, streams, sink, look).some((column) => column.title === urlTitle);
  const remarks = [
    ...(hasUrls ? [] : [`each plays at ${supervisor.publicUrl}/live/<id>/${channelPlaylistName}`]),
    ...(look.listNote === undefined ? [] : [look.listNote]),
    ...(supervisor.notes ?? []),
    ...(supervisor.schedule ?? []).map(scheduleRemark),
    ...originRemark(document, theme),
    ...houseRemarks(streams, theme),
    ...streams.flatMap((stream) => remark(stream, theme)),
    ...(look.hasOffers === true ? streams.flatMap(offersRemark) : []),
  ];
  return remarks.length === 0 ? body : `${body}\n${remarks.join('\n')}\n`;
}

/** Off a terminal the verdict comes last: scripts count columns. */
function columnsFor(document: StatusDocument, sink: Sink, theme: Theme): readonly Column<StreamStatus>[] {
  const judged = document.streams.some((stream) => stream.verdict !== undefined);
  const verdict = {
    title: 'VERDICT',
    leaveOut: true,
    human: (stream: StreamStatus) => paintVerdict(stream, theme),
    machine: (stream: StreamStatus) => stream.verdict?.name ?? '',
  };
  const columns = fixedColumns(theme);
  if (!judged) return columns;
  return sink.isTerminal ? [...columns.slice(0, 2), verdict, ...columns.slice(2)] : [...columns, verdict];
}

function fixedColumns(theme: Theme): readonly Column<StreamStatus>[] {
  return [
    { title: 'ID', human: (stream) => theme.strong(stream.id), machine: (stream) => stream.id },
    { title: 'STATE', human: (stream) => paintState(stream, theme), machine: (stream) => stream.state },
    {
      title: 'UPTIME',
      align: 'right',
      human: (stream) => (stream.uptimeSeconds === null ? '-' : formatDuration(stream.uptimeSeconds)),
      machine: (stream) => stream.startedAt ?? '',
    },
    { title: 'RESTARTS', align: 'right', human: (stream) => String(stream.restarts), machine: (stream) => String(stream.restarts) },
    legColumn('PRIMARY', (stream) => stream.legs.primary, theme),
    legColumn('BACKUP', (stream) => stream.legs.backup, theme),
    {
      title: 'BITRATE',
      align: 'right',
      leaveOut: true,
      human: (stream) => formatBitrate(stream.bitrateBps),
      machine: (stream) => textOf(stream.bitrateBps),
    },
    // Half a URL is of no use: the whole one or, below the table, how all of them look.
    { title: urlTitle, leaveOut: true, human: (stream) => stream.url, machine: (stream) => stream.url },
  ];
}

/** The age of the leg's newest segment; a leg that does not move says so in a word. */
function legColumn(title: string, leg: (stream: StreamStatus) => LegStatus, theme: Theme): Column<StreamStatus> {
  return {
    title,
    align: 'right',
    human: (stream) => {
      const { state, ageSeconds } = leg(stream);
      if (stream.state === 'stopped' || stream.state === 'idle') return '-';
      if (state === 'fresh') return formatAge(ageSeconds);
      return state === 'missing' ? theme.warning('missing') : theme.warning(`stale ${formatAge(ageSeconds)}`);
    },
    machine: (stream) => textOf(leg(stream).ageSeconds),
  };
}

function paintState(stream: StreamStatus, theme: Theme): string {
  const text = `${symbols[stream.state]} ${stream.state}`;
  switch (stream.state) {
    case 'running':
      return theme.good(text);
    case 'failed':
      return theme.bad(text);
    case 'stopped':
    case 'idle':
      return theme.dim(text);
    case 'starting':
    case 'stopping':
    case 'backing-off':
      return theme.warning(text);
  }
}

function paintVerdict({ verdict }: StreamStatus, theme: Theme): string {
  if (verdict === undefined) return '-';
  if (verdict.name === 'healthy') return theme.good(verdict.name);
  if (calmVerdicts.has(verdict.name)) return theme.dim(verdict.name);
  return verdict.name === 'degraded' ? theme.warning(verdict.name) : theme.bad(verdict.name);
}

/** What hits many streams is said once. */
function houseRemarks(streams: readonly StreamStatus[], theme: Theme): readonly string[] {
  const found = new Map<string, { readonly reason: string; count: number }>();
  for (const { verdict } of streams) {
    if (verdict === undefined || !houseVerdicts.has(verdict.name)) continue;
    const known = found.get(verdict.name) ?? { reason: verdict.reason, count: 0 };
    known.count += 1;
    found.set(verdict.name, known);
  }
  return [...found].map(([name, { reason, count }]) => `${theme.bad(name)}: ${reason} (${plural(count, 'stream')})`);
}

/** What the table has no room for: why a stream is not on air, and what differs from the list. */
function remark(stream: StreamStatus, theme: Theme): readonly string[] {
  const lines: string[] = [];
  const { verdict } = stream;
  const isBad = verdict !== undefined && !calmVerdicts.has(verdict.name) && !houseVerdicts.has(verdict.name);
  // A stream whose job is being started again says itself why, and when.
  if (isBad && stream.state !== 'failed' && stream.state !== 'backing-off')
    lines.push(`${(verdict.name === 'degraded' ? theme.warning : theme.bad)(stream.id)}: ${verdict.reason}; iptv why ${stream.id}`);
  if (stream.state === 'failed') lines.push(`${theme.bad(stream.id)}: ${stream.lastFailure?.message ?? 'failed'}; iptv why ${stream.id}`);
  else if (stream.state === 'backing-off' || stream.state === 'starting') lines.push(`${theme.warning(stream.id)}: ${stageWords(stream)}`);
  lines.push(...channelRemark(stream, theme));
  if (stream.definition === 'changed') lines.push(`${stream.id}: its definition changed; iptv restart ${stream.id} takes it over`);
  if (stream.definition === 'removed') lines.push(`${stream.id}: no longer in the list; iptv stop ${stream.id} ends it`);
  return lines;
}

/** What viewers see, where that is not simply the primary leg. */
function channelRemark({ id, state, channel }: StreamStatus, theme: Theme): readonly string[] {
  if (channel?.state === 'slate') return [`${theme.warning(id)}: viewers see the slate`];
  // Before its first segment a channel holds nothing yet, and the line above says what it waits for.
  if (channel?.state === 'holding' && state !== 'starting') {
    return [`${theme.warning(id)}: the channel stands still${channel.ageSeconds === null ? '' : ` for ${formatAge(channel.ageSeconds)}`}`];
  }
  return channel?.leg === 'backup' ? [`${id}: plays from the backup leg`] : [];
}

function offersRemark(stream: StreamStatus): readonly string[] {
  const text = offersText(stream);
  return text === undefined ? [] : [`${stream.id} offers ${text}`];
}

function scheduleRemark({ command, cron, nextAt }: ScheduledBatch): string {
  if (nextAt === null) return `schedule ${cron}: ${command} never runs`;
  const at = Date.parse(nextAt);
  return `scheduled for ${formatDay(at)} ${formatClock(at)}: ${command}`;
}

function originRemark({ origin }: StatusDocument, theme: Theme): readonly string[] {
  if (origin.answers) return [];
  return [
    `${theme.warning('nginx-rtmp')} does not answer${origin.lastFailure === null ? '' : `: ${origin.lastFailure.message}`}; see iptv logs nginx-rtmp`,
  ];
}

function textOf(value: number | null): string {
  return value === null ? '' : String(value);
}
