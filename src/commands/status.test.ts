import { describe, expect, it } from 'vitest';

import { documentOf, fakeClient, fakeContext, legOf, stackOf, statusOf, type FakeOptions } from '../../tests/fakes/command-context.ts';
import type { StreamStatus } from '../core/status.ts';
import type { Verdict } from '../core/verdict.ts';
import { run as runIsHealthy } from './is-healthy.ts';
import { run, type StatusOptions } from './status.ts';

const failure = { cause: 'refused', message: 'the source answered 403 Forbidden', at: '2026-01-01T00:00:00Z', evidence: [] };
const silent: Verdict = { name: 'source-silent', layer: 'source', reason: 'the source sends nothing', evidence: [], since: '' };
const gone = legOf('film.m3u8', { state: 'missing', ageSeconds: null });
const streams: readonly StreamStatus[] = [
  statusOf('news'),
  statusOf('sport', {
    state: 'backing-off',
    stage: 'none',
    pid: null,
    startedAt: null,
    uptimeSeconds: null,
    bitrateBps: null,
    nextRetrySeconds: 4,
    lastFailure: failure,
  }),
  statusOf('film', {
    order: 'stop',
    state: 'stopped',
    stage: 'none',
    pid: null,
    startedAt: null,
    uptimeSeconds: null,
    bitrateBps: null,
    legs: { primary: gone, backup: gone },
  }),
];

function status(options: Partial<StatusOptions>, fake: FakeOptions, given = streams) {
  const made = fakeContext({ ...fake, more: { selectStack: async () => stackOf(fakeClient([documentOf(given)])) } });
  return { ...made, done: run({ ids: [], watch: false, wide: false, ...options }, made.context) };
}

describe('status', () => {
  it('is a table on a terminal, with a reason for what is not on air', async () => {
    const { done, stdout } = status({}, { terminal: true, columns: 120 });
    expect(await done).toBe(0);
    expect(stdout()).toBe(
      [
        'ID     STATE          UPTIME  RESTARTS  PRIMARY  BACKUP   BITRATE  URL',
        'news   ● running       1h 2m         2     1.2s    0.4s  2.4 Mb/s  http://localhost:8088/live/news/index.m3u8',
        'sport  ↻ backing-off       -         2     1.2s    0.4s         -  http://localhost:8088/live/sport/index.m3u8',
        'film   ○ stopped           -         2        -       -         -  http://localhost:8088/live/film/index.m3u8',
        '',
        'sport: the source answered 403 Forbidden; trying again in 4s',
        '',
      ].join('\n'),
    );
  });

  it('shows verdicts beside the states, what is wrong below, and what hits all of them once', async () => {
    const nginx: Verdict = { name: 'nginx-down', layer: 'http', reason: 'nginx is not running', evidence: [], since: '' };
    const well: Verdict = { ...silent, name: 'healthy', layer: null };
    const given = [
      statusOf('news', { verdict: well }),
      statusOf('film', { verdict: silent }),
      statusOf('a', { verdict: nginx }),
      statusOf('b', { verdict: nginx }),
    ];
    const { done, stdout } = status({}, { terminal: true, columns: 80 }, given);
    await done;
    expect(stdout().split('\n')).toEqual([
      'ID    STATE      VERDICT        UPTIME  RESTARTS  PRIMARY  BACKUP   BITRATE',
      'news  ● running  healthy         1h 2m         2     1.2s    0.4s  2.4 Mb/s',
      'film  ● running  source-silent   1h 2m         2     1.2s    0.4s  2.4 Mb/s',
      'a     ● running  nginx-down      1h 2m         2     1.2s    0.4s  2.4 Mb/s',
      'b     ● running  nginx-down      1h 2m         2     1.2s    0.4s  2.4 Mb/s',
      '',
      'each plays at http://localhost:8088/live/<id>/index.m3u8',
      'nginx-down: nginx is not running (2 streams)',
      'film: the source sends nothing; iptv why film',
      '',
    ]);
    const piped = status({}, {}, given);
    await piped.done;
    expect(piped.stdout().split('\n')[1]?.split('\t').slice(-2)).toEqual(['http://localhost:8088/live/film/index.m3u8', 'source-silent']);
  });

  it('does not wrap in 80 columns: the URLs go, and how they look stays', async () => {
    const { done, stdout } = status({}, { terminal: true, columns: 80 });
    await done;
    const lines = stdout().split('\n');
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(lines[0]).toBe('ID     STATE          UPTIME  RESTARTS  PRIMARY  BACKUP   BITRATE');
    expect(lines[5]).toBe('each plays at http://localhost:8088/live/<id>/index.m3u8');
    const wide = status({ wide: true }, { terminal: true, columns: 80 });
    await wide.done;
    expect(wide.stdout()).toContain('http://localhost:8088/live/news/index.m3u8');
  });

  it('says what the supervisor itself has to say', async () => {
    const document = documentOf([statusOf('news')]);
    const noted = { ...document, supervisor: { ...document.supervisor, notes: ['server.ports changed'] } };
    const { context, stdout } = fakeContext({ terminal: true, more: { selectStack: async () => stackOf(fakeClient([noted])) } });
    await run({ ids: [], watch: false, wide: false }, context);
    expect(stdout()).toContain('\nserver.ports changed\n');
  });

  it('is tab-separated on a pipe: RFC 3339, no units, no header', async () => {
    const { done, stdout } = status({}, {});
    await done;
    expect(stdout().split('\n')).toEqual([
      'news\trunning\t2026-01-01T10:57:55.000Z\t2\t1.2\t0.4\t2400000\thttp://localhost:8088/live/news/index.m3u8',
      'sport\tbacking-off\t\t2\t1.2\t0.4\t\thttp://localhost:8088/live/sport/index.m3u8',
      'film\tstopped\t\t2\t\t\t\thttp://localhost:8088/live/film/index.m3u8',
      '',
    ]);
  });

  it("is the supervisor's document with --json", async () => {
    const { done, stdout } = status({}, { argv: ['--json'] });
    await done;
    expect(JSON.parse(stdout())).toEqual(documentOf(streams));
  });

  it('tells legs that stand still or are missing in words', async () => {
    const legs = {
      primary: legOf('news.m3u8', { state: 'missing', ageSeconds: null }),
      backup: legOf('stream_news.m3u8', { state: 'stale', ageSeconds: 42 }),
    };
    const { done, stdout } = status({}, { terminal: true, columns: 140 }, [statusOf('news', { legs, definition: 'changed' })]);
    await done;
    expect(stdout()).toContain('missing  stale 42s');
    expect(stdout()).toContain('news: its definition changed; iptv restart news takes it over');
  });

  it.each([
    [['news'], 0],
    [['news', 'sport'], 3],
    [['film'], 3],
    [[], 0],
  ])('%j: exit code %d', async (ids, code) => {
    expect(await status({ ids }, {}).done).toBe(code);
  });

  it('without a supervisor: exit code 3 and the way to start one', async () => {
    const { context, stdout } = fakeContext({ more: { selectStack: async () => stackOf(undefined) } });
    await expect(run({ ids: [], watch: false, wide: false }, context)).rejects.toMatchObject({
      exitCode: 3,
      code: 'not-running',
      next: 'iptv up',
    });
    expect(stdout()).toBe('');
  });
});

