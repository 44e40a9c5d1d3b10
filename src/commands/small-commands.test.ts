import { describe, expect, it } from 'vitest';

import { configOf, documentOf, fakeClient, fakeContext, stackOf, statusOf, type FakeOptions } from '../../tests/fakes/command-context.ts';
import { createMemoryFiles } from '../../tests/fakes/memory-files.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import type { FfmpegFacts } from '../core/facts.ts';
import type { Ports } from '../core/ports.ts';
import { run as runDown } from './down.ts';
import { run as runHelp } from './help.ts';
import { run as runInit } from './init.ts';
import { run as runList } from './list.ts';
import { run as runPlan } from './plan.ts';
import { createProgram } from './program.ts';
import { run as runSetup } from './setup.ts';
import { readSourceFacts } from './source-facts.ts';
import { run as runUp } from './up.ts';
import { run as runValidate } from './validate.ts';

const config = configOf([
  {
    ...streamOf(sourceOf('hls', 'https://me:hunter2@tv.example.com/live.m3u8', { display: 'https://***@tv.example.com/live.m3u8' })),
    name: 'News',
    tags: ['hd', 'demo'],
  },
  { ...streamOf(sourceOf('test', 'test:'), {}, 'sport'), enabled: false, sources: [sourceOf('test', 'test:'), sourceOf('test', 'test:')] },
]);

describe('list', () => {
  const list = async (fake: FakeOptions) => {
    const made = fakeContext({ ...fake, more: { loadConfig: async () => config } });
    expect(await runList({ wide: false }, made.context)).toBe(0);
    return made.stdout();
  };

  it('is tab-separated on a pipe', async () => {
    expect(await list({})).toBe(
      'news\tNews\tyes\thd,demo\thttps://***@tv.example.com/live.m3u8\thttp://localhost:8088/live/news/index.m3u8\n' +
        'sport\tsport\tno\t\ttest:\thttp://localhost:8088/live/sport/index.m3u8\n',
    );
  });

  it('is a table on a terminal, with the number of spares', async () => {
    const [title, , sport] = (await list({ terminal: true, columns: 140 })).split('\n');
    expect(title).toMatch(/^ID +NAME +ENABLED +TAGS +SOURCE +URL$/);
    expect(sport).toContain('test: (+1 spare)');
  });

  it('is a document with --json, without a password', async () => {
    const text = await list({ argv: ['--json'] });
    expect(JSON.parse(text)).toMatchObject({
      schemaVersion: 1,
      path: '/tv/streams.yaml',
      streams: [{ id: 'news', enabled: true, sources: [{ kind: 'hls' }] }, { id: 'sport' }],
    });
    expect(text).not.toContain('hunter2');
  });
});

describe('validate', () => {
  it.each([
    [[], '/tv/streams.yaml is valid: 2 streams\n'],
    [['-q'], ''],
    [['--json'], '{"schemaVersion":1,"valid":true,"path":"/tv/streams.yaml","streams":2}\n'],
  ])('%j', async (argv, expected) => {
    const { context, stdout } = fakeContext({ argv, more: { loadConfig: async () => config } });
    expect(await runValidate({ file: undefined }, context)).toBe(0);
    expect(stdout()).toBe(expected);
  });
});

describe('init', () => {
  const ports = (files: ReturnType<typeof createMemoryFiles>) => ({
    ports: async () => ({ files }) as unknown as Ports,
    readAsset: async () => '# yaml-language-server: $schema=./docs/s.json\nversion: 1\n',
  });

  it('writes the sample, with the schema where this folder can find it', async () => {
    const files = createMemoryFiles({ now: () => 0 });
    const { context, stdout } = fakeContext({ more: ports(files) });
    expect(await runInit({}, context)).toBe(0);
    expect(files.texts.get('/tv/streams.yaml')).toBe('# yaml-language-server: $schema=/package/docs/s.json\nversion: 1\n');
    expect(stdout()).toBe('wrote /tv/streams.yaml\n');
  });

  it('never overwrites', async () => {
    const files = createMemoryFiles({ now: () => 0 });
    files.put('/tv/streams.yaml', 'mine');
    await expect(runInit({}, fakeContext({ more: ports(files) }).context)).rejects.toMatchObject({ exitCode: 1, code: 'already-there' });
    expect(files.texts.get('/tv/streams.yaml')).toBe('mine');
  });
});

