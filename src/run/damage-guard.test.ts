import { beforeEach, describe, expect, it } from 'vitest';

import type { EventDraft } from '../core/events.ts';
import { createDamageSigns, type DamageSigns } from '../observe/damage-signs.ts';
import type { LegSegment } from '../playlist/channel/channel-state.ts';
import { createDamageGuard, type DamageGuard } from './damage-guard.ts';

const corrupt = '[mpegts @ 0x1] [warning] Packet corrupt (stream = 1, dts = 1158394), dropping it.';
let now: number;
let jobSince: number;
let signs: DamageSigns;
let events: EventDraft[];
let asked: string[];
let answer: (name: string) => Promise<string | undefined>;
let guard: DamageGuard;

beforeEach(() => {
  now = 0;
  jobSince = -1;
  signs = createDamageSigns();
  events = [];
  asked = [];
  answer = async () => undefined;
  guard = createDamageGuard({
    id: 'news',
    clock: { monotonic: () => now },
    signs: () => signs,
    jobSince: () => jobSince,
    check(name) {
      asked.push(name);
      return answer(name);
    },
    record: (event) => void events.push(event),
  });
});

/** Segments of two seconds, the last `count` of those until now. */
const list = (count = 3): readonly LegSegment[] =>
  Array.from({ length: count }, (_, index) => now - 2000 * (count - 1 - index))
    .filter((endedAt) => endedAt >= 0)
    .map((endedAt) => ({ uri: `news-${endedAt}.ts`, durationSeconds: 2, discontinuity: false, endedAt }));
const names = (segments: readonly LegSegment[]): readonly string[] =>
  segments.map(({ uri, discontinuity }) => `${discontinuity ? '|' : ''}${uri}`);
const fit = (): readonly string[] => names(guard.fit('primary', list()));
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};
const damaged = async (): Promise<string> => 'error while decoding MB 14 3';

describe('a segment that ffmpeg complained about', () => {
  it('is held back until it was decoded, and then listed', async () => {
    now = 10_000;
    expect(fit()).toEqual(['news-6000.ts', 'news-8000.ts', 'news-10000.ts']);
    now = 12_000;
    signs.feed(corrupt, 11_500);
    expect(fit()).toEqual(['news-8000.ts', 'news-10000.ts']);
    expect(guard.isWaiting()).toBe(true);
    await settled();
    expect(fit()).toEqual(['news-8000.ts', 'news-10000.ts', 'news-12000.ts']);
    expect(guard.isWaiting()).toBe(false);
    expect([asked, events]).toEqual([['news-12000.ts'], []]);
  });

  it('is left out when a strict player would stop at it: the next one is a discontinuity, and it is told', async () => {
    answer = (name) => (name === 'news-12000.ts' ? damaged() : Promise.resolve(undefined));
    now = 10_000;
    fit();
    now = 12_000;
    signs.feed(corrupt, 11_500);
    fit();
    await settled();
    expect(fit()).toEqual(['news-8000.ts', 'news-10000.ts']);
    now = 14_000;
    fit();
    await settled();
    expect(fit()).toEqual(['news-10000.ts', '|news-14000.ts']);
    expect(events).toMatchObject([{ kind: 'damage', cause: 'left-out', evidence: ['news-12000.ts: error while decoding MB 14 3'] }]);
  });

  it('is listed when nobody can say in time how it is, and stays listed', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    answer = () => promise;
    now = 10_000;
    fit();
    now = 12_000;
    signs.feed(corrupt, 11_500);
    expect(fit()).toHaveLength(2);
    now = 13_100;
    expect(names(guard.fit('primary', [{ uri: 'news-12000.ts', durationSeconds: 2, discontinuity: false, endedAt: 12_000 }]))).toHaveLength(
      1,
    );
    resolve('damaged');
    await settled();
    expect(names(guard.fit('primary', [{ uri: 'news-12000.ts', durationSeconds: 2, discontinuity: false, endedAt: 12_000 }]))).toHaveLength(
      1,
    );
    expect(events).toEqual([]);
  });

  it('is not taken back when it was listed before the complaint came', async () => {
    answer = damaged;
    now = 10_000;
    fit();
    signs.feed(corrupt, 10_500, 9500);
    fit();
    await settled();
    expect(fit()).toHaveLength(3);
    expect(asked).toEqual([]);
  });
});

