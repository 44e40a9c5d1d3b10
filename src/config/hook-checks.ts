// Rules about hooks that concern several keys at once.

import type { LocatedProblem } from './positions.ts';
import { asGroup, valueAt } from './raw-tree.ts';

export function hookProblems(root: unknown): readonly LocatedProblem[] {
  const hooks = valueAt(root, 'hooks');
  if (!Array.isArray(hooks)) return [];
  const names = new Map<string, number>();
  return hooks.flatMap((entry: unknown, index): readonly LocatedProblem[] => {
    const hook = asGroup(entry);
    if (hook === undefined) return [];
    const path = ['hooks', index];
    const problems: LocatedProblem[] = [];
    const { url, command, headers, name } = hook;
    if (url !== undefined && command !== undefined)
      problems.push({ path: [...path, 'command'], target: 'key', message: 'use either url or command, not both' });
    if (url === undefined && command === undefined)
      problems.push({ path: [...path, 'url'], message: 'is missing: a hook needs url or command' });
    if (url === undefined && headers !== undefined)
      problems.push({ path: [...path, 'headers'], target: 'key', message: 'is for a hook with url' });
    const called = typeof name === 'string' ? name : `hook-${index + 1}`;
    const earlier = names.get(called);
    if (earlier !== undefined) problems.push({ path: [...path, 'name'], message: `hooks[${earlier}] has the name ${called} already` });
    names.set(called, index);
    return problems;
  });
}
