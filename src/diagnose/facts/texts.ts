// Several text files of one folder in one look.

import type { Place } from '../place.ts';

/** grep(1) puts the path before each line; an empty file has no line, and is there all the same when it was in the listing. */
export async function readTexts(place: Place, directory: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const { stdout } = await place.run(['grep', '-a', '-H', '-s', '', '--', ...names.map((name) => `${directory}/${name}`)]);
  const texts = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    if (!line.startsWith(`${directory}/`)) continue;
    const end = line.indexOf(':', directory.length + 1);
    const name = line.slice(directory.length + 1, end);
    const lines = texts.get(name) ?? [];
    texts.set(name, lines);
    lines.push(line.slice(end + 1));
  }
  return new Map([...texts].map(([name, lines]) => [name, `${lines.join('\n')}\n`]));
}
