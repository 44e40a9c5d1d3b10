// Which stream a line of nginx's log is about: by the file it names, or by the RTMP connection that published or plays it.

import { isStreamId } from '../core/ids.ts';

export interface NginxStreams {
  /** Remembers who published or played on which connection. `text` is without time and level: `7#7: *3 publish: name='news' ...`. */
  learn(timeMs: number, text: string): void;
  /** undefined when the line is about no stream, or nobody can tell. */
  streamOf(timeMs: number, text: string): string | undefined;
}

interface Use {
  readonly fromMs: number;
  readonly stream: string | undefined;
}

/** Connections that are remembered; the oldest are forgotten first. */
const mostConnections = 20_000;
/** nginx counts connections from 1 again when it is started anew, so one name has several uses. */
const mostUses = 8;

const connection = /^(\d+#\d+: \*\d+) /;
const named = /\b(?:publish|play2?): name='([^']*)'/;
const begins = / client connected '/;
/** `/tmp/hls/news.m3u8.bak`, `/hls/stream_news_12.ts`, `/live/news/index.m3u8`. */
const file = /\/(?:stream_)?([a-z0-9][a-z0-9_-]*?)(?:\.m3u8|[-_]\d+\.(?:ts|m4s)|\/index\.m3u8)\b/;

export function createNginxStreams(): NginxStreams {
  const uses = new Map<string, Use[]>();

  function remember(key: string, use: Use): void {
    const known = uses.get(key) ?? [];
    known.push(use);
    if (known.length > mostUses) known.shift();
    uses.delete(key);
    uses.set(key, known);
    if (uses.size > mostConnections) uses.delete(uses.keys().next().value ?? '');
  }

  return {
    learn(timeMs, text) {
      const name = named.exec(text)?.[1];
      const starts = name === undefined && begins.test(text);
      const key = name === undefined && !starts ? undefined : connection.exec(text)?.[1];
      if (key === undefined || (starts && !uses.has(key))) return;
      remember(key, { fromMs: timeMs, stream: name !== undefined && isStreamId(name) ? name : undefined });
    },
    streamOf(timeMs, text) {
      const known = uses.get(connection.exec(text)?.[1] ?? '');
      const use = known?.findLast(({ fromMs }) => fromMs <= timeMs);
      if (use?.stream !== undefined) return use.stream;
      const name = named.exec(text)?.[1] ?? file.exec(text)?.[1];
      return name !== undefined && isStreamId(name) ? name : undefined;
    },
  };
}
