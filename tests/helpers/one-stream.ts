// A list of one stream as text: what it becomes, or the exact report of what is wrong with it.

import type { StreamConfig } from '../../src/core/config.ts';
import { parseConfig } from '../../src/config/load.ts';

const parse = (text: string) => parseConfig(text, { path: '/etc/iptv/streams.yaml', env: {}, readSecretFile: () => undefined });

/** `lines`: keys of the stream, indented by four. */
export const list = (lines: string, id = 'news'): string => `version: 1\nstreams:\n  - id: ${id}\n    source: "test:"\n    ${lines}\n`;

export function report(text: string): readonly string[] {
  const parsed = parse(text);
  return parsed.ok
    ? []
    : parsed.diagnostics.map(({ location, path, message }) => `${location.line}:${location.column} ${path}: ${message}`);
}

export function streamOf(text: string): StreamConfig | undefined {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.config.streams[0];
}
