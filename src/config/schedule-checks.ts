// What a schedule names must be in the list, and it names streams in one way only.

import type { LocatedProblem, Path } from './positions.ts';
import { asGroup, rawStreams, valueAt } from './raw-tree.ts';
import { nearestWord } from './suggest.ts';

const selections = ['streams', 'tags', 'groups'] as const;

export function scheduleProblems(root: unknown): readonly LocatedProblem[] {
  const list = valueAt(root, 'schedule');
  if (!Array.isArray(list)) return [];
  const streams = rawStreams(root).map(({ stream }) => stream);
  const defaults = asGroup(valueAt(root, 'defaults')) ?? {};
  const known: Readonly<Record<(typeof selections)[number], readonly unknown[]>> = {
    streams: streams.map((stream) => stream['id']),
    tags: streams.flatMap((stream) => stream['tags'] ?? defaults['tags'] ?? []),
    groups: streams.map((stream) => stream['group'] ?? defaults['group']),
  };
  return list.flatMap((entry: unknown, index): readonly LocatedProblem[] => {
    const group = asGroup(entry);
    if (group === undefined) return [];
    const given = selections.filter((key) => Object.hasOwn(group, key));
    const [first, second] = given;
    const path: Path = ['schedule', index];
    if (first !== undefined && second !== undefined) {
      return [{ path: [...path, second], target: 'key', message: `use only one of streams, tags and groups; ${first} is there already` }];
    }
    return given.flatMap((key) => unknownNames(group[key], known[key], [...path, key], key.slice(0, -1)));
  });
}

function unknownNames(names: unknown, known: readonly unknown[], path: Path, what: string): readonly LocatedProblem[] {
  if (!Array.isArray(names)) return [];
  const words = known.filter((word): word is string => typeof word === 'string');
  return names.flatMap((name: unknown, index): readonly LocatedProblem[] => {
    if (typeof name !== 'string' || words.includes(name)) return [];
    const message = what === 'stream' ? 'no stream has this id' : `no stream has this ${what}`;
    const near = nearestWord(name, words);
    return [{ path: [...path, index], message, ...(near === undefined ? {} : { suggestion: near }) }];
  });
}
