// The picture of `iptv top`: exactly as many lines as the terminal has, none of them wider. Pure.

import type { LegStatus, StreamStatus } from '../../core/status.ts';
import { cutTo, fitTo, padTo } from '../../ui/fit.ts';
import { offersText } from '../../ui/offers.ts';
import { sparkline } from '../../ui/sparkline.ts';
import type { Theme } from '../../ui/theme.ts';
import { formatAge, formatBitrate, formatClock, plural } from '../../ui/time.ts';
import { troubleOf, visibleStreams, type TopState } from './model.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Cell {
  readonly title: string;
  readonly width: number;
  readonly align?: 'right';
  readonly text: (stream: StreamStatus, state: TopState) => string;
  /** Paints the whole cell, padding included. */
  readonly paint?: (stream: StreamStatus, theme: Theme) => (text: string) => string;
}

const plainPaint = (text: string): string => text;
const symbols = ['●', '◐', '▲', '✗'] as const;

/** In the order in which they give way when the terminal is narrow: the last goes first. */
const cells: readonly Cell[] = [
  {
    title: 'VERDICT',
    width: 15,
    text: (stream) => `${isAtRest(stream) ? '○' : symbols[troubleOf(stream)]} ${wordOf(stream)}`,
    paint: (stream, theme) =>
      isAtRest(stream) ? theme.dim : ([theme.good, theme.warning, theme.warning, theme.bad] as const)[troubleOf(stream)],
  },
  { title: 'ID', width: 16, text: (stream) => stream.id, paint: (_stream, theme) => theme.strong },
  {
    title: 'VIEWERS',
    width: 7,
    align: 'right',
    text: (stream) => (stream.viewers === undefined || stream.viewers === null ? '-' : String(stream.viewers)),
  },
  { title: 'BITRATE', width: 9, align: 'right', text: (stream) => formatBitrate(stream.bitrateBps) },
  { title: '', width: 12, text: (stream, state) => sparkline(state.history.get(stream.id) ?? [], 12) },
  { title: 'NGINX', width: 6, align: 'right', text: (stream) => legAge(stream.legs.primary, stream) },
  { title: 'FFMPEG', width: 6, align: 'right', text: (stream) => legAge(stream.legs.backup, stream) },
  { title: 'RST', width: 4, align: 'right', text: (stream) => String(stream.restarts) },
  { title: 'SRC', width: 3, align: 'right', text: (stream) => String(stream.source.index + 1) },
  { title: 'CHANNEL', width: 8, text: (stream) => channelWord(stream) },
  { title: 'SOURCE', width: 30, text: (stream) => stream.source.url },
];

export function renderTop(state: TopState, size: Size, theme: Theme, nowMs: number): readonly string[] {
  const columns = fittingCells(size.columns);
  const streams = visibleStreams(state);
  const selectedAt = Math.max(
    0,
    streams.findIndex((stream) => stream.id === state.selected),
  );
  const selected = streams[selectedAt];
  const head = [headLine(state, theme, nowMs), titleLine(columns, theme)];
  const foot = [reasonLine(state, selected, theme), keysLine(state, theme)];
  const room = Math.max(1, size.rows - head.length - foot.length);
  // The selected line stays in sight.
  const first = Math.min(Math.max(0, selectedAt - Math.floor(room / 2)), Math.max(0, streams.length - room));
  const body = streams.slice(first, first + room).map((stream) => streamLine(stream, state, columns, theme));
  if (streams.length === 0) body.push(state.document === undefined ? 'asking the supervisor …' : 'no stream matches');
  while (body.length < room) body.push('');
  return [...head, ...body.slice(0, room), ...foot].slice(0, size.rows).map((line) => cutTo(line, size.columns));
}

function fittingCells(columns: number): readonly Cell[] {
  const fitting: Cell[] = [];
  let used = 2;
  for (const cell of cells) {
    if (used + cell.width + 1 > columns) break;
    fitting.push(cell);
    used += cell.width + 1;
  }
  return fitting;
}

