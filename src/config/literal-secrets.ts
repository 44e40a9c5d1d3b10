// Credentials that stand in the file itself: in URLs, in headers, in SRT pass phrases.

import { headerSecrets } from './headers.ts';
import { inputOptions } from './input-option-list.ts';
import { asGroup, rawSources, rawStreams, valueAt } from './raw-tree.ts';
import { readSource } from './sources.ts';
import { literalSecrets, splitUrl } from './url-parts.ts';

/** Works on unchecked data: also the messages about a broken file must not print them. */
export function collectLiteralSecrets(root: unknown): readonly string[] {
  const found = [...secretsOfHeaders(valueAt(root, 'defaults', 'headers')), ...secretsOfUrl(valueAt(root, 'server', 'rtmpUrl'))];
  for (const provider of Object.values(asGroup(valueAt(root, 'providers')) ?? {}))
    found.push(...secretsOfHeaders(asGroup(provider)?.['headers']));
  for (const { stream } of rawStreams(root)) {
    found.push(...secretsOfHeaders(stream['headers']));
    for (const { url, group } of rawSources(stream, [])) {
      const address = typeof url === 'string' ? readSource(url, '/') : undefined;
      if (address?.ok === true) found.push(...address.value.secrets);
      const resolve = asGroup(group?.['resolve']);
      found.push(...secretsOfUrl(resolve?.['url']), ...secretsOfHeaders(resolve?.['headers']));
      found.push(...secretsOfHeaders(group?.['headers']), ...secretsOfOptions(group?.['inputOptions']));
    }
  }
  return found;
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
