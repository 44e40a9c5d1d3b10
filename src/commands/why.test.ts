import { describe, expect, it } from 'vitest';

import { configOf, fakeClient, documentOf, fakeContext, stackOf, statusOf, type FakeOptions } from '../../tests/fakes/command-context.ts';
import { createLogFolder } from '../../tests/fakes/log-folder.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import type { StreamEvent } from '../core/events.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports } from '../core/ports.ts';
import { run, type WhyOptions } from './why.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);
const plain: WhyOptions = { ids: ['news'], sinceMs: nowMs - 86_400_000, evidence: false };

const event = (minutesAgo: number, more: Partial<StreamEvent>): StreamEvent => ({
  seq: 1,
  at: new Date(nowMs - minutesAgo * 60_000).toISOString(),
  stream: 'news',
  kind: 'verdict',
  cause: 'healthy',
  message: 'healthy',
  evidence: [],
  action: null,
  outcome: null,
  data: {},
  ...more,
});

const cut = {
  kind: 'job-failed',
  cause: 'reset',
  message: 'the source cut the connection',
  evidence: ['Connection reset by peer'],
} as const;
const story = [241, 181, 121, 61].flatMap((minutes) => [
  event(minutes, { ...cut, data: { deliveredSeconds: 3600 } }),
  event(minutes - 0.1, {}),
]);

function why(options: Partial<WhyOptions>, fake: FakeOptions = {}, events: readonly StreamEvent[] = story) {
  const folder = createLogFolder();
  folder.append('/state/events.jsonl', events.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const made = fakeContext({
    ...fake,
    more: {
      ports: async () => ({ files: folder.files }) as Ports,
      selectStack: async () => stackOf(undefined),
      loadConfig: async () => configOf([streamOf(sourceOf('http-ts', 'http://tv.example/1.ts'), {}, 'news')]),
      ...fake.more,
    },
  });
  return { ...made, done: run({ ...plain, ...options }, made.context) };
}

describe('why', () => {
  it('tells the story in plain words, with advice, while no supervisor runs', async () => {
    const { done, stdout } = why({}, { terminal: true });
    expect(await done).toBe(0);
    const lines = stdout().replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - \d\d:\d\d:\d\d/g, 'DAY FROM - TO');
    expect(lines).toBe(
      [
        'news plays, for 61 min without interruption.',
        'In the last 1d: 4 interruptions, 24s in all, the longest 6s, one every 1h.',
        '',
        '- the provider closed the connection 4 times in 3 h, always after about 3600 s of play.',
        '  do: its tokens, or its sessions, expire: set `resolve:` of the source to a command or an address that gives a fresh URL.',
        '',
        'What happened, newest first:',
        '  DAY FROM - TO  4 times: the source cut the connection (24s, 4 failed jobs)',
        '      -> it was well again',
        '',
      ].join('\n'),
    );
  });

  it('shows the evidence when asked, and what its lines mean', async () => {
    const { done, stdout } = why({ evidence: true }, { terminal: true });
    await done;
    expect(stdout()).toContain('  | Connection reset by peer\n');
    expect(stdout()).toContain('      = ');
  });

  it('asks the supervisor how it is now, when there is one', async () => {
    const verdict = {
      name: 'source-dead',
      layer: 'source',
      reason: 'it answers 403',
      evidence: [],
      since: new Date(nowMs - 60_000).toISOString(),
    } as const;
    const selectStack = async () => stackOf(fakeClient([documentOf([statusOf('news', { verdict })])]));
    const { done, stdout } = why({}, { argv: ['--json'], more: { selectStack } });
    await done;
    const document = JSON.parse(stdout()) as { schemaVersion: number; streams: { now: string; verdict: { name: string } }[] };
    expect(document.schemaVersion).toBe(1);
    expect(document.streams[0]).toMatchObject({
      verdict: { name: 'source-dead' },
      now: 'news is off air for 60 s (source-dead): it answers 403',
    });
  });

  it('knows streams of the list and of the record, and no others; a broken list does not hide the past', async () => {
    await expect(why({ ids: ['nwes'] }).done).rejects.toMatchObject({
      exitCode: ExitCode.noSuchStream,
      message: expect.stringContaining('"news"') as string,
    });
    const more = { loadConfig: () => Promise.reject(new Error('broken')) };
    expect(await why({ ids: ['news'] }, { more }).done).toBe(0);
    expect(await why({ ids: ['old'] }, {}, [event(5, { stream: 'old' })]).done).toBe(0);
  });
});
