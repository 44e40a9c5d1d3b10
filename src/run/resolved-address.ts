// Checks what a resolver answered, as one checks any text from outside, and names what in it must not be shown. Pure.

import type { SourceKind } from '../core/config.ts';

export interface ResolvedAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly userAgent: string | undefined;
  /** How long it holds, as far as the answer says. */
  readonly ttlMs: number | undefined;
}

export type CheckedAnswer = { readonly ok: true; readonly address: ResolvedAddress } | { readonly ok: false; readonly problem: string };

const schemesOf: Partial<Record<SourceKind, readonly string[]>> = {
  hls: ['http', 'https'],
  'http-ts': ['http', 'https'],
  rtmp: ['rtmp', 'rtmps'],
  rtsp: ['rtsp', 'rtsps'],
  srt: ['srt'],
  udp: ['udp'],
  rtp: ['rtp'],
};

const longestUrl = 8000;
const mostHeaders = 20;
const longestTtlMs = 7 * 24 * 3_600_000;
const shortestTtlMs = 10_000;
/** ffmpeg sets these itself, or they would change what the request is. */
const ownHeaders = /^(?:host|connection|range|content-length|transfer-encoding|upgrade|te|trailer)$/i;

/** Problems never quote the answer: it holds a token. */
export function readAnswer(text: string, kind: SourceKind, field: string | undefined): CheckedAnswer {
  const trimmed = text.trim();
  if (trimmed === '') return refuse('the answer is empty');
  if (!/^[{[]/.test(trimmed)) {
    if (field !== undefined) return refuse('the answer is no JSON, and a field of it is asked for');
    return withUrl(trimmed, kind, {}, undefined, undefined);
  }
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return refuse('the answer looks like JSON and is none');
  }
  if (field === undefined) return readObject(value, kind);
  const found = field.split('.').reduce<unknown>((at, name) => member(at, name), value);
  if (typeof found === 'string') return withUrl(found.trim(), kind, {}, undefined, readTtl(value));
  return found === undefined ? refuse(`the answer has no field ${field}`) : readObject(found, kind);
}

function readObject(value: unknown, kind: SourceKind): CheckedAnswer {
  const url = member(value, 'url');
  if (typeof url !== 'string') return refuse('the answer has no text at its key url');
  const userAgent = member(value, 'userAgent');
  if (userAgent !== undefined && (typeof userAgent !== 'string' || !isOneLine(userAgent)))
    return refuse('its userAgent is not one line of text');
  const headers = member(value, 'headers') ?? {};
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    return refuse('its headers are no group of names and texts');
  const entries = Object.entries(headers);
  if (entries.length > mostHeaders) return refuse(`it has more than ${mostHeaders} headers`);
  for (const [name, header] of entries) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/.test(name)) return refuse('one of its headers has no valid name (RFC 9110)');
    if (ownHeaders.test(name)) return refuse(`it must not set the header ${name}`);
    if (typeof header !== 'string' || !isOneLine(header) || header.length > 4096)
      return refuse(`its header ${name} is not one line of text`);
  }
  return withUrl(url.trim(), kind, Object.fromEntries(entries) as Record<string, string>, userAgent, readTtl(value));
}

function withUrl(
  url: string,
  kind: SourceKind,
  headers: Readonly<Record<string, string>>,
  userAgent: string | undefined,
  ttlMs: number | undefined,
): CheckedAnswer {
  if (/[\r\n]/.test(url)) return refuse('the answer has more than one line');
  if (url.length > longestUrl) return refuse(`the address is longer than ${longestUrl} characters`);
  // The same characters are refused in streams.yaml; `|` would split the tee muxer's outputs and start options.
  if (!isOneLine(url) || /[\s|"<>\\^`{}]/.test(url)) return refuse('the address holds characters that must be percent-encoded');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  const allowed = schemesOf[kind] ?? [];
  if (scheme === undefined) return refuse('the answer is not an address with a scheme');
  if (!allowed.includes(scheme))
    return refuse(`the scheme of the address does not fit a source of kind ${kind}: expected ${allowed.join(' or ')}`);
  const parsed = URL.parse(`http${url.slice(scheme.length)}`);
  // WHATWG URL forgives http:///host.
  if (parsed === null || parsed.hostname === '' || !/^[a-z]+:\/\/[^/?#]/i.test(url)) return refuse('the address has no valid host');
  return { ok: true, address: { url: `${scheme}${url.slice(scheme.length)}`, headers, userAgent, ttlMs } };
}

/** Seconds, as in OAuth's expires_in (RFC 6749 section 5.1). */
function readTtl(value: unknown): number | undefined {
  const ttl = member(value, 'ttl') ?? member(value, 'expires_in');
  if (typeof ttl !== 'number' || !Number.isFinite(ttl) || ttl <= 0) return undefined;
  return Math.min(longestTtlMs, Math.max(shortestTtlMs, ttl * 1000));
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function isOneLine(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- finding them is the purpose
  return !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);
}

function refuse(problem: string): CheckedAnswer {
  return { ok: false, problem };
}

/** Scheme and host are no secret; the rest of a resolved address may all be a token. */
export function shownAddress(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^/?#]*)/i.exec(url);
  return match === null ? '***' : `${match[1]}${match[2]}/***`;
}

/** The address and each part of it that could be a token: segments below it carry these on (HLS). */
export function addressSecrets({ url, headers }: Pick<ResolvedAddress, 'url' | 'headers'>): readonly string[] {
  const rest = /^[a-z][a-z0-9+.-]*:\/\/(?:([^/?#]*)@)?[^/?#]*(.*)$/i.exec(url);
  const [, user = '', tail = ''] = rest ?? [];
  const [path = '', query = ''] = tail.split(/[?#]/, 2);
  const values = query.split(/[&;]/).map((pair) => pair.slice(pair.indexOf('=') + 1));
  const words = [...path.split('/').filter((word) => !/\.[a-z0-9]{2,4}$/i.test(word)), ...values];
  const tokens = words.filter((word) => word.length >= 16 || (word.length >= 8 && /\d/.test(word)));
  const password = user.includes(':') ? user.slice(user.indexOf(':') + 1) : user;
  return [
    url,
    ...(tail.length > 1 ? [tail.slice(1)] : []),
    ...(query.length >= 6 ? [query] : []),
    password,
    ...tokens,
    ...Object.values(headers),
  ].filter((word) => word.length >= 6);
}
