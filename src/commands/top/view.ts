// The picture of `iptv top`: exactly as many lines as the terminal has, none of them wider. Pure.

import type { LegStatus, StreamStatus } from '../../core/status.ts';
import { cutTo, fitTo, padTo, widthOf } from '../../ui/fit.ts';
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
  /** The least that is of use. */
  readonly width: number;
  /** Room that is left is given to it, up to this. */
  readonly most?: (streams: readonly StreamStatus[]) => number;
  readonly align?: 'right';
  readonly text: (stream: StreamStatus, state: TopState, width: number) => string;
  /** Paints the whole cell, padding included. */
  readonly paint?: (stream: StreamStatus, theme: Theme) => (text: string) => string;
}

const plainPaint = (text: string): string => text;
const symbols = ['●', '◐', '▲', '✗'] as const;
const longestId = 32;
const lookedAtSamples = 60;

/** In the order in which they give way when the terminal is narrow: the last goes first. Down to SRC they fit into 80 columns. */
const cells: readonly Cell[] = [
  {
    title: 'VERDICT',
    width: 15,
    text: (stream) => `${isAtRest(stream) ? '○' : symbols[troubleOf(stream)]} ${wordOf(stream)}`,
    paint: (stream, theme) =>
      isAtRest(stream) ? theme.dim : ([theme.good, theme.warning, theme.warning, theme.bad] as const)[troubleOf(stream)],
  },
  {
    title: 'ID',
    width: 11,
    most: (streams) => Math.min(longestId, Math.max(11, ...streams.map(({ id }) => id.length))),
    text: (stream) => stream.id,
    paint: (_stream, theme) => theme.strong,
  },
  {
    title: 'VIEWERS',
    width: 7,
    align: 'right',
    text: (stream) => (stream.viewers === undefined || stream.viewers === null ? '-' : String(stream.viewers)),
  },
  { title: 'BITRATE', width: 9, align: 'right', text: (stream) => formatBitrate(stream.bitrateBps) },
  { title: '', width: 8, most: () => 20, text: (stream, state, width) => lastMinute(state.history.get(stream.id) ?? [], width) },
  { title: 'NGINX', width: 6, align: 'right', text: (stream) => legAge(stream.legs.primary, stream) },
  { title: 'FFMPEG', width: 6, align: 'right', text: (stream) => legAge(stream.legs.backup, stream) },
  { title: 'RST', width: 4, align: 'right', text: (stream) => String(stream.restarts) },
  { title: 'SRC', width: 3, align: 'right', text: (stream) => String(stream.source.index + 1) },
  { title: 'CHANNEL', width: 8, text: (stream) => channelWord(stream) },
  { title: 'SOURCE', width: 24, most: () => 100, text: (stream) => stream.source.url },
];

export function renderTop(state: TopState, size: Size, theme: Theme, nowMs: number): readonly string[] {
  const streams = visibleStreams(state);
  const columns = fittingCells(size.columns, streams);
  const selectedAt = Math.max(
    0,
    streams.findIndex((stream) => stream.id === state.selected),
  );
  const selected = streams[selectedAt];
  const head = [headLine(state, size.columns, theme, nowMs), titleLine(columns, theme)];
  const foot = [reasonLine(state, selected, theme), keysLine(state, size.columns, theme)];
  const room = Math.max(1, size.rows - head.length - foot.length);
  // The selected line stays in sight.
  const first = Math.min(Math.max(0, selectedAt - Math.floor(room / 2)), Math.max(0, streams.length - room));
  const body = streams.slice(first, first + room).map((stream) => streamLine(stream, state, columns, theme));
  if (streams.length === 0) body.push(state.document === undefined ? 'asking the supervisor …' : 'no stream matches');
  while (body.length < room) body.push('');
  return [...head, ...body.slice(0, room), ...foot].slice(0, size.rows).map((line) => cutTo(line, size.columns));
}

