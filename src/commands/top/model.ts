// What `iptv top` shows and how keys change it: a pure function from state and event to state.

import type { StatusDocument, StreamStatus } from '../../core/status.ts';

export const sortings = ['trouble', 'viewers', 'bitrate', 'id'] as const;
export type Sorting = (typeof sortings)[number];

export interface TopState {
  readonly document: StatusDocument | undefined;
  /** Bitrates of each stream, oldest first, one a look. */
  readonly history: ReadonlyMap<string, readonly (number | undefined)[]>;
  readonly sorting: Sorting;
  readonly filter: string;
  /** The filter is being typed. */
  readonly typing: boolean;
  readonly selected: string | undefined;
  /** A restart that waits for its second key. */
  readonly confirming: string | undefined;
  /** One line for the user, such as what an order came to. */
  readonly message: string;
  /** Why the last look failed; undefined when it did not. */
  readonly trouble: string | undefined;
}

export type TopEvent =
  | { readonly type: 'status'; readonly document: StatusDocument }
  | { readonly type: 'lost'; readonly why: string }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'key'; readonly key: string };

export type TopEffect = { readonly type: 'quit' } | { readonly type: 'restart' | 'logs' | 'doctor' | 'why'; readonly id: string };

export interface TopStep {
  readonly state: TopState;
  readonly effect?: TopEffect;
}

const historyLength = 60;

export const initialTop: TopState = {
  document: undefined,
  history: new Map(),
  sorting: 'trouble',
  filter: '',
  typing: false,
  selected: undefined,
  confirming: undefined,
  message: '',
  trouble: undefined,
};

export function topStep(state: TopState, event: TopEvent): TopStep {
  switch (event.type) {
    case 'status':
      return { state: keepSelection({ ...state, document: event.document, history: remember(state, event.document), trouble: undefined }) };
    case 'lost':
      return { state: { ...state, trouble: event.why } };
    case 'message':
      return { state: { ...state, message: event.text } };
    case 'key':
      return state.typing ? typeFilter(state, event.key) : press({ ...state, message: '' }, event.key);
  }
}

function press(state: TopState, key: string): TopStep {
  if (state.confirming !== undefined) {
    const id = state.confirming;
    const quiet = { ...state, confirming: undefined };
    return key === 'y' || key === 'r' ? { state: quiet, effect: { type: 'restart', id } } : { state: quiet };
  }
  switch (key) {
    case 'q':
    case 'ctrl-c':
    case 'ctrl-d':
      return { state, effect: { type: 'quit' } };
    case 'up':
    case 'k':
      return { state: move(state, -1) };
    case 'down':
    case 'j':
      return { state: move(state, 1) };
    case 'page-up':
      return { state: move(state, -10) };
    case 'page-down':
      return { state: move(state, 10) };
    case 'home':
    case 'g':
      return { state: move(state, -Infinity) };
    case 'end':
    case 'G':
      return { state: move(state, Infinity) };
    case 's':
      return { state: { ...state, sorting: sortings[(sortings.indexOf(state.sorting) + 1) % sortings.length] ?? 'trouble' } };
    case '/':
      return { state: { ...state, typing: true } };
    case 'escape':
      return { state: keepSelection({ ...state, filter: '' }) };
    case 'r':
      return state.selected === undefined ? { state } : { state: { ...state, confirming: state.selected } };
    case 'l':
    case 'enter':
      return state.selected === undefined ? { state } : { state, effect: { type: 'logs', id: state.selected } };
    case 'd':
      return state.selected === undefined ? { state } : { state, effect: { type: 'doctor', id: state.selected } };
    case 'w':
      return state.selected === undefined ? { state } : { state, effect: { type: 'why', id: state.selected } };
    default:
      return { state };
  }
}

function typeFilter(state: TopState, key: string): TopStep {
  if (key === 'ctrl-c') return { state, effect: { type: 'quit' } };
  if (key === 'enter') return { state: { ...state, typing: false } };
  if (key === 'escape') return { state: keepSelection({ ...state, typing: false, filter: '' }) };
  if (key === 'backspace') return { state: keepSelection({ ...state, filter: state.filter.slice(0, -1) }) };
  return key.length === 1 ? { state: keepSelection({ ...state, filter: state.filter + key }) } : { state };
}

/** The streams in the order they are shown. */
export function visibleStreams(state: TopState): readonly StreamStatus[] {
  const words = state.filter.toLowerCase();
  const found = (state.document?.streams ?? []).filter((stream) => words === '' || textOf(stream).includes(words));
  return found.toSorted((a, b) => compare(a, b, state.sorting) || a.id.localeCompare(b.id));
}

function compare(a: StreamStatus, b: StreamStatus, sorting: Sorting): number {
  const viewers = (b.viewers ?? 0) - (a.viewers ?? 0);
  switch (sorting) {
    case 'trouble':
      return troubleOf(b) - troubleOf(a) || viewers;
    case 'viewers':
      return viewers;
    case 'bitrate':
      return (b.bitrateBps ?? 0) - (a.bitrateBps ?? 0);
    case 'id':
      return 0;
  }
}

/** 3: off air. 2: not well. 1: coming up. 0: fine, or stopped on purpose. */
export function troubleOf(stream: StreamStatus): 0 | 1 | 2 | 3 {
  if (stream.order === 'stop' || stream.state === 'idle') return 0;
  if (stream.channel?.state === 'slate' || stream.channel?.state === 'holding') return 3;
  const { verdict } = stream;
  if (verdict !== undefined && verdict.name !== 'healthy' && verdict.name !== 'stopped') {
    return verdict.name === 'starting' ? 1 : verdict.name === 'degraded' ? 2 : 3;
  }
  if (stream.state === 'failed' || stream.state === 'backing-off') return 3;
  if (stream.state !== 'running') return 1;
  return Object.values(stream.legs).some((leg) => leg.state !== 'fresh') ? 2 : 0;
}

function textOf(stream: StreamStatus): string {
  return [stream.id, stream.name, stream.group ?? '', ...stream.tags, stream.verdict?.name ?? '', stream.state].join(' ').toLowerCase();
}

function move(state: TopState, by: number): TopState {
  const streams = visibleStreams(state);
  if (streams.length === 0) return state;
  const at = streams.findIndex((stream) => stream.id === state.selected);
  const next = Math.min(streams.length - 1, Math.max(0, (at < 0 ? 0 : at) + by));
  return { ...state, selected: streams[next]?.id };
}

function keepSelection(state: TopState): TopState {
  const streams = visibleStreams(state);
  if (streams.some((stream) => stream.id === state.selected)) return state;
  return { ...state, selected: streams[0]?.id };
}

function remember(state: TopState, document: StatusDocument): TopState['history'] {
  return new Map(
    document.streams.map((stream) => [
      stream.id,
      [...(state.history.get(stream.id) ?? []), stream.bitrateBps ?? undefined].slice(-historyLength),
    ]),
  );
}
