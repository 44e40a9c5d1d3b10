import { Command } from 'commander';
import { describe, expect, it } from 'vitest';

import { configOf, fakeContext, type FakeOptions } from '../../tests/fakes/command-context.ts';
import { createLogFolder } from '../../tests/fakes/log-folder.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import { eventKinds, type StreamEvent } from '../core/events.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports } from '../core/ports.ts';
import { declare, run, type EventsOptions } from './events.ts';

const path = '/state/events.jsonl';
const plain: EventsOptions = { ids: [], follow: false, evidence: false, sinceMs: undefined, kinds: [], most: 50 };

const event = (seq: number, more: Partial<StreamEvent> = {}): StreamEvent => ({
  seq,
  at: `2026-01-01T11:00:${String(seq).padStart(2, '0')}.000Z`,
  stream: 'news',
  kind: 'order',
  cause: 'start',
  message: 'ordered to start',
  evidence: [],
  action: null,
  outcome: null,
  data: {},
  ...more,
});
const line = (given: StreamEvent): string => `${JSON.stringify(given)}\n`;
const failed = event(2, { kind: 'job-failed', cause: 'auth', message: 'no', evidence: ['403'], action: 'next try in 5 s' });
const nginx = event(3, { stream: null, kind: 'origin', cause: 'answers', message: 'nginx answers' });

function events(options: Partial<EventsOptions>, fake: FakeOptions = {}, text = line(event(1)) + line(failed) + line(nginx)) {
  const folder = createLogFolder();
  if (text !== '') folder.append(path, text);
  const made = fakeContext({
    ...fake,
    more: {
      ports: async () => ({ files: folder.files }) as Ports,
      loadConfig: async () => configOf([streamOf(sourceOf('test', 'test:'), {}, 'sport')]),
      ...fake.more,
    },
  });
  return { ...made, folder, done: run({ ...plain, ...options }, made.context) };
}

async function parse(argv: readonly string[]): Promise<EventsOptions | undefined> {
  let given: EventsOptions | undefined;
  const command = new Command('events').exitOverride().configureOutput({ writeErr: () => undefined });
  declare(command, fakeContext().context, async (options) => {
    given = options;
    return ExitCode.ok;
  });
  await command.parseAsync([...argv], { from: 'user' });
  return given;
}

describe('the flags of events', () => {
  it.each([
    [[], plain],
    [['news', 'news', '-f'], { ids: ['news'], follow: true }],
    [['--kind', 'order', '--kind', 'job-failed'], { kinds: ['order', 'job-failed'] }],
    [['--since', '1h'], { sinceMs: Date.UTC(2026, 0, 1, 11), most: undefined }],
    [['-n', 'all', '--evidence'], { most: undefined, evidence: true }],
  ])('%j', async (argv, expected) => {
    expect(await parse(argv)).toMatchObject(expected);
  });

  it.each([
    [['--kind', 'job-faild'], /Did you mean job-failed/],
    [['-n', '-1'], /whole number/],
    [['--since', 'then'], /duration/],
  ])('%j is refused', async (argv, message) => {
    await expect(parse(argv)).rejects.toThrow(message);
  });
});

describe('events', () => {
  it('is tab-separated on a pipe', async () => {
    const { done, stdout } = events({});
    expect(await done).toBe(0);
    expect(stdout()).toBe(
      '2026-01-01T11:00:01.000Z\tnews\torder\tstart\tordered to start\t\t\n' +
        '2026-01-01T11:00:02.000Z\tnews\tjob-failed\tauth\tno\tnext try in 5 s\t\n' +
        '2026-01-01T11:00:03.000Z\t\torigin\tanswers\tnginx answers\t\t\n',
    );
  });

  it('is aligned on a terminal, with the evidence when asked', async () => {
    const { done, stdout } = events({ evidence: true }, { terminal: true });
    await done;
    const lines = stdout().trimEnd().split('\n');
    expect(lines.map((text) => text.replace(/^\d\d:\d\d:\d\d/, 'T'))).toEqual([
      'T news order           ordered to start',
      'T news job-failed      no -> next try in 5 s',
      '              | 403',
      'T iptv origin          nginx answers',
    ]);
  });

  it('is one document with --json', async () => {
    const { done, stdout } = events({ ids: ['news'] }, { argv: ['--json'] });
    await done;
    expect(JSON.parse(stdout())).toEqual({ schemaVersion: 1, events: [event(1), failed] });
  });

  it('chooses by stream, kind, time and number', async () => {
    const chosen = async (options: Partial<EventsOptions>) => {
      const { done, stdout } = events(options, { argv: ['--json'] });
      await done;
      return (JSON.parse(stdout()) as { events: StreamEvent[] }).events.map(({ seq }) => seq);
    };
    expect(await chosen({ kinds: ['origin'] })).toEqual([3]);
    expect(await chosen({ ids: ['news'], most: 1 })).toEqual([2]);
    expect(await chosen({ sinceMs: Date.UTC(2026, 0, 1, 11, 0, 2), most: undefined })).toEqual([2, 3]);
    expect(await chosen({ ids: ['sport'] })).toEqual([]);
  });

  it('passes over lines that are no events', async () => {
    const { done, stdout } = events({}, { argv: ['--json'] }, `half a li\n\n${line(event(7))}{"seq":8`);
    await done;
    expect((JSON.parse(stdout()) as { events: StreamEvent[] }).events).toEqual([event(7)]);
  });

  it('says so when there is nothing yet', async () => {
    const { done, stderr, stdout } = events({}, {}, '');
    expect(await done).toBe(0);
    expect(stderr()).toBe('nothing was recorded yet\n');
    expect(stdout()).toBe('');
  });

  it('knows streams of the list and of the record, and no others', async () => {
    await expect(events({ ids: ['nwes'] }).done).rejects.toMatchObject({ exitCode: ExitCode.noSuchStream });
    expect(await events({ ids: ['news'], kinds: ['slate-on'] }).done).toBe(0);
    const broken = { more: { loadConfig: () => Promise.reject(new Error('broken')) } };
    expect(await events({ ids: ['gone'] }, broken).done).toBe(0);
  });

  it('follows, one object per line, over a rotation', async () => {
    let polls = 0;
    const folder = createLogFolder();
    folder.append(path, line(event(1)));
    const made = fakeContext({
      argv: ['--json'],
      more: {
        ports: async () => ({ files: folder.files }) as Ports,
        sleep: async () => {
          polls += 1;
          if (polls === 1) folder.append(path, line(event(2)) + line({ ...event(3), stream: 'sport' }));
          if (polls === 2) {
            folder.append(path, line(event(4)));
            folder.rotate(path);
          }
          if (polls === 3) folder.append(path, line(event(5)));
          if (polls === 5) made.interrupt();
        },
      },
    });
    expect(await run({ ...plain, ids: ['news'], follow: true }, made.context)).toBe(ExitCode.interrupted);
    const seqs = made
      .stdout()
      .trimEnd()
      .split('\n')
      .map((text) => (JSON.parse(text) as StreamEvent).seq);
    expect(seqs).toEqual([1, 2, 4, 5]);
  });

  it('has a kind for every word', () => {
    expect(new Set(eventKinds).size).toBe(eventKinds.length);
  });
});