describe('plan', () => {
  const ffmpeg: FfmpegFacts = {
    path: '/usr/bin/ffmpeg',
    version: '5.1.9',
    protocols: new Set(['file', 'http', 'https', 'tcp', 'tls', 'crypto', 'rtmp', 'hls']),
    muxers: new Set(['tee', 'flv', 'hls', 'fifo', 'mpegts']),
    demuxers: new Set(['hls', 'mpegts', 'lavfi']),
    encoders: new Set(['libx264', 'aac']),
    filters: new Set(),
    options: new Map(),
  };
  const plan = async (id: string, source: number, argv: readonly string[] = []) => {
    const made = fakeContext({
      argv,
      more: { loadConfig: async () => config, selectStack: async () => stackOf(undefined), ffmpegFacts: async () => ffmpeg },
    });
    expect(await runPlan({ id, source, probe: false }, made.context)).toBe(0);
    return made.stdout();
  };

  it('shows a command whose secrets are masked, and reasons', async () => {
    const text = await plan('news', 1);
    expect(text).toMatch(/^# news: https:\/\/\*\*\*@tv\.example\.com\/live\.m3u8 \(source 1 of 1\), ffmpeg 5\.1\.9/);
    expect(text).toMatch(/^ffmpeg .*-f tee /m);
    expect(text).not.toContain('hunter2');
  });

  it('is a document with --json', async () => {
    const text = await plan('news', 1, ['--json']);
    expect(JSON.parse(text)).toMatchObject({
      schemaVersion: 1,
      id: 'news',
      source: 1,
      ffmpeg: '5.1.9',
      argv: expect.arrayContaining(['ffmpeg', '-i']) as string[],
    });
    expect(text).not.toContain('hunter2');
  });

  it.each([
    ['nesw', 1, 4],
    ['news', 2, 2],
    ['news', 0, 2],
  ])('%s, source %d: exit code %d', async (id, source, exitCode) => {
    await expect(plan(id, source)).rejects.toMatchObject({ exitCode });
  });
});

describe('up', () => {
  const client = fakeClient([documentOf([statusOf('news')])], { ids: ['news'], notes: [] });
  const up = (fake: FakeOptions, start: boolean, stack = {}) => {
    const steps = async (progress: (text: string) => void) => progress('starting the supervisor');
    const made = fakeContext({ ...fake, more: { selectStack: async () => stackOf(client, { up: steps, ...stack }) } });
    return { ...made, done: runUp({ start, runtime: undefined, wait: true, timeoutMs: 60_000 }, made.context) };
  };

  it('says what it does and shows the status', async () => {
    const { done, stdout, stderr } = up({}, true);
    expect(await done).toBe(0);
    expect(client.orders.at(-1)).toEqual({ action: 'start', all: true });
    expect(stderr()).toBe('bringing the local stack up\nstarting the supervisor\nthe local stack is up\nstarting all streams\n');
    expect(stdout()).toMatch(/^news\trunning\t/);
  });

  it('prints one document with --json and nothing with -q', async () => {
    const json = up({ argv: ['--json'] }, true);
    await json.done;
    expect(JSON.parse(json.stdout())).toEqual(documentOf([statusOf('news')]));
    expect(json.stderr()).toBe('');
    const quiet = up({ argv: ['-q'] }, true);
    await quiet.done;
    expect(quiet.stdout() + quiet.stderr()).toBe('');
  });

  it('carries the rest into the container with Docker on the host', async () => {
    const carried: string[] = [];
    const carry = async (argv: readonly string[]) => {
      carried.push(argv.join(' '));
      return 0;
    };
    await up({ argv: ['--json'] }, true, { carry }).done;
    expect(carried).toEqual(['start --all --wait --timeout 60000ms --quiet', 'status --json']);
  });

  it('ends with the code of a start that failed', async () => {
    expect(await up({}, true, { carry: async () => 75 }).done).toBe(75);
  });
});

describe('down and setup', () => {
  it.each([
    [true, 'stopped'],
    [false, 'nothing was running'],
  ])('down when something ran: %s', async (ran, words) => {
    const more = { selectStack: async () => stackOf(undefined, { down: async () => ran }) };
    const plain = fakeContext({ more });
    expect(await runDown({ runtime: undefined }, plain.context)).toBe(0);
    expect([plain.stdout(), plain.stderr()]).toEqual(['', `stopping\n${words}\n`]);
    const json = fakeContext({ argv: ['--json'], more });
    await runDown({ runtime: undefined }, json.context);
    expect(JSON.parse(json.stdout())).toEqual({ schemaVersion: 1, runtime: 'local', stopped: ran });
  });

  it('setup tells each step', async () => {
    const { context, stderr } = fakeContext({ more: { setup: async (progress) => progress('installing nginx') } });
    expect(await runSetup({}, context)).toBe(0);
    expect(stderr()).toContain('installing nginx\n');
  });
});

describe('help', () => {
  const help = async (topic: string | undefined) => {
    const made = fakeContext({ more: { wholeProgram: () => createProgram(made.context) } });
    await runHelp({ topic }, made.context);
    return made.stdout();
  };

  it.each([
    ['exit-codes', '75 '],
    ['json', 'schemaVersion'],
    ['config', '/etc/iptv/streams.yaml'],
    ['environment', 'NO_COLOR'],
    ['start', 'iptv start [id...]'],
    [undefined, 'iptv <command> [flags]'],
  ])('%s', async (topic, expected) => {
    expect(await help(topic)).toContain(expected);
  });

  it('offers the near word', async () => {
    await expect(help('exit-code')).rejects.toMatchObject({
      exitCode: 2,
      message: 'no command or topic "exit-code"; did you mean "exit-codes"?',
    });
  });
});

it('knows what the supervisor learned about a source', async () => {
  const files = createMemoryFiles({ now: () => 0 });
  const source = sourceOf('hls', 'https://secret', { display: 'https://***' });
  expect(await readSourceFacts(files, '/state/facts.json', 'news', source)).toBeUndefined();
  files.put('/state/facts.json', '{"news https://***": {"video": {"codec": "hevc"}}}');
  expect(await readSourceFacts(files, '/state/facts.json', 'news', source)).toEqual({ video: { codec: 'hevc' } });
  files.put('/state/facts.json', 'half a fi');
  expect(await readSourceFacts(files, '/state/facts.json', 'news', source)).toBeUndefined();
});
