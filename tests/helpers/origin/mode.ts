// How a channel of the faulty origin behaves: what tests order, and what a fixed path stands for.

export interface OriginMode {
  /**
   * `live`: MPEG-TS at the speed of life. `hang`: accepts and never answers. `silent`: headers, then nothing.
   * `code`: the status of `status`. `html`: a login page with status 200. `garbage`: random bytes, endless.
   * `empty`: status 200 and no body. `text`: status 200 and `body`. `loop`: redirects to itself. For HLS also `stale`: the playlist as it was at the order.
   * `segments404`: a playlist whose segments are missing.
   */
  readonly answer: 'live' | 'hang' | 'silent' | 'code' | 'html' | 'garbage' | 'empty' | 'text' | 'loop' | 'stale' | 'segments404';
  /** Name of the clip that is played; default: that of the channel. */
  readonly clip?: string;
  /** Adds this to every timestamp. */
  readonly shiftSeconds?: number;
  /** HTTP status for `code`. */
  readonly status?: number;
  readonly body?: string;
  /** Part of real time at which bytes of `live` go out: 1 is real time, 0.2 trickles. */
  readonly rate?: number;
  /**
   * Once, in the connections that are open: `bytes` loses 20 kB from any byte to any other. `unseen` loses three seconds from the
   * middle of a picture to the middle of another one, by whole packets, and so many that the continuity counter of the picture fits.
   */
  readonly lose?: 'bytes' | 'unseen';
  /** Part of all packets of `live` that are lost, each by itself. */
  readonly lossRate?: number;
  /** A new connection of `live` breaks after so many seconds, in the way of `break`. */
  readonly lifeSeconds?: number;
  readonly break?: 'eof' | 'rst' | 'silence';
  /** What becomes of the connections that are open when this is ordered. Default: they follow the new mode where they can. */
  readonly open?: 'eof' | 'rst' | 'silence' | 'keep';
  /** After so many new requests the channel is `live` again. */
  readonly requests?: number;
}

export const live: OriginMode = { answer: 'live' };

/** `/code/404`, `/hang` and so on: paths that always behave the same way; undefined for paths of channels. */
export function fixedMode(path: string): OriginMode | undefined {
  const status = /^\/code\/(\d{3})/.exec(path)?.[1];
  if (status !== undefined) return { answer: 'code', status: Number(status) };
  return fixed[path.split('/')[1] ?? ''];
}

const fixed: Readonly<Record<string, OriginMode>> = {
  hang: { answer: 'hang' },
  silent: { answer: 'silent' },
  stall: { answer: 'live', lifeSeconds: 4, break: 'silence' },
  eof: { answer: 'live', lifeSeconds: 4, break: 'eof' },
  rst: { answer: 'live', lifeSeconds: 4, break: 'rst' },
  html: { answer: 'html' },
  garbage: { answer: 'garbage' },
  empty: { answer: 'empty' },
  loop: { answer: 'loop' },
  trickle: { answer: 'live', rate: 0.2 },
};

/** Paths whose first requests differ from the later ones, by number of the request from 0. */
export function turningMode(path: string, count: number): OriginMode | undefined {
  const name = path.split('/')[1];
  if (name === 'stallonce') return count === 0 ? { answer: 'live', lifeSeconds: 4, break: 'silence' } : live;
  if (name === '503once') return count === 0 ? { answer: 'code', status: 503 } : live;
  if (name === '401midway') return count === 0 ? { answer: 'live', lifeSeconds: 4, break: 'rst' } : { answer: 'code', status: 401 };
  return undefined;
}

export interface ChannelCount {
  readonly open: number;
  readonly mostOpen: number;
  readonly requests: number;
}

export type OriginCounts = Readonly<Record<string, ChannelCount>>;

/** The argument of the origin's process. */
export interface OriginOptions {
  /** Path by name; the first one is what channels play unless told otherwise. */
  readonly clips: Readonly<Record<string, string>>;
  /** For HLS; removed by who made it. */
  readonly scratch: string;
  /** 0: any free one. */
  readonly port: number;
}
