import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

import { configOf, fakeContext, stackOf, type FakeOptions } from '../../tests/fakes/command-context.ts';
import { createLogFolder } from '../../tests/fakes/log-folder.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports } from '../core/ports.ts';
import type { ProgramOutput, Stack } from '../stack/stack.ts';
import { declare, run, type LogsOptions } from './logs.ts';

const news = '/logs/news.log';
const backend = '/logs/backend.log';
const at = (second: number, rest: string) => `2026-01-01T12:00:0${second}.000Z ${rest}\n`;
const plain: LogsOptions = {
  names: [],
  follow: false,
  sinceMs: undefined,
  untilMs: undefined,
  lines: 100,
  level: undefined,
  grep: undefined,
  invert: false,
  explain: false,
  ndjson: false,
};

function logs(options: Partial<LogsOptions>, fake: FakeOptions = {}, stack: Partial<Stack> = {}) {
  const folder = createLogFolder();
  folder.append(backend, at(1, 'info supervisor 1.2.3') + at(4, 'warning news: no new segment'));
  folder.append(news, at(2, 'info opening') + at(3, 'error [hls] refused'));
  const logFiles = async () => [
    { name: 'backend', path: backend },
    { name: 'news', path: news },
  ];
  const made = fakeContext({
    ...fake,
    more: {
      ports: async () => ({ files: folder.files }) as Ports,
      selectStack: async () => stackOf(undefined, { logFiles, ...stack }),
      loadConfig: async () => configOf([streamOf(sourceOf('test', 'test:'), {}, 'sport')]),
      ...fake.more,
    },
  });
  return { ...made, folder, done: run({ ...plain, ...options }, made.context) };
}

const programOf = (text: string): ProgramOutput => ({
  output: (async function* () {
    yield Buffer.from(text);
  })(),
  ended: Promise.resolve(0),
  end: () => undefined,
});

async function parse(argv: readonly string[]): Promise<LogsOptions | undefined> {
  let given: LogsOptions | undefined;
  const command = new Command('logs').exitOverride().configureOutput({ writeErr: () => undefined });
  declare(command, fakeContext().context, async (options) => {
    given = options;
    return ExitCode.ok;
  });
  await command.parseAsync([...argv], { from: 'user' });
  return given;
}

describe('the flags of logs', () => {
  it.each([
    [[], { names: [], follow: false, sinceMs: undefined, lines: 100 }],
    [['news', 'news', '-f'], { names: ['news'], follow: true }],
    [['-n', '5'], { lines: 5 }],
    [['-n', 'all'], { lines: undefined }],
    [['--since', '10m'], { sinceMs: Date.UTC(2026, 0, 1, 11, 50), lines: undefined }],
    [['--since', '10m', '-n', '3'], { lines: 3 }],
  ])('%j', async (argv, expected) => {
    expect(await parse(argv)).toMatchObject(expected);
  });

  it.each([[['-n', '-1']], [['-n', 'x']], [['--since', 'then']]])('%j is refused', async (argv) => {
    await expect(parse(argv)).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  });
});

