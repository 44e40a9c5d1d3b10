// Which words of the list are secrets although nothing calls them so: arguments of programs, paths of webhooks, odd headers.

/** Letters mixed with digits, or very long: nobody gives such a name to anything that may be shown. */
export function looksLikeToken(word: string): boolean {
  return word.length >= 16 || (word.length >= 8 && /\d/.test(word) && /[a-z]/i.test(word));
}

/** What such keys of a query say is shown: it tells streams apart, and a token stands elsewhere. */
const harmlessQueryNames =
  /^(?:id|ids|c|ch|channel|stream|name|title|type|kind|format|fmt|output|ext|container|mode|quality|q|profile|res|resolution|size|rate|fps|bitrate|bandwidth|codec|video|audio|lang|language|group|tag|category|country|region|program|service|url|uri|src|host|transport|transtype|version|v)$/i;

export function isHarmlessQuery(name: string): boolean {
  return harmlessQueryNames.test(name);
}

/** Words of a path that are no names: `/services/T0123456/B0123456/abcdef`. */
export function tokensOfPath(path: string): readonly string[] {
  return path.split('/').filter((word) => word.length >= 12 && looksLikeToken(word) && !/\.[a-z0-9]{2,4}$/i.test(word));
}

const secretOption = /^--?[\w-]*(?:token|secret|pass(?:word|phrase)?|key|auth|credential|user(?:name)?|login)$/i;

/** Of a program and its arguments: what follows `--token`, and what looks like one. Paths and options themselves are none. */
export function secretsOfCommand(command: unknown): readonly string[] {
  if (!Array.isArray(command)) return [];
  const words = command.filter((word): word is string => typeof word === 'string');
  return words.slice(1).flatMap((word, index) => {
    const [option = '', ...rest] = word.split('=');
    if (word.startsWith('-')) return rest.length > 0 ? wordsIf(rest.join('='), secretOption.test(option)) : [];
    return wordsIf(word, secretOption.test(words[index] ?? ''));
  });
}

function wordsIf(word: string, isNamed: boolean): readonly string[] {
  if (word.length < 6 || word.startsWith('/') || word.startsWith('./')) return [];
  return isNamed || looksLikeToken(word) ? [word] : [];
}
