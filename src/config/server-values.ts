// The addresses of the `server` section: publish URL, HLS URLs and the HLS folder.

import type { Checked } from './checked.ts';
import { accept, quote, refuse } from './checked.ts';
import { resolvePath } from './file-paths.ts';
import { splitUrl } from './url-parts.ts';
import type { UrlParts } from './url-parts.ts';
import { textOf } from './value-types.ts';
import type { ValueType } from './value-types.ts';

function serverUrl(example: string, schemes: readonly string[], check: (parts: UrlParts) => Checked<string>): ValueType<string> {
  return textOf({
    what: `a URL such as ${example}`,
    maxLength: 1000,
    check: (url) => {
      const parts = splitUrl(url);
      if (!parts.ok) return parts;
      const { scheme, host, query } = parts.value;
      if (!schemes.includes(scheme)) return refuse(`expected a URL such as ${example}`, { found: quote(`${scheme}://`) });
      if (host === '') return refuse('has no host');
      if (query !== '' || /[?#]/.test(url)) return refuse('must not have a ? or # part: more is added behind it');
      return check(parts.value);
    },
  });
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

export function rtmpUrl(): ValueType<string> {
  return serverUrl('rtmp://nginx-rtmp:1935/live', ['rtmp'], ({ url, path }) => {
    // The URL becomes a part of ffmpeg's tee argument, where quotes are syntax.
    if (url.includes("'")) return refuse('must not contain a quote');
    const names = path.split('/').filter((part) => part !== '');
    if (names.length !== 1) return refuse('needs exactly one path part, the application; the name of the stream is added behind it');
    return accept(withoutSlash(url));
  });
}

export function hlsUrl(): ValueType<string> {
  return serverUrl('http://nginx-rtmp:8000/hls', ['http', 'https'], ({ url, path }) =>
    /\/hls\/?$/.test(path) ? accept(withoutSlash(url)) : refuse('must end with /hls'),
  );
}

export function publicUrl(): ValueType<string> {
  return serverUrl('http://localhost:8088', ['http', 'https'], ({ url, path }) => {
    if (/\/hls\/?$/.test(path)) return refuse('must not end with /hls: it is added behind it');
    return accept(withoutSlash(url));
  });
}

const systemFolders = ['/', '/bin', '/boot', '/dev', '/etc', '/lib', '/lib64', '/proc', '/root', '/sbin', '/sys', '/usr'];

export function hlsDirectory(): ValueType<string> {
  return textOf({
    what: 'an absolute path such as /tmp/hls',
    json: { pattern: '^/.*/hls/?$' },
    maxLength: 200,
    check: (path) => {
      if (!path.startsWith('/')) return refuse('must be an absolute path such as /tmp/hls');
      // Colons, bars, brackets and quotes are syntax in ffmpeg's tee, % in segment names, the rest in nginx.conf.
      const bad = /[^\p{L}\p{N}/._+@=-]/u.exec(path)?.[0];
      if (bad !== undefined) return refuse(`must not contain ${bad === ' ' ? 'a space' : quote(bad)}: ffmpeg and nginx would misread it`);
      const resolved = resolvePath('/', path);
      if (!resolved.endsWith('/hls')) return refuse('the last part must be hls, because it is served as /hls');
      const parent = resolved.slice(0, -'/hls'.length) || '/';
      if (systemFolders.includes(parent)) return refuse(`must not lie directly in ${parent}: nginx serves the folder above hls`);
      return accept(resolved);
    },
  });
}

/** A loopback address says that no other machine stands in front, so its port must be the published one. */
export function publicPortMismatch(url: string, port: number): string | undefined {
  const parts = splitUrl(url);
  if (!parts.ok || parts.value.scheme !== 'http') return undefined;
  const { host } = parts.value;
  const found = parts.value.port ?? 80;
  const loopback = host.toLowerCase() === 'localhost' || host === '[::1]' || host.startsWith('127.');
  if (!loopback || found === port) return undefined;
  return `has port ${found}, but server.ports.public is ${port}; behind a reverse proxy give the name that viewers use`;
}

/** As nginx's `allow` takes them: an address, a network in CIDR form, or `all`. Host names would need a resolver in front of each request. */
export function network(): ValueType<string> {
  return textOf({
    what: 'an address or a network',
    maxLength: 64,
    check: (word) => {
      const [address = '', prefix, ...more] = word.split('/');
      const version = isIP(address);
      const longest = version === 6 ? 128 : 32;
      if (word === 'all') return accept(word);
      if (version === 0 || more.length > 0) return refuse('expected an address, a network such as 10.0.0.0/8, or all');
      if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest))
        return refuse(`the part after / must be a number from 0 to ${longest}`);
      return accept(word);
    },
  });
}

function isIP(text: string): 0 | 4 | 6 {
  const isFour = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
  if (isFour) return 4;
  return text.includes(':') && URL.canParse(`http://[${text}]/`) ? 6 : 0;
}
