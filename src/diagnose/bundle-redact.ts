// Takes every secret out of a support archive, and leaves a file out that still holds one. Pure.

import { createRedactor } from '../core/redact.ts';

export interface BundleFile {
  /** Inside the archive, such as `logs/news.log`. */
  readonly path: string;
  readonly text: string;
}

/** Variables whose values say how iptv runs; every other value of an environment may be a password. */
const publicVariables =
  /^(?:IPTV_(?!.*(?:KEY|TOKEN|SECRET|PASS|AUTH))\w+|TZ|PATH|HOME|LANG|LC_\w+|TERM|NODE_\w+|YARN_VERSION|container|HOSTNAME|PWD|SHELL|USER|LOGNAME)$/;

const telling = /KEY|TOKEN|SECRET|PASS|AUTH|CREDENTIAL/i;

function isPublicVariable(name: string): boolean {
  return publicVariables.test(name);
}

/** Values of variables that may be secret, for the list of what must not appear anywhere. */
export function secretsOfEnvironment(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    // Short ones, such as `1` or `on`, and paths would blank out half of the archive and protect nobody.
    value === undefined || value.length < 6 || isPublicVariable(name) || (isPath(value) && !telling.test(name)) ? [] : [value],
  );
}

function isPath(value: string): boolean {
  return /^\/[\w./-]*(?::\/[\w./-]*)*$/.test(value);
}

export function shownEnvironment(environment: Readonly<Record<string, string | undefined>>): string {
  return Object.keys(environment)
    .sort()
    .map((name) => `${name}=${isPublicVariable(name) ? (environment[name] ?? '') : '***'}\n`)
    .join('');
}

/** `known`: values that must not appear. What is not known is found by its looks, as in every log of iptv. */
export function redactFiles(files: readonly BundleFile[], known: readonly string[]): readonly BundleFile[] {
  const redact = createRedactor(known);
  const forbidden = [...new Set(known.flatMap(spellings))].filter((value) => value.length >= 3);
  return files.map(({ path, text }) => {
    const clean = redact(text);
    const left = forbidden.some((value) => clean.includes(value));
    return { path, text: left ? 'left out: it holds a secret in a spelling that could not be masked\n' : clean };
  });
}

function spellings(value: string): readonly string[] {
  try {
    return [value, encodeURIComponent(value), decodeURIComponent(value)];
  } catch {
    return [value];
  }
}