describe('a source that paused and went on', () => {
  const at = (endedAt: number, durationSeconds = 2): LegSegment => ({
    uri: `news-${endedAt}.ts`,
    durationSeconds,
    discontinuity: false,
    endedAt,
  });

  it('has the late segment checked, and the one after it, though ffmpeg said nothing', async () => {
    const segments = [at(4000), at(6000), at(8000)];
    guard.fit('primary', segments);
    const more = [...segments, at(14_000), at(16_000), at(18_000)];
    for (const [index] of more.entries()) {
      now = more[index]?.endedAt ?? 0;
      guard.fit('primary', more.slice(0, index + 1));
      await settled();
      guard.fit('primary', more.slice(0, index + 1));
    }
    expect(asked).toEqual(['news-14000.ts', 'news-16000.ts']);
  });

  it('has the long segment checked that spans the hole', async () => {
    const segments = [at(4000), at(6000), at(8000)];
    guard.fit('primary', segments);
    guard.fit('primary', [...segments, at(13_000, 5)]);
    await settled();
    expect(asked).toEqual(['news-13000.ts']);
  });

  it('comes in bursts: that costs nothing after a while', async () => {
    const segments = [at(0)];
    for (let burst = 1; burst <= 30; burst += 1) {
      now = burst * 6000;
      segments.push(at(now - 100), at(now - 50), at(now));
      for (let look = 0; look < 4; look += 1) {
        guard.fit('backup', segments.slice(-9));
        await settled();
      }
      expect(names(guard.fit('backup', segments.slice(-9))).at(-1)).toBe(`news-${now}.ts`);
    }
    expect(asked.length).toBeLessThanOrEqual(10);
  });

  it('is not meant by the first segment of a job, whatever the job said at its start', async () => {
    answer = damaged;
    const segments = [at(4000), at(6000)];
    guard.fit('primary', segments);
    jobSince = 9000;
    now = 13_000;
    signs.feed(corrupt, 10_500);
    expect(guard.fit('primary', [...segments, at(13_000)])).toHaveLength(3);
    expect(asked).toEqual([]);
  });
});

describe('a source that is damaged all the time', () => {
  it('is shown as it comes after a few holes, and does not cost a decoder a second', async () => {
    answer = damaged;
    let shown = 0;
    for (now = 2000; now <= 300_000; now += 2000) {
      signs.feed(corrupt, now);
      fit();
      await settled();
      shown += fit().includes(`news-${now}.ts`) || fit().includes(`|news-${now}.ts`) ? 1 : 0;
    }
    expect(shown).toBeGreaterThanOrEqual(144);
    expect(asked.length).toBeLessThanOrEqual(8);
    expect(events.at(-1)?.action).toContain('damaged all the time');
  });

  it('that can be decoded is shown whole, and is seldom checked', async () => {
    for (now = 2000; now <= 300_000; now += 2000) {
      signs.feed(corrupt, now);
      fit();
      await settled();
      expect(fit().at(-1)).toBe(`news-${now}.ts`);
    }
    expect(asked.length).toBeLessThanOrEqual(36);
  });

  it('never leaves out more than two in a row', async () => {
    answer = damaged;
    now = 10_000;
    fit();
    for (now = 12_000; now <= 16_000; now += 2000) {
      signs.feed(corrupt, now);
      fit();
      await settled();
    }
    now = 16_000;
    expect(fit()).toEqual(['|news-16000.ts']);
  });
});

it('lets everything through where nothing is known', () => {
  const idle = createDamageGuard({
    id: 'x',
    clock: { monotonic: () => 0 },
    signs: () => undefined,
    jobSince: () => 0,
    check: damaged,
    record: () => undefined,
  });
  const segments = list();
  expect(idle.fit('backup', segments)).toBe(segments);
  expect(idle.isWaiting()).toBe(false);
});
