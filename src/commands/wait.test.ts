import { describe, expect, it } from 'vitest';

import { documentOf, fakeClient, fakeContext, statusOf } from '../../tests/fakes/command-context.ts';
import type { AppError } from '../core/errors.ts';
import type { StatusDocument } from '../core/status.ts';
import type { Spinner } from '../ui/spinner.ts';
import { judge, stageWords, waitFor } from './wait.ts';

const opening = { state: 'starting', stage: 'opening-source' } as const;
const failure = {
  cause: 'refused',
  message: 'the source answered 403 Forbidden',
  at: '2026-01-01T00:00:00Z',
  evidence: ['a', 'b', 'HTTP error 403'],
};

function wait(
  documents: readonly StatusDocument[],
  ids: readonly string[],
  more: { goal?: 'playable' | 'stopped'; timeoutMs?: number; oldPids?: Map<string, number> } = {},
) {
  const shown: string[] = [];
  const steps: string[] = [];
  const spinner: Spinner = {
    update: (text) => void shown.push(text),
    step: (text) => void steps.push(text),
    remark: () => undefined,
    succeed: () => undefined,
    fail: () => undefined,
    stop: () => undefined,
  };
  const fake = fakeContext();
  const options = {
    client: fakeClient(documents),
    ids,
    goal: 'playable' as const,
    timeoutMs: 60_000,
    oldPids: new Map<string, number>(),
    spinner,
    ...more,
  };
  return { done: waitFor(options, fake.context), shown, steps, fake };
}

const rejection = (done: Promise<unknown>): Promise<AppError> =>
  done.then(
    () => Promise.reject(new Error('should have failed')),
    (error: unknown) => error as AppError,
  );

describe('waiting', () => {
  it('says each stage in words and returns when all are playable', async () => {
    const stages = (['queued', 'opening-source', 'first-segment', 'http'] as const).map((stage) =>
      documentOf([statusOf('news', { state: 'starting', stage })]),
    );
    const { done, shown, fake } = wait([...stages, documentOf([statusOf('news')])], ['news']);
    expect((await done).map((stream) => stream.id)).toEqual(['news']);
    expect(shown).toEqual([
      'news: waiting for its turn',
      'news: opening source',
      'news: waiting for the first segment',
      'news: checking over HTTP',
    ]);
    expect(fake.slept()).toBe(4 * 150);
  });

  it('counts when there are several, and names three', async () => {
    const some = ['a', 'b', 'c', 'd'].map((id) => statusOf(id, opening));
    const { done, shown } = wait(
      [documentOf([statusOf('ready'), ...some]), documentOf([statusOf('ready')])],
      ['ready', 'a', 'b', 'c', 'd'],
    );
    await done;
    expect(shown).toEqual(['1 of 5 playable · a: opening source · b: opening source · c: opening source · and 1 more']);
  });

  it('ends with 75 when time is up and names the laggards with what is known', async () => {
    const { done, fake } = wait(
      [documentOf([statusOf('news'), statusOf('sport', { ...opening, lastFailure: failure })])],
      ['news', 'sport'],
      { timeoutMs: 3_000 },
    );
    const error = await rejection(done);
    expect(error).toMatchObject({
      exitCode: 75,
      code: 'wait-timeout',
      message: '1 of 2 streams is not playable after 3 s: sport',
      next: 'iptv logs sport',
    });
    expect(error.evidence).toEqual([
      'sport: opening source',
      '  last failure: the source answered 403 Forbidden',
      '  a',
      '  b',
      '  HTTP error 403',
    ]);
    expect(fake.slept()).toBe(3_000);
  });

  it('ends at once with 1 when a stream failed for good', async () => {
    const { done, fake } = wait(
      [documentOf([statusOf('news', { state: 'failed', stage: 'none', lastFailure: failure }), statusOf('sport', opening)])],
      ['news', 'sport'],
    );
    expect(await rejection(done)).toMatchObject({
      exitCode: 1,
      code: 'stream-failed',
      message: 'news failed: the source answered 403 Forbidden',
    });
    expect(fake.slept()).toBe(0);
  });

  it('ends when somebody else stops the stream', async () => {
    const { done } = wait(
      [documentOf([statusOf('news', opening)]), documentOf([statusOf('news', { order: 'stop', state: 'stopped', stage: 'none' })])],
      ['news'],
    );
    expect(await rejection(done)).toMatchObject({ exitCode: 1, message: expect.stringContaining('another order') as string });
  });

  it('does not take the old job for the new one after a restart', async () => {
    const { done, shown } = wait([documentOf([statusOf('news', { pid: 10 })]), documentOf([statusOf('news', { pid: 11 })])], ['news'], {
      oldPids: new Map([['news', 10]]),
    });
    await done;
    expect(shown).toEqual(['news: stopping the old job']);
  });

  it('tells each cause once, at once, where nothing moves', async () => {
    const trying = (message: string) =>
      documentOf([statusOf('news', { state: 'backing-off', stage: 'none', lastFailure: { ...failure, message } })]);
    const { done, steps } = wait([trying('403'), trying('403'), trying('404'), documentOf([statusOf('news')])], ['news']);
    await done;
    expect(steps).toEqual(['news: 403; iptv goes on trying', 'news: 404; iptv goes on trying']);
  });

  it('ends on Ctrl-C', async () => {
    const { done, fake } = wait([documentOf([statusOf('news', opening)])], ['news']);
    fake.interrupt();
    expect(await rejection(done)).toMatchObject({ exitCode: 130, code: 'interrupted' });
  });
});

describe('the judgement on stopping', () => {
  it.each([
    ['reached', { order: 'stop', state: 'stopped' }],
    ['waiting', { order: 'stop', state: 'stopping' }],
    ['lost', { order: 'run', state: 'starting' }],
  ] as const)('%s', (kind, more) => {
    expect(judge(statusOf('news', more), 'stopped', undefined).kind).toBe(kind);
  });
});

it('explains a pause between tries', () => {
  expect(stageWords(statusOf('news', { state: 'backing-off', nextRetrySeconds: 4, lastFailure: failure }))).toBe(
    'the source answered 403 Forbidden; trying again in 4s',
  );
  expect(stageWords(statusOf('news', { state: 'backing-off' }))).toBe('trying again');
});
