// Credentials that stand in the file itself: in URLs, in headers, in SRT pass phrases.

import { headerSecrets } from './headers.ts';
import { inputOptions } from './input-option-list.ts';
import { looksLikeToken, secretsOfCommand, tokensOfPath } from './likely-secrets.ts';
import { asGroup, rawSources, rawStreams, valueAt, type RawGroup } from './raw-tree.ts';
import { readSource } from './sources.ts';
import { literalSecrets, splitUrl, type UrlParts } from './url-parts.ts';

/** Works on unchecked data: also the messages about a broken file must not print them. */
export function collectLiteralSecrets(root: unknown): readonly string[] {
  const found = [...secretsOfHeaders(valueAt(root, 'defaults', 'headers')), ...secretsOfUrl(valueAt(root, 'server', 'rtmpUrl'))];
  const hooks = valueAt(root, 'hooks');
  if (Array.isArray(hooks)) for (const hook of hooks) found.push(...secretsOfHook(asGroup(hook)));
  for (const provider of Object.values(asGroup(valueAt(root, 'providers')) ?? {}))
    found.push(...secretsOfHeaders(asGroup(provider)?.['headers']));
  for (const { stream } of rawStreams(root)) {
    found.push(...secretsOfHeaders(stream['headers']));
    for (const { url, group } of rawSources(stream, [])) {
      const address = typeof url === 'string' ? readSource(url, '/') : undefined;
      if (address?.ok === true) found.push(...address.value.secrets);
      const resolve = asGroup(group?.['resolve']);
      found.push(...secretsOfUrl(resolve?.['url']), ...secretsOfHeaders(resolve?.['headers']), ...secretsOfCommand(resolve?.['command']));
      found.push(...tokensOfPath(partsOf(resolve?.['url']).path));
      found.push(...secretsOfHeaders(group?.['headers']), ...secretsOfOptions(group?.['inputOptions']));
    }
  }
  // A token that is also the id of a stream would blank out that stream everywhere, and is no secret.
  const ids = new Set(rawStreams(root).map(({ stream }) => stream['id']));
  return found.filter((secret) => !ids.has(secret));
}

/** The path and the query of a webhook are its password; where they are plain words, only behind the sign before them. */
function secretsOfHook(hook: RawGroup | undefined): readonly string[] {
  const url = hook?.['url'];
  const { path, query } = partsOf(url);
  const values = query.split(/[&;]/).map((pair) => pair.slice(pair.indexOf('=') + 1));
  const words = [
    query === '' ? '' : `${path}?${query}`,
    path,
    ...tokensOfPath(path),
    ...values.map((value) => (looksLikeToken(value) ? value : `=${value}`)),
  ];
  const long = words.filter((word) => word.length > 6);
  return [...long, ...secretsOfUrl(url), ...secretsOfHeaders(hook?.['headers']), ...secretsOfCommand(hook?.['command'])];
}

/** Empty where it is no URL. */
function partsOf(url: unknown): Pick<UrlParts, 'path' | 'query'> {
  const parts = typeof url === 'string' ? splitUrl(url) : undefined;
  return parts?.ok === true ? parts.value : { path: '', query: '' };
}

function secretsOfUrl(url: unknown): readonly string[] {
  const parts = typeof url === 'string' ? splitUrl(url) : undefined;
  return parts?.ok === true ? literalSecrets(parts.value) : [];
}

function secretsOfHeaders(headers: unknown): readonly string[] {
  const texts = Object.entries(asGroup(headers) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return headerSecrets(Object.fromEntries(texts.map(([name, value]) => [name, value.trim()])));
}

function secretsOfOptions(options: unknown): readonly string[] {
  return Object.entries(asGroup(options) ?? {}).flatMap(([name, value]) =>
    inputOptions.get(name)?.secret === true && (typeof value === 'string' || typeof value === 'number') ? [String(value)] : [],
  );
}
