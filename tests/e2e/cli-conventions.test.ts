// What every command promises: streams, exit codes, colour, pipes, help, errors.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { quote } from '../../src/ui/plan-text.ts';
import { build, createHome, ended, goodList, program, type Home } from '../helpers/cli.ts';

let home: Home;

beforeAll(() => {
  build();
  home = createHome();
  home.write('streams.yaml', goodList);
});

afterAll(() => home.close());

describe('help', () => {
  it.each([
    [[]],
    [['--help']],
    [['-h']],
    [['help']],
    [['start', '--help']],
    [['help', 'start']],
    [['help', 'json']],
    [['help', 'exit-codes']],
    [['help', 'config']],
    [['help', 'environment']],
  ])('%j goes to stdout, with exit code 0', async (argv) => {
    const { code, stdout, stderr } = await home.iptv(...argv);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('iptv');
    expect(stdout).toBe(stripVTControlCharacters(stdout));
  });

  it('shows examples first', async () => {
    const { stdout } = await home.iptv('--help');
    expect(stdout.indexOf('Examples:')).toBeLessThan(stdout.indexOf('Usage:'));
  });
});

describe('wrong usage', () => {
  it.each([
    [['stauts'], 'did you mean status?'],
    [['status', '--jsn'], 'did you mean --json?'],
    [['start'], 'start what?'],
    [['plan'], "missing required argument 'id'"],
    [['help', 'exit-cods'], 'did you mean "exit-codes"?'],
  ])('%j ends with 2 and a suggestion, on stderr', async (argv, hint) => {
    const { code, stdout, stderr } = await home.iptv(...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(hint);
    expect(stderr).toMatch(/^error: .+\nnext: iptv .+\n$/);
  });

  it('is one JSON object with --json', async () => {
    const { code, stdout, stderr } = await home.iptv('stauts', '--json');
    expect([code, stdout]).toEqual([2, '']);
    expect(JSON.parse(stderr)).toMatchObject({ schemaVersion: 1, code: 'usage', exitCode: 2, next: 'iptv --help', location: null });
  });
});

describe('validate', () => {
  const bad = 'version: 1\nstreams:\n  - id: news\n    source: test:?size=320x180\n    enabeld: true\n';

  it('a good list', async () => {
    expect(await home.iptv('validate')).toMatchObject({
      code: 0,
      stdout: `${home.directory}/streams.yaml is valid: 2 streams\n`,
      stderr: '',
    });
    expect(await home.iptv('validate', '-q')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(JSON.parse((await home.iptv('validate', '--json')).stdout)).toMatchObject({ schemaVersion: 1, valid: true, streams: 2 });
  });

  it('a bad list', async () => {
    home.write('bad.yaml', bad);
    const { code, stdout, stderr } = await home.iptv('validate', 'bad.yaml');
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain('error: bad.yaml:5:5  streams[0].enabeld: unknown key');
    expect(stderr).toContain('    5 |     enabeld: true\n      |     ^^^^^^^  did you mean "enabled"?\n');
    const json = await home.iptv('validate', 'bad.yaml', '--json');
    expect([json.code, json.stdout]).toEqual([78, '']);
    expect(JSON.parse(json.stderr)).toMatchObject({
      exitCode: 78,
      location: { line: 5, column: 5 },
      diagnostics: [{ path: 'streams[0].enabeld', suggestion: 'enabled' }],
    });
  });

  it('no list at all', async () => {
    const empty = createHome();
    expect(await empty.iptv('validate')).toMatchObject({
      code: 78,
      stdout: '',
      stderr: expect.stringContaining('next: iptv init') as string,
    });
    expect(await empty.iptv('list', '--config', 'nowhere.yaml')).toMatchObject({ code: 78 });
    empty.close();
  });
});

describe('output', () => {
  it('on a pipe is tab-separated, plain, without a header', async () => {
    const { code, stdout, stderr } = await home.iptv('list');
    expect([code, stderr]).toEqual([0, '']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t').slice(0, 4)),
    ).toEqual([
      ['news', 'News', 'yes', 'hd'],
      ['sport', 'sport', 'no', ''],
    ]);
    expect(stdout).not.toContain('hunter2');
  });

  it('on a terminal is an aligned table in colour', async () => {
    const { code, stdout } = await home.onTerminal(['list']);
    expect(code).toBe(0);
    expect(stdout).not.toBe(stripVTControlCharacters(stdout));
    expect(stripVTControlCharacters(stdout)).toMatch(/^ID +NAME +ENABLED/);
  });

  it.each([
    ['NO_COLOR', ['list'], { NO_COLOR: '1' }],
    ['TERM=dumb', ['list'], { TERM: 'dumb' }],
    ['--no-color', ['list', '--no-color'], { FORCE_COLOR: '1' }],
    ['FORCE_COLOR=0', ['list'], { FORCE_COLOR: '0' }],
  ])('on a terminal has no colour with %s', async (_title, argv, env) => {
    const { stdout } = await home.onTerminal(argv, env);
    expect(stdout).toContain('NAME');
    expect(stdout).toBe(stripVTControlCharacters(stdout));
  });

  it.each([
    ['FORCE_COLOR', ['help'], { FORCE_COLOR: '1' }],
    ['--color', ['help', '--color'], { NO_COLOR: '1' }],
  ])('on a pipe has colour with %s', async (_title, argv, env) => {
    const { stdout } = await home.iptvWith(env, ...argv);
    expect(stdout).not.toBe(stripVTControlCharacters(stdout));
  });

  it('ends quietly when nobody reads it any more', async () => {
    const line = '2026-01-01T00:00:00.000Z info a line that is repeated until it is more than any pipe holds\n';
    writeFileSync(join(home.state, 'logs/news.log'), line.repeat(50_000));
    const child = home.start(['logs', 'news', '-n', 'all']);
    const done = ended(child);
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await done).toMatchObject({ code: 0, signal: null, stderr: '' });
  });
});

describe('init', () => {
  it('writes a list that is valid, once', async () => {
    const empty = createHome();
    expect(await empty.iptv('init')).toMatchObject({ code: 0, stdout: `wrote ${empty.directory}/streams.yaml\n`, stderr: '' });
    expect((await empty.iptv('validate')).code).toBe(0);
    const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(empty.directory, 'streams.yaml'), 'utf8')) ?? [];
    expect(existsSync(schema)).toBe(true);
    empty.write('streams.yaml', goodList);
    expect(await empty.iptv('init')).toMatchObject({ code: 1, stdout: '' });
    expect(readFileSync(join(empty.directory, 'streams.yaml'), 'utf8')).toBe(goodList);
    empty.close();
  });
});

