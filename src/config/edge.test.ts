import { expect, it } from 'vitest';

import { parseConfig } from './load.ts';

function parse(edge: string, server = '') {
  return parseConfig(`version: 1\nserver:\n  edge: ${edge}\n${server}streams: []\n`, {
    path: '/srv/streams.yaml',
    env: {},
    readSecretFile: () => undefined,
  });
}

function problemsOf(edge: string, server = ''): readonly string[] {
  const parsed = parse(edge, server);
  return parsed.ok ? [] : parsed.diagnostics.map(({ message }) => message);
}

it('has defaults for everything', () => {
  const parsed = parse('{}');
  expect(parsed.ok && parsed.config.server.edge).toEqual({ port: 8089, upstreams: [], memoryBytes: 256e6, diskBytes: 1e9, popularFrom: 3 });
});

it('takes one origin or several, and sizes in the usual units', () => {
  const parsed = parse(
    '{ upstream: ["http://A.example:8088/", "http://[::1]"], memory: 1G, disk: 64Mi, popular: 10, diskDirectory: /srv/edge }',
  );
  expect(parsed.ok && parsed.config.server.edge).toEqual({
    port: 8089,
    upstreams: ['http://a.example:8088', 'http://[::1]:80'],
    memoryBytes: 1e9,
    diskBytes: 64 * 1024 ** 2,
    diskDirectory: '/srv/edge',
    popularFrom: 10,
  });
});

it.each([
  ['{ port: 0 }', 'expected a port, a whole number from 1 to 65535, got the number 0'],
  ['{ port: 8088 }', 'port 8088 is used for both edge.port and ports.public'],
  ['{ port: 1935 }', 'port 1935 is used for both edge.port and ports.rtmp'],
  ['{ memory: 1M }', 'must be between 16M and 10000G, got "1M"'],
  ['{ memory: lots }', 'expected a size such as 256M or 2G, got "lots"'],
  ['{ popular: 0 }', 'expected a number of viewers, a whole number from 1 to 10000, got the number 0'],
  ['{ upstream: https://a.example }', 'expected a URL such as http://origin.example.com:8088, got "https://"'],
  ['{ upstream: http://a.example/hls }', 'must end after the port: /live and /hls are added'],
  ['{ upstream: "http://a.example:80;x" }', 'has no valid host and port: in a user name or password write / as %2F and : as %3A'],
  ['{ upstream: http://joe@a.example }', 'must not hold a user name or a password'],
  ['{ upstream: "http://localhost:8089" }', 'is the edge itself: it would ask itself for ever'],
  ['{ upstream: [] }', 'the list is empty'],
  ['{ diskDirectory: cache }', 'must be an absolute path such as /var/cache/iptv-edge'],
  ['{ diskDirectory: /cache }', 'must be a folder of its own, such as /var/cache/iptv-edge'],
  ['{ memoryDirectory: "/dev/shm/a b" }', 'must not contain a space: nginx would misread it'],
  ['{ cache: 1G }', 'unknown key'],
])('refuses %s', (edge, message) => {
  expect(problemsOf(edge)).toEqual([message]);
});

it('knows the ports that are set, too', () => {
  expect(problemsOf('{ port: 9000 }', '  ports: { public: 9000 }\n')).toEqual(['port 9000 is used for both edge.port and ports.public']);
});