describe('logs', () => {
  it('merges all by time, with the name in front', async () => {
    const { done, stdout } = logs({});
    expect(await done).toBe(0);
    expect(stdout()).toBe(
      `backend\t${at(1, 'info supervisor 1.2.3')}news\t${at(2, 'info opening')}news\t${at(3, 'error [hls] refused')}backend\t${at(4, 'warning news: no new segment')}`,
    );
  });

  it('counts lines over all of them', async () => {
    const { done, stdout } = logs({ lines: 2 });
    await done;
    expect(stdout()).toBe(`news\t${at(3, 'error [hls] refused')}backend\t${at(4, 'warning news: no new segment')}`);
  });

  it('prints one log as it is on a pipe', async () => {
    const { done, stdout } = logs({ names: ['news'] });
    await done;
    expect(stdout()).toBe(at(2, 'info opening') + at(3, 'error [hls] refused'));
  });

  it('says the level in words on a terminal', async () => {
    const { done, stdout } = logs({}, { terminal: true });
    await done;
    expect(stdout()).toMatch(
      /^backend \d\d:\d\d:01 supervisor 1\.2\.3\nnews {3} \d\d:\d\d:02 opening\nnews {3} \d\d:\d\d:03 error \[hls\] refused\n/,
    );
  });

  it('is one document with --json', async () => {
    const { done, stdout } = logs({ names: ['news'] }, { argv: ['--json'] });
    await done;
    expect(JSON.parse(stdout())).toEqual({
      schemaVersion: 1,
      lines: [
        { time: '2026-01-01T12:00:02.000Z', level: 'info', name: 'news', stream: 'news', text: 'opening', explanation: null },
        { time: '2026-01-01T12:00:03.000Z', level: 'error', name: 'news', stream: 'news', text: '[hls] refused', explanation: null },
      ],
    });
  });

  it('follows across a rotation, finds new logs, and ends with 130', async () => {
    const sport = '/logs/sport.log';
    let polls = 0;
    let found = [{ name: 'news', path: news }];
    const made = logs(
      { follow: true, lines: 1 },
      {
        argv: ['--json'],
        more: {
          sleep: async () => {
            polls += 1;
            if (polls === 1) {
              made.folder.append(news, at(5, 'info five'));
              made.folder.rotate(news);
              made.folder.append(news, at(6, 'info six'));
              made.folder.append(sport, at(7, 'info seven'));
              found = [...found, { name: 'sport', path: sport }];
            }
            if (polls === 200) made.interrupt();
          },
        },
      },
      { logFiles: async () => found },
    );
    expect(await made.done).toBe(130);
    const lines = made
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; text: string });
    expect(lines.map(({ name, text }) => `${name} ${text}`)).toEqual(['news [hls] refused', 'news five', 'news six', 'sport seven']);
  });

  it('knows a stream that never ran from a slip', async () => {
    const listed = logs({ names: ['sport'] });
    expect(await listed.done).toBe(0);
    expect(listed.stderr()).toBe('sport has no log yet\n');
    await expect(logs({ names: ['nesw'] }).done).rejects.toMatchObject({ exitCode: 4, message: 'no stream "nesw"; did you mean "news"?' });
  });

  it('shows the log of nginx for the edge that is a part of it', async () => {
    const nginx = '/logs/nginx-rtmp.log';
    const local = logs({ names: ['nginx-edge'] }, {}, { logFiles: async () => [{ name: 'nginx-rtmp', path: nginx }] });
    local.folder.append(nginx, at(5, 'error 7#7: *3 upstream prematurely closed connection'));
    expect(await local.done).toBe(0);
    expect(local.stdout()).toBe(at(5, 'error 7#7: *3 upstream prematurely closed connection'));
    expect(local.stderr()).toBe('the edge is a part of nginx-rtmp in the local runtime: its lines are in that log\n');
  });

  describe('of containers', () => {
    const containers = (known: Readonly<Record<string, string>>, names: readonly string[]) =>
      logs(
        { names },
        {},
        {
          runtime: 'docker',
          carryOutput: async () => programOf(''),
          serviceLog: async (service) => (known[service] === undefined ? undefined : programOf(known[service])),
        },
      );
    const said = '2026-01-01T12:00:05.000000000Z 2026/01/01 12:00:05 [error] 7#7: *3 no live upstreams\n';

    it('shows that of the edge', async () => {
      const { done, stdout } = containers({ 'nginx-edge': said, 'nginx-rtmp': said }, ['nginx-edge']);
      expect(await done).toBe(0);
      expect(stdout()).toBe(at(5, 'error 7#7: *3 no live upstreams'));
    });

    it('has it among all others, where there is an edge', async () => {
      const both = containers({ 'nginx-edge': said, 'nginx-rtmp': '' }, []);
      expect(await both.done).toBe(0);
      expect(both.stdout()).toBe(`nginx-edge\t${at(5, 'error 7#7: *3 no live upstreams')}`);
      const none = containers({ 'nginx-rtmp': said }, []);
      expect(await none.done).toBe(0);
      expect(none.stdout()).toBe(`nginx-rtmp\t${at(5, 'error 7#7: *3 no live upstreams')}`);
    });

    it('says when there is none', async () => {
      await expect(containers({ 'nginx-rtmp': said }, ['nginx-edge']).done).rejects.toMatchObject({
        code: 'not-running',
        message: 'there is no container nginx-edge: it comes with `server.edge` in streams.yaml',
      });
    });
  });
});
