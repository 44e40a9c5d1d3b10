// A source's address: which kind it is, the form ffmpeg gets, and the credentials written in it.

import type { SourceKind } from '../core/config.ts';
import { accept, quote, refuse } from './checked.ts';
import type { Checked } from './checked.ts';
import { resolvePath } from './file-paths.ts';
import { nearestWord } from './suggest.ts';
import { formatTestSource, parseTestSource } from './test-source.ts';
import { literalSecrets, splitUrl } from './url-parts.ts';
import type { UrlParts } from './url-parts.ts';
import { hasControlCharacters } from './value-types.ts';

export interface SourceAddress {
  readonly kind: SourceKind;
  /** What ffmpeg opens; an absolute path for `file`, the full `test:?...` form for `test`. */
  readonly url: string;
  readonly secrets: readonly string[];
}

export const sourceKinds = ['hls', 'http-ts', 'rtmp', 'rtsp', 'srt', 'udp', 'rtp', 'file', 'test'] as const satisfies readonly SourceKind[];

const kindOfScheme: Readonly<Record<string, SourceKind>> = {
  http: 'http-ts',
  https: 'http-ts',
  rtmp: 'rtmp',
  rtmps: 'rtmp',
  rtsp: 'rtsp',
  rtsps: 'rtsp',
  srt: 'srt',
  udp: 'udp',
  rtp: 'rtp',
  file: 'file',
  test: 'test',
};

/** Messages never quote the whole text: it may hold a password. */
export function readSource(text: string, folder: string): Checked<SourceAddress> {
  if (text === '') return refuse('expected a URL or a file name, got an empty text');
  if (hasControlCharacters(text)) return refuse('must be one line without control characters');
  if (text.includes('|')) return refuse('must not contain "|"');
  return readAddress(text, folder);
}

/** The key `kind` settles what an http URL does not say. */
export function applyKind(address: SourceAddress, kind: SourceKind | undefined): Checked<SourceAddress> {
  if (kind === undefined || kind === address.kind) return accept(address);
  const bothHttp = [kind, address.kind].every((name) => name === 'hls' || name === 'http-ts');
  if (bothHttp) return accept({ ...address, kind });
  return refuse(`kind ${kind} does not fit this source, which is ${address.kind}; only http URLs leave a choice: hls or http-ts`);
}

/** Kinds whose address a resolver may give: those of the network. */
export const resolvableKinds = ['hls', 'http-ts', 'rtmp', 'rtsp', 'srt', 'udp', 'rtp'] as const satisfies readonly SourceKind[];

/** Stands for an address that is resolved at each start. RFC 2606 section 2: nobody answers under .invalid. */
export function placeholderUrl(kind: SourceKind): string {
  const host = 'resolved-at-start.invalid';
  const urls: Partial<Record<SourceKind, string>> = {
    hls: `http://${host}/index.m3u8`,
    rtmp: `rtmp://${host}/live/name`,
    rtsp: `rtsp://${host}/`,
    srt: `srt://${host}:9000`,
    udp: `udp://${host}:1234`,
    rtp: `rtp://${host}:1234`,
  };
  return urls[kind] ?? `http://${host}/`;
}

function readAddress(text: string, folder: string): Checked<SourceAddress> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return readFile(text, folder);
  if (scheme === 'test') {
    const test = parseTestSource(text);
    return test.ok ? accept({ kind: 'test', url: formatTestSource(test.value), secrets: [] }) : test;
  }
  if (scheme === 'file') return readFileUrl(text, folder);
  const kind = Object.hasOwn(kindOfScheme, scheme) ? kindOfScheme[scheme] : undefined;
  if (kind === undefined) {
    // `tv.example.com:8080/live` parses as a scheme, but a host was meant.
    if (scheme.includes('.') || scheme === 'localhost') return refuse('is not a URL: write http:// in front of the host');
    const known = Object.keys(kindOfScheme);
    return refuse(`unsupported scheme, expected one of ${known.join(', ')}`, {
      found: quote(scheme),
      suggestion: nearestWord(scheme, known),
    });
  }
  const parts = splitUrl(text);
  return parts.ok ? readNetwork(kind, parts.value) : parts;
}

function readNetwork(kind: SourceKind, parts: UrlParts): Checked<SourceAddress> {
  const listens = kind === 'udp' || kind === 'rtp' || (kind === 'srt' && /(?:^|&)mode=listener(?:&|$)/.test(parts.query));
  if (parts.host === '' && !listens) return refuse('has no host');
  if (parts.port === undefined && (kind === 'udp' || kind === 'rtp' || kind === 'srt')) {
    return refuse(`needs a port, such as ${kind === 'srt' ? 'srt://host:9000' : `${kind}://@239.1.1.1:1234`}`);
  }
  if (kind === 'rtmp' && parts.path.replaceAll('/', '') === '')
    return refuse('needs an application and a stream name: rtmp://host/live/name');
  if (kind === 'http-ts' && !URL.canParse(parts.url)) return refuse('is not a valid URL');
  const playlist = kind === 'http-ts' && /\.m3u8?$/i.test(parts.path);
  return accept({ kind: playlist ? 'hls' : kind, url: parts.url, secrets: literalSecrets(parts) });
}

function readFileUrl(text: string, folder: string): Checked<SourceAddress> {
  const rest = text.slice('file:'.length);
  if (!rest.startsWith('//')) return readFile(rest, folder);
  const match = /^\/\/(?:localhost)?(\/[^?#]*)$/i.exec(rest);
  if (match === null) return refuse('expected file:/absolute/path, file:///absolute/path or file:relative/path');
  try {
    return readFile(decodeURIComponent(match[1] ?? ''), folder);
  } catch {
    return refuse('has a % that starts no escape: write %25, or use a plain path');
  }
}

function readFile(path: string, folder: string): Checked<SourceAddress> {
  if (path === '' || path.endsWith('/')) return refuse('names no file');
  if (hasControlCharacters(path)) return refuse('must be one line without control characters');
  if (path.startsWith('~')) return refuse('~ is not replaced here: write the whole path');
  if (path.startsWith('//') || /^www\./i.test(path)) return refuse('looks like a web address: write http:// in front');
  // A local list can make ffmpeg open any other local file (measured on 5.1), so only media files are looped.
  if (/\.(?:m3u8?|ffconcat|concat|sdp|mpd)$/i.test(path)) {
    return refuse('is a list, not a media file: name the media file itself, or serve the list over http');
  }
  return accept({ kind: 'file', url: resolvePath(folder, path), secrets: [] });
}
