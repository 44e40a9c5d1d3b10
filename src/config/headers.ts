// HTTP request headers of a source: RFC 9110 names, one-line values, and which of them are secret.

import { z } from 'zod';
import { describeValue } from './checked.ts';
import type { Problem } from './checked.ts';
import { looksLikeToken } from './likely-secrets.ts';
import { text } from './value-types.ts';

/** RFC 9110 section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const elsewhere: Readonly<Record<string, string>> = {
  'user-agent': 'set it with the key userAgent',
  referer: 'set it with the key referer',
  range: 'ffmpeg sets it itself when it reconnects',
  connection: 'ffmpeg sets it itself',
  'content-length': 'a source is only ever read',
  'transfer-encoding': 'a source is only ever read',
};

export const headersSchema = z
  .unknown()
  .transform((input, context): Readonly<Record<string, string>> => {
    const report = (problem: Problem, path: readonly string[], target: 'key' | 'value'): void => {
      context.issues.push({ code: 'custom', message: problem.message, input, path: [...path], params: { problem, target } });
    };
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      report({ message: 'expected a group of headers, such as  Accept: "*/*"', found: describeValue(input) }, [], 'value');
      return z.NEVER;
    }
    const names = new Set<string>();
    for (const [name, value] of Object.entries(input)) {
      const problem = headerNameProblem(name, names);
      if (problem !== undefined) report({ message: problem }, [name], 'key');
      names.add(name.toLowerCase());
      const checked = headerValue.check(value);
      if (!checked.ok) report(checked.problem, [name], 'value');
    }
    return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, String(value).trim()]));
  })
  .meta({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'HTTP request headers, such as Authorization. Only for http sources.',
  });

const headerValue = text("a header's value", 4096);

function headerNameProblem(name: string, earlier: ReadonlySet<string>): string | undefined {
  const lower = name.toLowerCase();
  if (!token.test(name)) return "a header's name may hold only letters, digits and !#$%&'*+-.^_`|~ (RFC 9110)";
  if (earlier.has(lower)) return 'this header is given twice (upper and lower case are the same)';
  const reason = Object.hasOwn(elsewhere, lower) ? elsewhere[lower] : undefined;
  return reason === undefined ? undefined : `this header cannot be set here: ${reason}`;
}

/** Later levels win, name by name; names compare without case (RFC 9110 section 5.1). */
export function mergeHeaders(...levels: readonly (Readonly<Record<string, string>> | undefined)[]): Readonly<Record<string, string>> {
  const merged = new Map<string, readonly [string, string]>();
  for (const level of levels) {
    for (const [name, value] of Object.entries(level ?? {})) merged.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(merged.values());
}

/** Say what is wanted, not who asks. Any other header may be a provider's own kind of password. */
const harmlessHeaders =
  /^(?:accept(?:-.*)?|cache-control|content-type|dnt|icy-metadata|origin|pragma|priority|sec-.*|te|via|x-requested-with)$/i;

/** Values that must not be printed: whole, and the credential after a scheme word such as `Bearer`. */
export function headerSecrets(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (/authorization$/i.test(name)) return [value, value.replace(/^\S+\s+/, '')];
    if (/^cookie$/i.test(name)) {
      const cookies = value.split(';').map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
      return [value, ...cookies.filter((cookie) => cookie.length >= 6)];
    }
    if (/^x-.*(?:token|key|secret|auth)/i.test(name)) return [value];
    // A plain word, such as `common`, would be blanked out wherever it stands.
    const isWord = /^[a-z]*$/.test(value);
    const isTelling = (value.length >= 10 && !isWord) || looksLikeToken(value);
    return isTelling && !harmlessHeaders.test(name) ? [value] : [];
  });
}
