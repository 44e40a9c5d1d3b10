// Removes credentials from text; used at every sink (logs, status, plan, errors, JSON values).

const mask = '***';

/** Names that never carry anything but a credential, so they are masked after a space too (`token=abc live=1`). */
const strongNames =
  '[\\w.-]*(?:token|secret|passw(?:or)?d|passphrase|signature|credential|api_?key|streamkey|stream_key|auth_?key|authorization)[\\w-]*';
const queryNames = [
  strongNames,
  '(?:[\\w.-]*[_-])?key',
  'auth',
  'code',
  'e',
  'hash',
  'hdnea',
  'hdnts',
  'hmac',
  'jwt',
  'key-pair-id',
  'login',
  'mac',
  'md5',
  'pass',
  'policy',
  'psk',
  'pwd',
  '(?:[\\w.-]*)session(?:_?id)?',
  'sid',
  'sig',
  'st',
  'streamid',
  'user(?:_?name|_?id)?',
  'wmsauthsign',
].join('|');

/** First path parts that are folders of public servers, never the user part of an Xtream address. */
const publicFolders =
  'hls|live|dash|media|video|videos|audio|vod|tv|radio|iptv|stream|streams|channel|channels|playlist|playlists|public|static|assets|files|content|origin|edge|api|test|tests|demo|movie|series';

// `@` may stand unescaped in a password: greedy up to the last one before the path. udp and rtp know no user; `@` is a group there.
const userinfo = /\b((?!udp:|rtp:)[a-z][a-z0-9+.-]*:\/\/)[^\s/?#"]+@/gi;
// A password with a raw slash ends the host for a URL parser, yet people write it: what follows the colon is not a port.
const userinfoWithSlash = /\b((?!udp:|rtp:)[a-z][a-z0-9+.-]*:\/\/)[^\s/@:?#'"*]+:(?!\d+(?:[/?#'"]|$))[^\s'"]*@/gi;
// nginx-rtmp logs a publisher's query as args='key=...'.
const secretQuery = new RegExp(`([?&;'](?:${queryNames})=)[^&\\s'"|\\]]+`, 'gi');
const secretWord = new RegExp(`((?:^|[\\s,])(?:${strongNames})=)[^&\\s'"|\\],]+`, 'gi');
/** Xtream Codes: /live/USER/PASS/ID.ts, /timeshift/USER/PASS/MINUTES/START/ID.ts, or plain /USER/PASS/ID. */
const xtreamPath =
  /(\bhttps?:\/\/[^\s/'"]+\/(?:[^\s/'"]+\/)?(?:live|movie|series)\/)[^\s/'"]+\/[^\s/'"]+(?=\/\d+(?:\.\w{2,4})?(?:[\s?#'":,;)\]|]|$))/gi;
/** The same without its server, as a server repeats it. */
const xtreamPathAlone = /((?:^|[\s"'=(])(?:\/[^\s/'"]+)?\/(?:live|movie|series|timeshift)\/)[^\s/'"]+\/[^\s/'"]+(?=\/\d)/gi;
const xtreamTimeshift = /(\bhttps?:\/\/[^\s/'"]+\/timeshift\/)[^\s/'"]+\/[^\s/'"]+(?=\/\d)/gi;
const xtreamBare = new RegExp(
  `(\\bhttps?://[^\\s/'"]+/)(?!(?:${publicFolders})/|\\d{4}/\\d\\d?/)[^\\s/'"?#]+/[^\\s/'"?#]+(?=/\\d+(?:\\.(?:ts|m3u8|mp4|mkv))?(?:[\\s?#'":,;)\\]|]|$))`,
  'gi',
);
/** Header names as in HTTP or JSON text; the value ends with its quote or with the line. */
const headerValue =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]*(?:token|key|secret|auth|session)[\w-]*)(["']?\s*:\s*)("[^"\r\n]*|'[^'\r\n]*|(?!["'])[^\r\n]+)/gi;
const bearer = /\b(bearer\s+)[\w.~+/=-]{12,}/gi;

/** Hides the values that are known to be secret, in every spelling they may take, then what looks like a credential. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  return createRedactor(secrets)(text);
}

/** The same with the list of secrets prepared once; for sinks that see many lines. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = knownValues(secrets);
  return (text) => {
    // Known values first: a pattern ends a value at `&` or a quote, and would leave the rest of a secret that holds one.
    return redactPatterns(known === undefined ? text : text.replace(known, mask));
  };
}

function redactPatterns(text: string): string {
  let out = text;
  if (out.includes('://')) {
    out = out
      .replace(userinfo, `$1${mask}@`)
      .replace(userinfoWithSlash, `$1${mask}@`)
      .replace(xtreamPath, `$1${mask}/${mask}`)
      .replace(xtreamTimeshift, `$1${mask}/${mask}`)
      .replace(xtreamBare, `$1${mask}/${mask}`);
  }
  if (out.includes('/')) out = out.replace(xtreamPathAlone, `$1${mask}/${mask}`);
  if (out.includes('=')) out = out.replace(secretQuery, `$1${mask}`).replace(secretWord, `$1${mask}`);
  if (out.includes(':'))
    out = out.replace(headerValue, (_, name: string, colon: string, value: string) => name + colon + quoteOf(value) + mask);
  return out.replace(bearer, `$1${mask}`);
}

function quoteOf(value: string): string {
  return value.startsWith('"') || value.startsWith("'") ? value.slice(0, 1) : '';
}

/** One expression for all secrets, longest first. Values below three characters would blank out ordinary text. */
function knownValues(secrets: readonly string[]): RegExp | undefined {
  const spellings = new Set(secrets.flatMap((secret) => spellingsOf(secret)).filter((spelling) => spelling.length >= 3));
  if (spellings.size === 0) return undefined;
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(pattern).join('|'), 'g');
}

/** As it is, percent-encoded, as a form field, decoded, and as it stands inside JSON. */
function spellingsOf(secret: string): string[] {
  if (secret.length < 3) return [];
  const encoded = attempt(() => encodeURIComponent(secret)) ?? secret;
  const strict = encoded.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const decoded = attempt(() => decodeURIComponent(secret)) ?? secret;
  return [
    secret,
    secret.trim(),
    encoded,
    strict,
    strict.replaceAll('%20', '+'),
    attempt(() => encodeURI(secret)) ?? secret,
    decoded,
    inJson(secret),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Percent escapes match in either case: %2f and %2F are one. */
function pattern(text: string): string {
  return text
    .replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
    .replace(
      /%[0-9a-fA-F]{2}/g,
      (escape) => `%${[...escape.slice(1)].map((digit) => `[${digit.toLowerCase()}${digit.toUpperCase()}]`).join('')}`,
    );
}

/** encodeURIComponent and decodeURIComponent throw on lone surrogates and stray percent signs. */
function attempt(convert: () => string): string | undefined {
  try {
    return convert();
  } catch {
    return undefined;
  }
}
