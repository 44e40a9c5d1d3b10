import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { argumentOf, directive, directives, nginxMilliseconds, parseNginxDump } from './nginx-directives.ts';

const dump = `nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
# configuration file /etc/nginx/nginx.conf:
worker_processes 1; # one; not two
http {
  include mime.types;
  include conf.d/*.conf;
  map $uri $x { default ""; ~^/a\\d{2}$ "y;z"; }
}

# configuration file /etc/nginx/mime.types:
types { video/mp2t ts; }

# configuration file /etc/nginx/conf.d/a.conf:
server { root "/tmp/with \\"quotes\\" {}"; add_header X \${host}y always; }
`;

describe('parseNginxDump', () => {
  it('puts included files where they are included', () => {
    const http = directive(parseNginxDump(dump), 'http')?.block;
    expect(http?.map(({ name }) => name)).toEqual(['types', 'server', 'map']);
    expect(directive(directive(http, 'types')?.block, 'video/mp2t')?.args).toEqual(['ts']);
  });

  it('knows quotes, comments, variables and patterns', () => {
    const tree = parseNginxDump(dump);
    expect(argumentOf(tree, 'worker_processes')).toBe('1');
    const http = directive(tree, 'http')?.block;
    expect(argumentOf(directive(http, 'server')?.block, 'root')).toBe('/tmp/with "quotes" {}');
    expect(directive(directive(http, 'server')?.block, 'add_header')?.args).toEqual(['X', '${host}y', 'always']);
    expect(argumentOf(directive(http, 'map')?.block, 'default')).toBe('');
  });

  it('reads a single file, too, and survives one that is cut off', () => {
    expect(directives(parseNginxDump('rtmp { server { listen 1935'), 'rtmp')).toHaveLength(1);
    expect(parseNginxDump('')).toEqual([]);
    expect(parseNginxDump('}}};;;"')).toEqual([]);
  });

  it('reads our template', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docker/nginx/nginx.conf.template'), 'utf8');
    const tree = parseNginxDump(
      text.replace(/\$\{(IPTV_\w+)\}/g, (_, name: string) => (/LISTEN|ALLOW|USER|MODULE|PASS|BLOCK/.test(name) ? `${name} x;` : name)),
    );
    const application = directive(directive(directive(tree, 'rtmp')?.block, 'server')?.block, 'application');
    expect(application?.args).toEqual(['cleaner']);
    const server = directive(directive(tree, 'http')?.block, 'server')?.block;
    expect(directives(server, 'location').map(({ args }) => args.join(' '))).toContain('/hls/');
  });
});

it.each([
  ['2000ms', 2000],
  ['30s', 30_000],
  ['10', 10_000],
  ['10m', 600_000],
  ['x', undefined],
  [undefined, undefined],
])('reads the time %s', (text, expected) => {
  expect(nginxMilliseconds(text)).toBe(expected);
});
