// The key `server.edge` of streams.yaml: a cache for viewers in front of this house's nginx or of another one.

import { z } from 'zod';
import type { EdgeConfig } from '../core/config.ts';
import { seedDefaults } from '../core/endpoints.ts';
import { accept, describeValue, quote, refuse } from './checked.ts';
import { resolvePath } from './file-paths.ts';
import { splitUrl } from './url-parts.ts';
import { integer, leaf, textOf, type ValueType } from './value-types.ts';
import { formatByteSize, parseByteSize } from './values.ts';

const mega = 1_000_000;
const leastBytes = 16 * mega;
const mostBytes = 10_000_000 * mega;

const cacheSize: ValueType<number> = {
  json: { type: ['string', 'integer'], pattern: '^\\d+(?:\\.\\d+)?(?:[kKMG]i?)?B?$' },
  check(value) {
    const found = describeValue(value);
    const bytes = typeof value === 'string' || typeof value === 'number' ? parseByteSize(value) : undefined;
    if (bytes === undefined) return refuse('expected a size such as 256M or 2G', { found });
    if (bytes < leastBytes || bytes > mostBytes)
      return refuse(`must be between ${formatByteSize(leastBytes)} and ${formatByteSize(mostBytes)}`, { found });
    return accept(bytes);
  },
};

/** nginx asks it for paths below /live and /hls, so it has none of its own. TLS belongs to a proxy in front. */
const upstreamUrl = textOf({
  what: 'a URL such as http://origin.example.com:8088',
  maxLength: 300,
  check(url) {
    const parts = splitUrl(url);
    if (!parts.ok) return parts;
    const { scheme, host, port, path, query } = parts.value;
    if (scheme !== 'http') return refuse('expected a URL such as http://origin.example.com:8088', { found: quote(`${scheme}://`) });
    if (url.includes('@')) return refuse('must not hold a user name or a password');
    if (!/^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)$/i.test(host)) return refuse('has no host that nginx could ask');
    if (query !== '' || /[?#]/.test(url) || (path !== '' && path !== '/'))
      return refuse('must end after the port: /live and /hls are added');
    return accept(`http://${host.toLowerCase()}:${port ?? 80}`);
  },
});

/** nginx makes folders in it and gives them to its worker; the same characters as in `hlsDirectory`. */
const folder = textOf({
  what: 'an absolute path such as /var/cache/iptv-edge',
  maxLength: 200,
  check(path) {
    if (!path.startsWith('/')) return refuse('must be an absolute path such as /var/cache/iptv-edge');
    const bad = /[^\p{L}\p{N}/._+@=-]/u.exec(path)?.[0];
    if (bad !== undefined) return refuse(`must not contain ${bad === ' ' ? 'a space' : quote(bad)}: nginx would misread it`);
    const resolved = resolvePath('/', path);
    return resolved.lastIndexOf('/') === 0 ? refuse('must be a folder of its own, such as /var/cache/iptv-edge') : accept(resolved);
  },
});

export const edgeSchema = z
  .strictObject({
    port: leaf(integer('a port', { min: 1, max: 65_535 }), `HTTP for viewers of the edge. Default ${seedDefaults.edgePort}.`).optional(),
    upstream: z
      .union([
        leaf(upstreamUrl, 'The origin, such as http://origin.example.com:8088.'),
        z.array(leaf(upstreamUrl, 'An origin, such as http://origin.example.com:8088.')).min(1),
      ])
      .optional()
      .describe("Origins with the same channels, best first; the next one is asked when one fails. Default: this house's own nginx."),
    memory: leaf(cacheSize, 'For the segments of channels with many viewers. Default 256M.').optional(),
    memoryDirectory: leaf(folder, 'Where these lie; a file system in memory. Default: below /dev/shm.').optional(),
    disk: leaf(cacheSize, 'For the segments of all other channels. Default 1G.').optional(),
    diskDirectory: leaf(folder, 'Where these lie. Default: in the state folder.').optional(),
    popular: leaf(
      integer('a number of viewers', { min: 1, max: 10_000 }),
      'Viewers from which on a channel stays in memory. Default 3.',
    ).optional(),
  })
  .describe('A cache for viewers, in front of this nginx or of other origins.');

export function buildEdge(entry: z.output<typeof edgeSchema>): EdgeConfig {
  const { upstream, memoryDirectory, diskDirectory } = entry;
  return {
    port: entry.port ?? seedDefaults.edgePort,
    upstreams: upstream === undefined ? [] : typeof upstream === 'string' ? [upstream] : upstream,
    memoryBytes: entry.memory ?? 256 * mega,
    ...(memoryDirectory === undefined ? {} : { memoryDirectory }),
    diskBytes: entry.disk ?? 1000 * mega,
    ...(diskDirectory === undefined ? {} : { diskDirectory }),
    popularFrom: entry.popular ?? 3,
  };
}