function fittingCells(columns: number, streams: readonly StreamStatus[]): readonly Cell[] {
  const fitting: Cell[] = [];
  let used = 2;
  for (const cell of cells) {
    // The space behind the last cell is nobody's.
    if (used + cell.width > columns) break;
    fitting.push(cell);
    used += cell.width + 1;
  }
  let spare = columns - used + 1;
  return fitting.map((cell) => {
    const more = Math.max(0, Math.min(spare, (cell.most?.(streams) ?? cell.width) - cell.width));
    spare -= more;
    return { ...cell, width: cell.width + more };
  });
}

/** Bars of several looks each, so that all of them together are the last minute. */
function lastMinute(history: readonly (number | undefined)[], width: number): string {
  const each = Math.ceil(lookedAtSamples / width);
  const bars: (number | undefined)[] = [];
  for (let end = history.length; end > 0; end -= each) {
    const known = history.slice(Math.max(0, end - each), end).filter((value) => value !== undefined);
    bars.unshift(known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length);
  }
  return sparkline(bars, width);
}

function headLine(state: TopState, columns: number, theme: Theme, nowMs: number): string {
  const streams = state.document?.streams ?? [];
  const run = streams.filter((stream) => stream.order === 'run');
  const bad = run.filter((stream) => troubleOf(stream) >= 2).length;
  const viewers = streams.reduce((sum, stream) => sum + (stream.viewers ?? 0), 0);
  const bitrate = run.reduce((sum, stream) => sum + (stream.bitrateBps ?? 0), 0);
  const hits = state.document?.edge?.hitRatio;
  return wholeParts(
    [
      theme.strong('iptv top'),
      `${run.length} of ${plural(streams.length, 'channel')} on`,
      bad === 0 ? theme.good('all well') : theme.bad(`${bad} in trouble`),
      ...(state.filter === '' ? [] : [`filter: ${state.filter}`]),
      ...(streams.some((stream) => typeof stream.viewers === 'number') ? [plural(viewers, 'viewer')] : []),
      formatBitrate(bitrate),
      ...(hits === undefined ? [] : [`edge hits ${Math.floor(hits * 100)} %`]),
      formatClock(nowMs),
    ],
    columns,
  );
}

/** As many of the parts as fit, none of them cut. */
function wholeParts(parts: readonly string[], columns: number): string {
  let count = parts.length;
  while (count > 1 && widthOf(parts.slice(0, count).join('  ')) > columns) count -= 1;
  return parts.slice(0, count).join('  ');
}

function titleLine(columns: readonly Cell[], theme: Theme): string {
  return theme.dim(`  ${columns.map((cell) => padTo(cell.title, cell.width, cell.align ?? 'left')).join(' ')}`);
}

function streamLine(stream: StreamStatus, state: TopState, columns: readonly Cell[], theme: Theme): string {
  // Not by colour alone: the chosen line has a mark.
  const mark = stream.id === state.selected ? theme.command('> ') : '  ';
  const texts = columns.map(({ text, paint, width, align }) => {
    const cell = padTo(fitTo(text(stream, state, width), width), width, align ?? 'left');
    return (paint?.(stream, theme) ?? plainPaint)(cell);
  });
  return mark + texts.join(' ');
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

function keysLine(state: TopState, columns: number, theme: Theme): string {
  if (state.typing) return `filter: ${state.filter}${theme.command('_')}  (Enter keeps it, Esc clears it)`;
  const { dim } = theme;
  const { sorting } = state;
  const forms = [
    `${dim('q quit  ↑↓ choose  s sort:')} ${sorting}${dim('  / filter  r restart  l logs  d doctor  w why')}`,
    `${dim('q quit  s sort:')} ${sorting}${dim('  / filter  r restart  l logs  d doctor  w why')}`,
    `${dim('q quit s:')}${sorting} ${dim('/ filter r restart l logs d doctor w why')}`,
    dim('q s / r restart l logs d doctor w why'),
  ];
  return forms.find((form) => widthOf(form) < columns) ?? dim('q s / r l d w');
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