describe('plan', () => {
  it('prints one command for a shell, without a password', async () => {
    const { code, stdout, stderr } = await home.iptv('plan', 'sport');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toHaveLength(1);
    expect(stdout).not.toContain('hunter2');
    expect((await home.iptv('plan', 'sprot')).stderr).toContain('did you mean "sport"?');
  });

  it.each(['plain', '', 'a b', "it's", '$HOME', '`id`', '\\', '*', 'a"b', '[f=flv:a=b]x|[f=hls]', '!', '#x', '~', 'ä', 'a\nb'])(
    'a shell reads %j back',
    (word) => {
      expect(spawnSync('sh', ['-c', `printf %s ${quote(word)}`], { encoding: 'utf8' }).stdout).toBe(word);
    },
  );
});

describe('completion', () => {
  const checkers = { bash: ['bash', '-n'], zsh: ['zsh', '-n'], fish: ['fish', '--no-execute'] } as const;

  it.each(Object.entries(checkers))('the script for %s is valid', async (shell, [checker, ...flags]) => {
    const { code, stdout, stderr } = await home.iptv('completion', shell);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('iptv complete --');
    // bash is on every machine that runs the tests, the others where they are.
    const checked = spawnSync(checker, [...flags, home.write(`completion.${shell}`, stdout)], { encoding: 'utf8' });
    if (shell === 'bash' || checked.error === undefined) expect([checked.status, checked.stderr]).toEqual([0, '']);
  });

  it.each([
    [
      ['start', ''],
      ['news', 'sport'],
    ],
    [['start', 'sp'], ['sport']],
    [
      ['logs', ''],
      ['news', 'sport', 'backend', 'nginx-rtmp'],
    ],
    [['start', '--tag', ''], ['hd']],
    [
      ['up', '--runtime', ''],
      ['auto', 'local', 'docker'],
    ],
    [['st'], ['start', 'stop', 'status']],
    [
      ['status', '--w'],
      ['--watch', '--wide'],
    ],
    [['status', '--js'], ['--json']],
  ])('of %j offers %j', async (words, expected) => {
    const { stdout } = await home.iptv('complete', '--', ...words);
    const offered = stdout
      .trimEnd()
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t')[0]);
    expect(offered.filter((word) => expected.includes(word ?? ''))).toEqual(expected);
    expect(offered.every((word) => word?.startsWith(words.at(-1) ?? ''))).toBe(true);
  });

  it('works in a real bash', async () => {
    const script = home.write('completion.bash', (await home.iptv('completion', 'bash')).stdout);
    const session = `
      iptv() { ${quote(process.execPath)} ${quote(program)} "$@"; }
      _get_comp_words_by_ref() { words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${COMP_WORDS[COMP_CWORD]}; prev=\${COMP_WORDS[COMP_CWORD-1]}; }
      compopt() { :; }
      source ${quote(script)}
      COMP_WORDS=(iptv start ne); COMP_CWORD=2
      $(complete -p iptv | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', session], { cwd: home.directory, env: home.env, encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['news\n', '']);
  });

  it('offers nothing, quietly, when the list is broken', async () => {
    const broken = createHome();
    broken.write('streams.yaml', 'streams: [');
    expect(await broken.iptv('complete', '--', 'start', '')).toMatchObject({ code: 0, stdout: ':4\n', stderr: '' });
    broken.close();
  });
});

describe('without a supervisor', () => {
  it.each([[['status']], [['status', 'news']], [['is-healthy']], [['stop', 'news']]])(
    '%j ends with 3 and says how to start one',
    async (argv) => {
      expect(await home.iptv(...argv)).toMatchObject({
        code: 3,
        stdout: '',
        stderr: 'error: the supervisor is not running\nnext: iptv up\n',
      });
    },
  );

  it('status --json leaves stdout empty', async () => {
    const { code, stdout, stderr } = await home.iptv('status', '--json');
    expect([code, stdout]).toEqual([3, '']);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'not-running', exitCode: 3, next: 'iptv up' });
  });

  it('down has nothing to do', async () => {
    expect(await home.iptv('down')).toMatchObject({ code: 0, stdout: '' });
    expect(await home.iptv('down', '-q')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});
