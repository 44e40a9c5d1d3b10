// What happened, why, and what was done about it: the story that `iptv events` and `iptv why` tell.

/** Stable words; readers must pass over kinds that they do not know. docs/events.md explains each. */
export const eventKinds = [
  /** Somebody ordered a stream to run, stop or restart. */
  'order',
  /** How an ordered restart went. */
  'restarted',
  /** A stream that starts on demand is woken, kept warm, or put to rest. */
  'demand',
  'job-started',
  /** A job ended, or was ended, without an order. */
  'job-failed',
  /** The first new segment of a job. */
  'delivering',
  'verdict',
  'source-switched',
  'source-resolved',
  'leg-switched',
  'slate-on',
  'slate-off',
  'content',
  /** What a source lost made a segment that cannot be decoded. */
  'damage',
  'disk',
  'origin',
  'supervisor',
  'list',
  'batch',
  'hook',
] as const;

export type EventKind = (typeof eventKinds)[number];

export interface StreamEvent {
  /** Grows by one with each event, also across restarts of the supervisor. */
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  /** null: about the house (nginx, disk, supervisor, list), not one stream. */
  readonly stream: string | null;
  readonly kind: EventKind;
  /** Stable word, such as `auth`, `stalled`, `leg-dead`, `ordered`. */
  readonly cause: string;
  /** One plain sentence, free of secrets. */
  readonly message: string;
  /** A few lines that prove it, free of secrets. */
  readonly evidence: readonly string[];
  /** What was done about it, in plain words; null: nothing. */
  readonly action: string | null;
  /** How that ended, where it is known at once. */
  readonly outcome: string | null;
  /** Figures and names for programs; additive only. */
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** Wall clock: a verdict is told when it has held for a while, and began so long before (data.heldSeconds). */
export function beganMs({ at, data }: Pick<StreamEvent, 'at' | 'data'>): number {
  const held = data['heldSeconds'];
  return Date.parse(at) - (typeof held === 'number' ? held * 1000 : 0);
}

export type EventDraft = Pick<StreamEvent, 'stream' | 'kind' | 'cause' | 'message'> &
  Partial<Pick<StreamEvent, 'evidence' | 'action' | 'outcome' | 'data'>>;

/** Takes an event over; never throws and never waits. Secrets are removed behind it. */
export interface EventSink {
  record(draft: EventDraft): void;
}
