// What the supervisor learned about a source when it last ran it.

import type { SourceConfig } from '../core/config.ts';
import type { SourceFacts } from '../core/facts.ts';
import type { FilesPort } from '../core/ports.ts';

/** undefined before the first run; a plan is then made as for a source that everything can carry. */
export async function readSourceFacts(
  files: FilesPort,
  path: string,
  streamId: string,
  source: SourceConfig,
): Promise<SourceFacts | undefined> {
  const text = await files.readText(path).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const known = JSON.parse(text) as Record<string, SourceFacts>;
    return known[`${streamId} ${source.display}`];
  } catch {
    return undefined;
  }
}
