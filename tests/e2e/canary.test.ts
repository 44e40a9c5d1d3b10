// Secrets in every place where people put them never come out again: not in a command, a log, an event, nor in the support archive.

import { spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { media } from '../helpers/media.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { createStack, eventually, type Ran, type TestStack } from '../helpers/stack.ts';

/** One for each place; none of them is a word that anything else would print. */
const canaries = {
  userinfo: 'c4n4ryUserinfoQx',
  query: 'c4n4ryQueryWv',
  pathUser: 'c4n4ryPathUserKj',
  pathPass: 'c4n4ryPathPassZt',
  header: 'c4n4ryHeaderLm',
  environment: 'c4n4ryEnv/+ironmentRb',
  file: 'c4n4ryFileHg',
  oddQuery: 'c4n4ryOddQueryDf',
  wordQuery: 'sesamopen',
  oddHeader: 'c4n4ryOddHeaderNb',
  resolverPass: 'c4n4ryResolverPassYu',
  resolverPath: 'c4n4ryResolverPathEr',
  resolverHeader: 'c4n4ryResolverHeaderWe',
  resolvedPath: 'c4n4ryResolvedPathTy',
  resolvedHeader: 'c4n4ryResolvedHeaderUi',
  resolverWord: 'c4n4ryResolverWordOp',
  hookPath: 'c4n4ryHookPathAs',
  hookQuery: 'c4n4ryHookQueryGh',
  hookHeader: 'c4n4ryHookHeaderJk',
  hookWord: 'c4n4ryHookWordVb',
} as const;

const spellings = Object.values(canaries).flatMap((value) => [
  value,
  encodeURIComponent(value),
  encodeURI(value),
  value.split(/[/ +]/)[0] ?? value,
]);

function leaks(text: string): readonly string[] {
  return spellings.filter((value) => text.toLowerCase().includes(value.toLowerCase()));
}

describe.skipIf(!hasNginxRtmp)('a canary secret', () => {
  let stack: TestStack;
  let provider: Server;
  const asked: string[] = [];

  beforeAll(async () => {
    const clip = await media('h264-aac.ts');
    provider = createServer((request, response) => {
      asked.push(`${request.url} ${JSON.stringify(request.headers)}`);
      if (request.url?.includes('/refused/') === true) {
        // Some providers repeat what they were asked in their answer.
        response.writeHead(403, `Forbidden for ${request.url}`);
        response.end(`<a href="${request.url}">no</a>`);
      } else if (request.url?.startsWith('/resolve/') === true) {
        const url = `http://${request.headers.host ?? ''}/live/${canaries.resolvedPath}/2.ts`;
        response.end(JSON.stringify({ url, headers: { 'X-Odd': canaries.resolvedHeader } }));
      } else if (request.method === 'POST') {
        response.writeHead(404).end(`no ${request.url} for ${JSON.stringify(request.headers)}`);
      } else createReadStream(clip).pipe(response.writeHead(200, { 'content-type': 'video/mp2t' }));
    });
    await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
    const host = `127.0.0.1:${(provider.address() as AddressInfo).port}`;
    const { userinfo, query, pathUser, pathPass, header } = canaries;
    const source = (folder: string): string =>
      [
        `    source: http://me:${userinfo}@${host}${folder}/live/${pathUser}/${pathPass}/1.ts?token=${query}&k=\${CANARY_VARIABLE}&zz=${canaries.oddQuery}&p=${canaries.wordQuery}`,
        '    headers:',
        `      Authorization: Bearer ${header}`,
        `      X-Key: \${file:${stack.directory}/secret.txt}`,
        `      X-Plain: ${canaries.oddHeader}`,
      ].join('\n');
    stack = await createStack({
      streams: '  []',
      env: { CANARY_VARIABLE: canaries.environment, UNRELATED_PASSWORD: canaries.environment },
    });
    writeFileSync(join(stack.directory, 'secret.txt'), canaries.file, { mode: 0o600 });
    const repeat = join(stack.directory, 'repeat.sh');
    writeFileSync(repeat, 'echo "called with $*" >&2; exit 3\n');
    const resolver = `http://me:${canaries.resolverPass}@${host}/resolve/${canaries.resolverPath}`;
    stack.list(
      [
        `  - id: refused\n${source('/refused')}`,
        `  - id: plays\n${source('')}`,
        '  - id: resolved',
        `    source: { kind: http-ts, resolve: { url: "${resolver}", headers: { X-Odd: ${canaries.resolverHeader} } } }`,
        '  - id: unresolved',
        `    source: { kind: http-ts, resolve: { command: [/bin/sh, ${repeat}, ${canaries.resolverWord}] } }`,
        'hooks:',
        `  - { url: "http://${host}/${canaries.hookPath}?q=${canaries.hookQuery}", headers: { X-Odd: ${canaries.hookHeader} }, for: 1s }`,
        `  - { command: [/bin/sh, ${repeat}, --token, ${canaries.hookWord}], for: 1s }`,
      ].join('\n'),
    );
    // The same with a key that does not exist in every line that holds a secret.
    const list = readFileSync(join(stack.directory, 'streams.yaml'), 'utf8');
    writeFileSync(
      join(stack.directory, 'broken.yaml'),
      list.replaceAll('for: 1s', 'four: 1s').replaceAll('kind: http-ts', 'kinds: http-ts'),
    );
    const up = await stack.iptv('up');
    expect(up).toMatchObject({ code: 0 });
    await stack.iptv('start', 'plays', 'refused', 'resolved', 'unresolved');
    await eventually('two have failed, the others have played', async () => {
      const { streams } = await stack.status();
      const named = new Map(streams.map((stream) => [stream.id, stream]));
      const hasFailed = (id: string): boolean => (named.get(id)?.lastFailure ?? null) !== null;
      const hasPlayed = (id: string): boolean => (named.get(id)?.legs.backup.segments ?? 0) > 0;
      return hasFailed('refused') && hasFailed('unresolved') && hasPlayed('plays') && hasPlayed('resolved');
    });
  });

  afterAll(async () => {
    await stack?.close();
    provider?.closeAllConnections();
    provider?.close();
  });

  it('reaches the provider, or this test would prove nothing', () => {
    const all = asked.join('\n');
    const {
      query,
      pathUser,
      pathPass,
      header,
      file,
      oddQuery,
      wordQuery,
      oddHeader,
      resolverPath,
      resolverHeader,
      resolvedPath,
      resolvedHeader,
    } = canaries;
    for (const value of [query, pathUser, pathPass, header, file, oddQuery, wordQuery, oddHeader]) expect(all).toContain(value);
    for (const value of [resolverPath, resolverHeader, resolvedPath, resolvedHeader]) expect(all).toContain(value);
    expect(decodeURIComponent(all.replaceAll('+', '%2B'))).toContain('c4n4ryEnv');
  });

  it.each([
    'status',
    'status --json',
    'status refused --json',
    'list',
    'list --json',
    'plan refused',
    'plan refused --json',
    'plan plays --probe',
    'plan refused --probe --json',
    'logs -n 1000',
    'logs -n 1000 --json',
    'logs refused --explain',
    'events --evidence -n all',
    'events --json -n all',
    'why refused',
    'why refused --json',
    'why unresolved --json',
    'plan resolved --json',
    'failover resolved --json',
    'hooks test',
    'report --json',
    'diff --json',
    'validate broken.yaml',
    'failover refused',
    'validate',
    'validate --json',
    'doctor --json',
    'doctor sources security logs streams clock',
    'doctor sources --json',
    'is-healthy refused',
    'restart refused --debug',
  ])('is not in: iptv %s', async (words) => {
    const ran: Ran = await stack.iptv(...words.split(' '));
    expect(leaks(ran.stdout + ran.stderr)).toEqual([]);
  });

  it('is not in what nginx serves', async () => {
    for (const path of ['/stat', '/hls/', '/metrics', '/']) {
      expect(leaks(await (await fetch(`${stack.url}${path}`)).text())).toEqual([]);
    }
  });

  it('is in no file of the state but the private records of the jobs and of resolved addresses', () => {
    const found = filesBelow(stack.state).filter(
      (path) => !path.startsWith(join(stack.state, 'jobs')) && leaks(readFileSync(path, 'utf8')).length > 0,
    );
    // What a resolver has given, for the next supervisor.
    const resolved = join(stack.state, 'sources.json');
    expect(found.filter((path) => path !== resolved)).toEqual([]);
    expect(statSync(resolved).mode & 0o077).toBe(0);
    expect(statSync(join(stack.state, 'jobs')).mode & 0o077).toBe(0);
  });

  it('is not in the support archive, which says what happened all the same and is for its owner alone', async () => {
    const archive = join(stack.directory, 'support.tar.gz');
    const ran = await stack.iptv('doctor', 'bundle', '-o', archive);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 0, stdout: `${archive}\n` });
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    const unpacked = join(stack.directory, 'unpacked');
    mkdirSync(unpacked);
    expect(spawnSync('tar', ['-xzf', archive, '-C', unpacked]).status).toBe(0);
    const files = filesBelow(unpacked);
    for (const path of files) expect([path, leaks(readFileSync(path, 'utf8'))]).toEqual([path, []]);
    const text = (name: string): string => readFileSync(files.find((path) => path.endsWith(name)) ?? '', 'utf8');
    expect(text('findings.txt')).toContain('refused');
    expect(text('status.json')).toContain('403');
    expect(text('streams.yaml')).toContain('id: refused');
    expect(text('plans/refused.json')).toContain('ffmpeg');
    expect(text('logs/refused.log')).toContain('403');
    expect(text('nginx/nginx-T.conf')).toContain('application live');
    expect(text('environment.txt')).toContain('CANARY_VARIABLE=***');
    expect(text('versions.txt')).toContain('ffmpeg version');
    expect(readdirSync(stack.directory).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