function headLine(state: TopState, theme: Theme, nowMs: number): string {
  const streams = state.document?.streams ?? [];
  const run = streams.filter((stream) => stream.order === 'run');
  const bad = run.filter((stream) => troubleOf(stream) >= 2).length;
  const viewers = streams.reduce((sum, stream) => sum + (stream.viewers ?? 0), 0);
  const bitrate = run.reduce((sum, stream) => sum + (stream.bitrateBps ?? 0), 0);
  const counts = [
    theme.strong('iptv top'),
    `${run.length} of ${plural(streams.length, 'channel')} on`,
    bad === 0 ? theme.good('all well') : theme.bad(`${bad} in trouble`),
    ...(streams.some((stream) => typeof stream.viewers === 'number') ? [plural(viewers, 'viewer')] : []),
    formatBitrate(bitrate),
    formatClock(nowMs),
  ];
  return counts.join('  ');
}

function titleLine(columns: readonly Cell[], theme: Theme): string {
  return theme.dim(`  ${columns.map((cell) => padTo(cell.title, cell.width, cell.align ?? 'left')).join(' ')}`);
}

function streamLine(stream: StreamStatus, state: TopState, columns: readonly Cell[], theme: Theme): string {
  // Not by colour alone: the chosen line has a mark.
  const mark = stream.id === state.selected ? theme.command('> ') : '  ';
  return (
    mark +
    columns
      .map((cell) =>
        (cell.paint?.(stream, theme) ?? plainPaint)(padTo(fitTo(cell.text(stream, state), cell.width), cell.width, cell.align ?? 'left')),
      )
      .join(' ')
  );
}

function reasonLine(state: TopState, selected: StreamStatus | undefined, theme: Theme): string {
  if (state.confirming !== undefined) return theme.warning(`restart ${state.confirming}? y yes, any other key no`);
  if (state.trouble !== undefined) return theme.bad(state.trouble);
  if (state.message !== '') return state.message;
  if (selected === undefined) return '';
  const reason = selected.verdict?.reason ?? (selected.state === 'running' ? '' : (selected.lastFailure?.message ?? ''));
  // What is wrong comes before what there is to choose.
  const offers = troubleOf(selected) === 0 ? offersText(selected) : undefined;
  return [
    theme.strong(selected.id),
    ...(selected.name === selected.id ? [] : [selected.name]),
    reason,
    ...(offers === undefined ? [] : [offers]),
  ].join('  ');
}

function keysLine(state: TopState, theme: Theme): string {
  if (state.typing) return `filter: ${state.filter}${theme.command('_')}  (Enter keeps it, Esc clears it)`;
  const filter = state.filter === '' ? '' : `  filter: ${state.filter}`;
  return `${theme.dim('q quit  ↑↓ choose  s sort:')} ${state.sorting}${theme.dim('  / filter  r restart  l logs  d doctor  w why')}${filter}`;
}

/** What the stream is, in the one word that fits: the verdict, or while there is none its state. */
function wordOf(stream: StreamStatus): string {
  if (stream.order === 'stop') return 'stopped';
  return stream.verdict === undefined || stream.verdict.name === 'stopped' ? stream.state : stream.verdict.name;
}

function legAge(leg: LegStatus, stream: StreamStatus): string {
  if (isAtRest(stream)) return '-';
  return leg.state === 'missing' ? 'none' : `${formatAge(leg.ageSeconds)}${leg.state === 'stale' ? '!' : ''}`;
}

/** No job, and none is wanted. */
function isAtRest(stream: StreamStatus): boolean {
  return stream.order === 'stop' || stream.state === 'idle';
}

function channelWord(stream: StreamStatus): string {
  if (stream.channel === undefined) return '-';
  return stream.channel.state === 'live' ? (stream.channel.leg ?? 'live') : stream.channel.state;
}
