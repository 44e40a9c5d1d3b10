// zod's issues in plain words, with the path of what is wrong and a near word for unknown keys.

import { z } from 'zod';
import type { Problem } from './checked.ts';
import { describeValue } from './checked.ts';
import type { LocatedProblem, Path } from './positions.ts';
import { nearestWord } from './suggest.ts';

type Issue = z.core.$ZodIssue;

export function toProblems(schema: z.ZodType, issues: readonly Issue[], prefix: Path = []): readonly LocatedProblem[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    switch (issue.code) {
      case 'unrecognized_keys':
        // Merge keys are reported with the YAML features that are not supported.
        return issue.keys.filter((key) => key !== '<<').map((key) => unknownKey(schema, issue.path, [...path, key], key));
      case 'invalid_union': {
        // The only unions are "text or group of keys" and "text or list", in this order.
        const isOther = (issue.errors[1] ?? []).some(({ code, path: at }) => code === 'invalid_type' && at.length === 0);
        const isGroup = typeof issue.input === 'object' && issue.input !== null && !(Array.isArray(issue.input) && isOther);
        const branch = issue.errors[isGroup ? 1 : 0] ?? [];
        return toProblems(schemaAt(schema, issue.path, isGroup) ?? schema, branch, path);
      }
      case 'custom':
        return [{ path, ...problemOf(issue), ...(issue.params?.['target'] === 'key' ? { target: 'key' as const } : {}) }];
      case 'invalid_type':
        return [wrongShape(issue, path)];
      case 'too_small':
        return [{ path, message: 'the list is empty' }];
      case 'too_big':
        return [{ path, message: `the list is too long: at most ${issue.maximum} are allowed` }];
      default:
        return [{ path, message: issue.message }];
    }
  });
}

function problemOf(issue: z.core.$ZodIssueCustom): Problem {
  return (issue.params?.['problem'] as Problem | undefined) ?? { message: issue.message };
}

function wrongShape(issue: z.core.$ZodIssueInvalidType, path: Path): LocatedProblem {
  if (issue.input === undefined) return { path, message: 'is missing' };
  const expected = issue.expected === 'array' ? 'a list (lines that start with "- ")' : 'a group of keys';
  return { path, message: `expected ${expected}`, found: describeValue(issue.input) };
}

/** Words that people bring along from other tools. */
const otherWords: Readonly<Record<string, string>> = {
  url: 'source',
  urls: 'sources',
  input: 'source',
  uri: 'source',
  channels: 'streams',
  title: 'name',
  disabled: 'enabled',
  host: 'publicUrl',
  proxy: 'publicUrl',
  cookies: 'headers',
};

function unknownKey(schema: z.ZodType, issuePath: Path, path: Path, key: string): LocatedProblem {
  const group = schemaAt(schema, issuePath, true);
  const keys = group === undefined ? [] : Object.keys(group.shape);
  const other = Object.hasOwn(otherWords, key) ? otherWords[key] : undefined;
  const suggestion = nearestWord(key, keys) ?? (other !== undefined && keys.includes(other) ? other : deeperKey(group, key));
  return { path, target: 'key', message: 'unknown key', ...(suggestion === undefined ? {} : { suggestion }) };
}

/** `segment` written beside `output` instead of inside it. */
function deeperKey(group: z.ZodObject | undefined, key: string): string | undefined {
  for (const [name, member] of Object.entries(group?.shape ?? {})) {
    const inner = unwrap(member as z.ZodType);
    if (inner instanceof z.ZodObject && Object.hasOwn(inner.shape, key)) return `${name}.${key}`;
  }
  return undefined;
}

function schemaAt(schema: z.ZodType, path: Path, group: boolean): z.ZodObject | undefined {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const segment of path) {
    if (at instanceof z.ZodUnion) at = at.options[1] as z.ZodType;
    if (at instanceof z.ZodObject) at = (at.shape as Readonly<Record<string, z.ZodType>>)[String(segment)];
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType;
    else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType;
    else return undefined;
    at = at === undefined ? undefined : unwrap(at);
  }
  if (group && at instanceof z.ZodUnion) at = at.options[1] as z.ZodType;
  return at instanceof z.ZodObject ? at : undefined;
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
}
