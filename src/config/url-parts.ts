// Splits a URL into its parts by RFC 3986, also for schemes and empty hosts that WHATWG URL refuses.

import { accept, quote, refuse } from './checked.ts';
import type { Checked } from './checked.ts';
import { isHarmlessQuery, looksLikeToken } from './likely-secrets.ts';

export interface UrlParts {
  /** Lower case, without the colon. */
  readonly scheme: string;
  readonly password: string;
  /** Empty in forms such as `udp://:1234`. */
  readonly host: string;
  readonly port: number | undefined;
  readonly path: string;
  readonly query: string;
  /** Scheme in lower case (ffmpeg compares it byte by byte), the rest as written. */
  readonly url: string;
}

const shape = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/i;
const authorityShape = /^(?:([^@]*)@)?(\[[0-9a-f:.]+(?:%25[\w.-]+)?\]|[\w.~-]*)(?::(\d*))?$/i;

/** Messages never quote the URL: it may hold a password. */
export function splitUrl(text: string): Checked<UrlParts> {
  const unsafe = /[\s|"<>\\`]/.exec(text)?.[0];
  if (unsafe !== undefined) {
    const code = unsafe.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
    return refuse(`a URL must not contain ${unsafe === ' ' ? 'spaces' : quote(unsafe)}: write %${code} instead`);
  }
  const match = shape.exec(text);
  if (match === null) return refuse('is not a URL of the form scheme://host/path');
  const [, scheme = '', authority = '', path = '', query = ''] = match;
  if (authority.split('@').length > 2) return refuse('has more than one @: inside a user name or password write it as %40');
  const parts = authorityShape.exec(authority);
  if (parts === null) return refuse('has no valid host and port: in a user name or password write / as %2F and : as %3A');
  const [, user = '', host = '', portText] = parts;
  const port = portText === undefined || portText === '' ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65_535)) return refuse('has a port outside 1 to 65535');
  if (/['()]/.test(user)) return refuse("must not contain ' or brackets in a user name or password: write them as %27, %28, %29");
  const password = user.includes(':') ? user.slice(user.indexOf(':') + 1) : '';
  const url = `${scheme.toLowerCase()}${text.slice(scheme.length)}`;
  return accept({ scheme: scheme.toLowerCase(), password, host, port, path, query, url });
}

const secretQueryNames =
  /^(?:key|streamkey|token|access_token|auth|authorization|sig|signature|secret|pass|passwd|password|passphrase|apikey|api_key|hdnts|hdnea)$/i;

/** Xtream Codes, see core/redact.ts: user and password are parts of the path. */
const xtreamPath = /^(?:\/[^/]+)?\/(?:live|movie|series|timeshift)\/([^/]+)\/([^/]+)\/\d/;

/** Passwords and tokens written in the URL itself. */
export function literalSecrets(parts: UrlParts): readonly string[] {
  const fromQuery = parts.query.split(/[&;]/).flatMap((pair) => {
    const [name = '', ...value] = pair.split('=');
    const text = value.join('=');
    // Shorter values would blank out half of every log line.
    if (secretQueryNames.test(name)) return text.length >= 6 ? [text] : [];
    if (isHarmlessQuery(name) || text.length < 4 || !/[a-z]/i.test(text)) return [];
    // A plain word would be blanked out wherever it stands, and may be a password all the same: `?p=sesame`.
    return [looksLikeToken(text) ? text : pair];
  });
  // A server may repeat the path alone in its answer ("403 Forbidden for /live/..."), where no pattern finds it.
  const fromPath = (xtreamPath.exec(parts.path) ?? []).slice(1).filter((value) => value.length >= 6);
  return [parts.password, ...fromQuery, ...fromPath].filter((value) => value !== '');
}