describe('status --watch', () => {
  it.each([
    ['redraws on a terminal', { terminal: true, columns: 120 }, '\u001B[?1049h'],
    ['appends on a pipe', {}, 'news\trunning'],
    ['appends documents with --json', { argv: ['--json'] }, '{"schemaVersion":1'],
  ])('%s and ends with 130', async (_title, options, start) => {
    const client = fakeClient([documentOf(streams)]);
    let polls = 0;
    const fake = fakeContext({
      ...options,
      more: {
        selectStack: async () => stackOf(client),
        sleep: async () => {
          polls += 1;
          if (polls === 2) fake.interrupt();
        },
      },
    });
    expect(await run({ ids: [], watch: true, wide: false }, fake.context)).toBe(130);
    expect(fake.stdout().startsWith(start)).toBe(true);
    expect(fake.stdout().split('live/news/index.m3u8').length - 1).toBeGreaterThanOrEqual(2);
    if ('terminal' in options) expect(fake.stdout()).toContain('\u001B[?25h\u001B[?1049l');
  });
});

describe('is-healthy', () => {
  const ask = (ids: readonly string[], given: readonly StreamStatus[], argv: readonly string[] = [], strict = false) => {
    const fake = fakeContext({ argv, more: { selectStack: async () => stackOf(fakeClient([documentOf(given)])) } });
    return { ...fake, done: runIsHealthy({ ids, strict }, fake.context) };
  };

  it('is silent when what was ordered runs', async () => {
    const { done, stdout, stderr } = ask(
      [],
      streams.filter((stream) => stream.id !== 'sport'),
    );
    expect([await done, stdout(), stderr()]).toEqual([0, '', '']);
  });

  it('says on stderr what does not', async () => {
    const { done, stdout, stderr } = ask([], streams);
    expect([await done, stdout(), stderr()]).toEqual([3, '', 'sport: backing-off, the source answered 403 Forbidden\n']);
  });

  it('counts a stopped stream when it is named', async () => {
    expect(await ask(['film'], streams).done).toBe(3);
  });

  it('keeps quiet with -q and answers with --json', async () => {
    const quiet = ask([], streams, ['-q']);
    expect([await quiet.done, quiet.stdout() + quiet.stderr()]).toEqual([3, '']);
    const json = ask([], streams, ['--json']);
    expect([await json.done, JSON.parse(json.stdout())]).toEqual([
      3,
      {
        schemaVersion: 1,
        healthy: false,
        unhealthy: [{ id: 'sport', state: 'backing-off', lastFailure: failure, verdict: null }],
        degraded: [],
      },
    ]);
  });

  it('asks the verdict: a job that runs may still be off air', async () => {
    const { done, stderr } = ask([], [statusOf('news', { verdict: silent })]);
    expect([await done, stderr()]).toEqual([3, 'news: source-silent, the source sends nothing\n']);
  });

  it('tells of a degraded stream, and counts it only with --strict', async () => {
    const black = { ...silent, name: 'degraded', reason: 'the picture is black' } as const;
    const given = [statusOf('news', { verdict: black })];
    const mild = ask([], given);
    expect([await mild.done, mild.stderr()]).toEqual([0, 'news: degraded, the picture is black\n']);
    expect(await ask([], given, [], true).done).toBe(3);
  });
});
