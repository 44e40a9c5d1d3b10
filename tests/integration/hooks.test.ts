// Hooks with a real HTTP server, a real command and a real nginx that dies: one alarm, one recovery, no secret in sight.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HookMessage } from '../../src/run/hooks/message.ts';
import { createStack, eventually, kill, type TestStack } from '../helpers/stack.ts';

interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly message: HookMessage;
}

const ids = ['a', 'b', 'c'] as const;
let stack: TestStack;
let server: Server;
let port = 0;
const got: Got[] = [];
/** Answers of the webhook, by path; the first ones refuse. */
const answers: Record<string, number[]> = {};
const output = join(tmpdir(), `iptv-hook-${process.pid}.jsonl`);

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      response.statusCode = answers[path]?.shift() ?? 200;
      if (response.statusCode === 200)
        got.push({ path, headers: request.headers, message: JSON.parse(Buffer.concat(chunks).toString()) as HookMessage });
      response.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
  const streams = ids.map((id) => `  - id: ${id}\n    source: test:?size=160x90&fps=10`).join('\n');
  stack = await createStack({ streams });
  const list = readFileSync(join(stack.directory, 'streams.yaml'), 'utf8');
  const hooks = [
    'hooks:',
    `  - { name: chat, url: "http://127.0.0.1:${port}/secret-path?token=hunter2", headers: { X-Auth-Token: "sesame" }, on: [nginx-down], for: 0s }`,
    `  - { name: flaky, url: "http://127.0.0.1:${port}/flaky", on: [nginx-down], for: 0s }`,
    `  - { name: file, command: [tee, -a, "${output}"], on: [nginx-down, list], for: 0s }`,
    '',
  ].join('\n');
  writeFileSync(join(stack.directory, 'streams.yaml'), list.replace('streams:\n', `${hooks}streams:\n`));
  answers['/flaky'] = [503];
  expect((await stack.iptv('start', '--all', '--no-wait')).stderr).not.toContain('error');
  for (const id of ids) await eventually(`${id} is healthy`, async () => (await stack.stream(id)).verdict?.name === 'healthy');
}, 360_000);

afterAll(async () => {
  await stack.close();
  server.closeAllConnections();
  server.close();
  rmSync(output, { force: true });
});

const told = (path: string): readonly HookMessage[] => got.filter((each) => each.path.startsWith(path)).map(({ message }) => message);

describe('hooks', () => {
  it('tell once of a dead nginx, for all streams, and once of its end', async () => {
    const { origin } = await stack.status();
    if (origin.pid === null) throw new Error('no nginx');
    kill(-origin.pid);
    const alarm = await eventually('the alarm', () => told('/secret-path').find(({ kind }) => kind === 'alarm'));
    expect(alarm).toMatchObject({ schemaVersion: 1, hook: 'chat', verdict: 'nginx-down', layer: 'http', count: 3 });
    expect(alarm.text).toMatch(/^a, b, c: nginx-down: nginx .*SIGKILL/);
    expect(alarm.streams.map(({ id }) => id)).toEqual([...ids]);
    const end = await eventually('its end', () => told('/secret-path').find(({ kind }) => kind === 'recovered'));
    expect(end).toMatchObject({ verdict: 'nginx-down', count: 3 });
    expect(
      told('/secret-path')
        .filter(({ verdict }) => verdict === 'nginx-down')
        .map(({ kind }) => kind),
    ).toEqual(['alarm', 'recovered']);
    expect(got.find(({ path }) => path.startsWith('/secret-path'))?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-auth-token': 'sesame',
    });
  });

  it('try again when the webhook is ill', async () => {
    await eventually('it is told in the end', () => told('/flaky').some(({ kind }) => kind === 'alarm'));
    const { stdout } = await stack.iptv('events', '--kind', 'hook', '-n', 'all');
    expect(stdout).toMatch(/\thook\tfailed\thook flaky \(127\.0\.0\.1:\d+\): status 503\tnext try in 1 s/);
  });

  it('give a command the same message on stdin', async () => {
    const lines = await eventually('both messages', () => {
      const text = existsSync(output) ? readFileSync(output, 'utf8').trim().split('\n') : [];
      return text.length >= 2 && text;
    });
    expect(lines.map((line) => (JSON.parse(line) as HookMessage).kind)).toEqual(['alarm', 'recovered']);
  });

  it('show no secret anywhere', async () => {
    const { stdout } = await stack.iptv('events', '--evidence', '-n', 'all');
    const listed = await stack.iptv('hooks', '--json');
    expect(listed.code).toBe(0);
    const said = stdout + listed.stdout + stack.log('backend') + readFileSync(join(stack.state, 'events.jsonl'), 'utf8');
    expect(said).toContain('hook chat (127.0.0.1');
    for (const secret of ['hunter2', 'sesame', 'secret-path']) expect(said).not.toContain(secret);
  });

  it('can be tested by hand, without a supervisor', async () => {
    const before = got.length;
    const ran = await stack.iptv('hooks', 'test', 'chat');
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/told chat \(127\.0\.0\.1:\d+\): status 200\n$/) as string]);
    expect(got.slice(before)).toMatchObject([{ message: { kind: 'test', hook: 'chat' } }]);
    answers['/flaky'] = [404];
    const failed = await stack.iptv('hooks', 'test', 'flaky');
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('status 404') as string]);
    expect((await stack.iptv('hooks', 'test', 'chta')).stderr).toContain('did you mean "chat"?');
  });
});
