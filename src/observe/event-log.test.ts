import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createVirtualClock, type VirtualClock } from '../../tests/fakes/virtual-clock.ts';
import type { StreamEvent } from '../core/events.ts';
import { createFilesPort } from '../platform/files.ts';
import { parseEvent } from './event-line.ts';
import { openEventLog, type EventLog, type EventLogOptions } from './event-log.ts';

let directory = '';
let path = '';
let clock: VirtualClock;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-events-'));
  path = join(directory, 'events.jsonl');
  clock = createVirtualClock();
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (more: Partial<EventLogOptions> = {}): Promise<EventLog> =>
  openEventLog({ path, files: createFilesPort(), clock, secrets: () => ['hunter2'], ...more });

const draft = { stream: 'news', kind: 'order', cause: 'start', message: 'ordered to start' } as const;

const read = (file = path): readonly StreamEvent[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => parseEvent(line) ?? []);

describe('the event log', () => {
  it('completes, numbers and writes events that only their user can read', async () => {
    const log = await open();
    log.record(draft);
    log.record({ ...draft, stream: null, evidence: ['one', 'two'], action: 'did', outcome: 'went', data: { pid: 7 } });
    await log.close();
    expect(read()).toEqual([
      { seq: 1, at: '2026-01-01T00:00:00.000Z', ...draft, evidence: [], action: null, outcome: null, data: {} },
      {
        seq: 2,
        at: '2026-01-01T00:00:00.000Z',
        ...draft,
        stream: null,
        evidence: ['one', 'two'],
        action: 'did',
        outcome: 'went',
        data: { pid: 7 },
      },
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('goes on counting after a restart, also behind a line that a crash cut off', async () => {
    const first = await open();
    first.record(draft);
    first.record(draft);
    await first.close();
    appendFileSync(path, '{"seq":3,"at":"2026-01-');
    const second = await open();
    second.record(draft);
    await second.close();
    expect(read().map(({ seq }) => seq)).toEqual([1, 2, 3]);
    const third = await open();
    third.record(draft);
    await third.close();
    expect(read().map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('goes on counting right after a rotation', async () => {
    writeFileSync(`${path}.1`, `${JSON.stringify({ ...draft, seq: 41, at: '2026-01-01T00:00:00.000Z' })}\n`);
    writeFileSync(path, '');
    const log = await open();
    log.record(draft);
    await log.close();
    expect(read().map(({ seq }) => seq)).toEqual([42]);
  });

  it('keeps a bounded number of bounded files', async () => {
    const log = await open({ limits: { size: 2000, count: 2 } });
    // The file is away for a moment while it is rotated, and empty afterwards.
    const newest = (): number | undefined =>
      [`${path}.1`, path]
        .flatMap((file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []))
        .flatMap((line) => parseEvent(line) ?? [])
        .at(-1)?.seq;
    for (let count = 0; count < 60; count += 1) {
      log.record(draft);
      // Rotation happens between writes: each batch is seen on the disk before the next one.
      if (count % 5 === 0) await expect.poll(newest, { timeout: 50_000, interval: 2 }).toBe(count + 1);
    }
    await log.close();
    const names = readdirSync(directory).filter((name) => name.startsWith('events.jsonl'));
    expect(names.sort()).toEqual(['events.jsonl', 'events.jsonl.1', 'events.jsonl.2']);
    const seqs = [...read(`${path}.2`), ...read(`${path}.1`), ...read()].map(({ seq }) => seq);
    expect(seqs.at(-1)).toBe(60);
    expect(seqs).toEqual(seqs.toSorted((left, right) => left - right));
  });

  it('lets no secret through, wherever it stands, and no overlong or many-lined text', async () => {
    const log = await open();
    const secret = 'http://me:hunter2@tv.example/x?token=abcdef';
    log.record({
      ...draft,
      message: secret,
      evidence: [`403 for ${secret}`, 'a\nb'],
      action: secret,
      outcome: secret,
      data: { url: secret },
    });
    log.record({ ...draft, message: 'x'.repeat(5000), evidence: Array.from({ length: 50 }, () => 'y'.repeat(5000)) });
    await log.close();
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('abcdef');
    expect(read()[0]?.evidence[1]).toBe('a b');
    expect(text.split('\n')[1]?.length).toBeLessThan(4000);
  });

  it('tells listeners at once, and survives one that throws', async () => {
    const log = await open();
    const heard: number[] = [];
    log.onEvent(() => {
      throw new Error('a bug');
    });
    log.onEvent(({ seq }) => heard.push(seq));
    log.record(draft);
    expect(heard).toEqual([1]);
    await log.close();
  });

  it('holds events while the disk refuses and writes them when it takes them again', async () => {
    // A folder in the file's place refuses every write, also root's.
    mkdirSync(path);
    const delays: number[] = [];
    const after: VirtualClock['after'] = (delayMs, callback) => {
      delays.push(delayMs);
      return clock.after(delayMs, callback);
    };
    const log = await open({ clock: { ...clock, after } });
    log.record(draft);
    log.record(draft);
    // The wait for the next try shows that the refusal was heard.
    await expect.poll(() => delays, { timeout: 20_000 }).toContain(5000);
    rmSync(path, { recursive: true });
    await clock.advance(6000);
    await log.close();
    const events = read();
    expect(events.filter(({ kind }) => kind === 'order').map(({ seq }) => seq)).toEqual([1, 2]);
    expect(events.find(({ kind }) => kind === 'disk')?.message).toMatch(/could not be written/);
  });

  it.each([['not json'], ['{"seq":"1"}'], ['[]'], ['{"seq":1,"at":"then","kind":"order"}'], ['']])('passes over %j', (line) => {
    expect(parseEvent(line)).toBeUndefined();
  });
});
