import { describe, expect, it } from 'vitest';

import { clip, createChannelWorld, type ChannelWorld } from '../../../tests/fakes/channel-world.ts';
import type { LegName } from '../../core/ids.ts';
import { printChannel } from './channel-text.ts';

/** Both legs, or one, make a segment every two seconds; the backup a little after the primary. */
function play(world: ChannelWorld, segments: number, ...legs: readonly LegName[]): void {
  for (let count = 0; count < segments; count += 1) {
    world.pass(1700);
    if (legs.includes('primary')) world.segment('primary');
    world.pass(100);
    if (legs.includes('backup')) world.segment('backup');
    world.pass(200);
  }
}

const both = ['primary', 'backup'] as const;
const feeds = (world: ChannelWorld): string =>
  world
    .listed()
    .map(({ uri, discontinuity }) => `${discontinuity ? '|' : ''}${uri.startsWith('stream_') ? 'b' : uri.startsWith('slate-') ? 's' : 'p'}`)
    .join('');

function playing(options: Parameters<typeof createChannelWorld>[0] = {}): ChannelWorld {
  const world = createChannelWorld(options);
  play(world, 6, ...both);
  expect(feeds(world)).toBe('pppppp');
  return world;
}

describe('which leg', () => {
  it('follows the primary leg, each segment once, without a discontinuity at the start', () => {
    const world = playing();
    play(world, 20, ...both);
    expect(feeds(world)).toBe('pppppppppp');
    expect(world.state().discontinuitySequence).toBe(0);
    expect(world.complaints).toEqual([]);
  });

  it('moves to the backup within 1.5 segment times, where the programme goes on', () => {
    const world = playing();
    const shown = world.now;
    play(world, 1, 'backup');
    let waited = 0;
    while (world.state().following === 'primary' && waited < 5000) {
      world.pass(100);
      waited += 100;
    }
    expect(world.now - shown).toBeLessThanOrEqual(3000);
    play(world, 3, 'backup');
    expect(feeds(world)).toBe('pppppp|bbbb');
    expect(world.events).toMatchObject([{ kind: 'leg-switched', from: 'primary', to: 'backup', cause: 'silent' }]);
    expect(world.complaints).toEqual([]);
  });

  it('goes back once the primary moves steadily, later each time it flaps', () => {
    const world = playing();
    const away: number[] = [];
    for (let flap = 0; flap < 3; flap += 1) {
      play(world, 3, 'backup');
      expect(world.state().following).toBe('backup');
      let segments = 0;
      while (world.state().following === 'backup' && segments < 100) {
        play(world, 1, ...both);
        segments += 1;
      }
      away.push(segments);
      play(world, 3, ...both);
    }
    expect(away[0]).toBeGreaterThanOrEqual(3);
    expect(away[0]).toBeLessThanOrEqual(8);
    expect(away[1]).toBeGreaterThan(away[0] ?? Infinity);
    expect(away[2]).toBeGreaterThan(away[1] ?? Infinity);
    expect(world.events.filter(({ kind }) => kind === 'leg-switched')).toHaveLength(6);
    expect(world.complaints).toEqual([]);
  });

  it('forgets flaps after ten quiet minutes', () => {
    const world = playing();
    for (const flap of [1, 2]) {
      play(world, 3, 'backup');
      play(world, 40, ...both);
      expect(world.state()).toMatchObject({ following: 'primary', flaps: flap });
    }
    play(world, 310, ...both);
    expect(world.state().flaps).toBe(0);
  });

  it('leaves the backup at once when it stands still and the primary moves', () => {
    const world = playing();
    play(world, 3, 'backup');
    expect(world.state().following).toBe('backup');
    play(world, 3, 'primary');
    expect(world.state().following).toBe('primary');
    expect(world.complaints).toEqual([]);
  });

  it('waits for the primary after both stood still, and takes the backup when it does not come', () => {
    const world = playing();
    world.pass(5000);
    world.segment('backup', { discontinuity: true });
    world.pass(200);
    world.segment('primary', { discontinuity: true });
    world.pass(200);
    expect(feeds(world)).toBe('pppppp|p');
    world.pass(5000);
    world.segment('backup', { discontinuity: true });
    world.pass(1000);
    expect(feeds(world)).toBe('pppppp|p|b');
  });

  it('goes over to a bridge before the primary is silent, stays there, and comes back when that moves steadily, without a flap', () => {
    const world = playing();
    world.legs.backup = [];
    world.bridge = 'away';
    play(world, 2, 'primary');
    play(world, 2, ...both);
    expect(feeds(world)).toBe('pppppppp|bb');
    expect(world.events).toEqual([expect.objectContaining({ kind: 'leg-switched', to: 'backup', cause: 'planned' })]);
    play(world, 2, 'backup');
    play(world, 4, ...both);
    expect(feeds(world).slice(-8)).toBe('bbbbbbbb');
    world.bridge = 'back';
    play(world, 4, ...both);
    world.bridge = undefined;
    world.legs.backup = [];
    play(world, 2, ...both);
    expect(feeds(world).slice(-4)).toMatch(/pppp$/);
    expect(world.state().flaps).toBe(0);
    expect(world.complaints).toEqual([]);
  });

  it('takes the primary when the bridge stands still', () => {
    const world = playing();
    world.legs.backup = [];
    world.bridge = 'away';
    play(world, 2, ...both);
    play(world, 3, 'primary');
    expect(feeds(world)).toMatch(/b\|p+$/);
    expect(world.complaints).toEqual([]);
  });

  it('goes from the backup leg to a bridge and back where there is no primary', () => {
    const world = createChannelWorld();
    play(world, 4, 'backup');
    const own = world.legs.backup;
    world.bridge = 'away';
    world.legs.backup = [];
    for (const number of [1, 2]) {
      world.pass(2000);
      const uri = `stream_news_1764312156000${number}.ts`;
      world.legs.backup = [...world.legs.backup, { uri, durationSeconds: 2, discontinuity: false, endedAt: world.now }];
      world.look();
    }
    expect(world.listed().at(-2)).toEqual({ uri: 'stream_news_17643121560001.ts', discontinuity: true });
    world.bridge = undefined;
    world.legs.backup = own;
    play(world, 2, 'backup');
    expect(feeds(world)).toMatch(/\|bb\|bb$/);
    expect(world.complaints).toEqual([]);
  });

  it('shows nothing twice when the other leg has the same piece', () => {
    const world = playing();
    const before = world.state().nextSequence;
    world.pass(4000);
    expect(world.state().nextSequence).toBe(before);
  });
});

describe('a leg that misbehaves', () => {
  it('keeps a leg’s own discontinuity, one and not two', () => {
    const world = playing();
    world.pass(4000);
    world.segment('primary', { discontinuity: true });
    world.pass(200);
    play(world, 2, ...both);
    expect(feeds(world)).toBe('pppppp|ppp');
  });

  it('passes over a list that began anew, and goes on with what is new in it', () => {
    const world = playing();
    const [old] = world.legs.primary.splice(0);
    if (old === undefined) throw new Error('nothing listed');
    world.legs.primary = [{ ...old, uri: 'news-1.ts' }];
    world.pass(400);
    expect(feeds(world)).toBe('pppppp');
    world.segment('primary');
    world.pass(1700);
    world.segment('primary');
    world.pass(200);
    expect(feeds(world)).toBe('pppppp|pp');
    expect(world.complaints).toEqual([]);
  });

  it('holds what it has while both lists are gone', () => {
    const world = playing();
    world.legs.primary = [];
    world.legs.backup = [];
    world.pass(60_000);
    expect(feeds(world)).toBe('pppppp');
  });

  it('keeps its target duration for one segment that spans a silence, and lists that as long as the target allows', () => {
    const world = playing();
    world.pass(9000);
    world.segment('primary', { seconds: 11 });
    world.pass(200);
    expect(world.state().targetDurationSeconds).toBe(2);
    expect(world.state().entries.at(-1)?.durationSeconds).toBeCloseTo(2.499);
    play(world, 30, ...both);
    expect(world.state().targetDurationSeconds).toBe(2);
    expect(feeds(world)).toBe('pppppppppp');
  });

  it('keeps its target duration for a source that jumps and jumps back within a few segments', () => {
    const world = playing();
    for (const seconds of [3, 2, 3, 2, 2]) {
      world.pass(seconds * 1000);
      world.segment('primary', { seconds });
      world.pass(200);
    }
    expect(world.state().targetDurationSeconds).toBe(2);
  });

  it('keeps its target duration when faults follow each other and pieces end with the next key frame, not for a stream that is so', () => {
    const world = playing();
    const longer = (count: number): void => {
      for (let index = 0; index < count; index += 1) {
        world.pass(3000);
        world.segment('primary', { seconds: 2.9 });
        world.pass(200);
      }
    };
    longer(4);
    expect(world.state().targetDurationSeconds).toBe(2);
    longer(1);
    expect(world.state().targetDurationSeconds).toBe(3);
  });

  it('raises the target duration for a stream whose segments really are longer, and never lowers it', () => {
    const world = playing();
    for (let count = 0; count < 3; count += 1) {
      world.pass(6000);
      world.segment('primary', { seconds: 6.2 });
      world.pass(200);
    }
    expect(world.state().targetDurationSeconds).toBe(6);
    expect(world.state().entries.at(-1)?.durationSeconds).toBe(6.2);
    play(world, 30, ...both);
    expect(world.state().targetDurationSeconds).toBe(6);
    expect(world.state().entries.length * 2).toBeGreaterThanOrEqual(18);
  });

  it('does not show what an earlier job left behind when the channel starts', () => {
    const world = createChannelWorld();
    world.segment('backup');
    world.segment('backup');
    world.now += 60_000;
    world.look();
    expect(feeds(world)).toBe('');
    world.segment('backup', { discontinuity: true });
    world.pass(1000);
    expect(feeds(world)).toBe('b');
  });
});

describe('segments that vanished', () => {
  it('stay listed until three target durations of others are there, then go', () => {
    const world = playing();
    for (const { uri } of world.state().entries) world.missing.add(uri);
    play(world, 2, ...both);
    expect(feeds(world)).toBe('pppppppp');
    play(world, 1, ...both);
    expect(feeds(world)).toBe('ppp');
    expect(world.complaints).toEqual([]);
  });
});

describe('a cushion', () => {
  it('is announced as HOLD-BACK of at least three target durations, and the list is long enough for it', () => {
    const world = playing({ settings: { cushionSeconds: 30 } });
    play(world, 30, ...both);
    expect(printChannel(world.state(), world.settings)).toContain('#EXT-X-SERVER-CONTROL:HOLD-BACK=30.000\n');
    expect(world.state().entries).toHaveLength(16);
    expect(printChannel(world.state(), { ...world.settings, cushionSeconds: 1 })).toContain('HOLD-BACK=6.000\n');
    expect(printChannel(world.state(), { ...world.settings, cushionSeconds: undefined })).not.toContain('SERVER-CONTROL');
    expect(world.complaints).toEqual([]);
  });
});

describe('a segment that left', () => {
  it('is kept for its duration and the playlist’s', () => {
    const world = playing();
    play(world, 5, ...both);
    const gone = world.state().departed.at(-1);
    expect(gone?.name).toMatch(/^news-/);
    expect((gone?.untilAt ?? 0) - world.now).toBeGreaterThan(20_000);
    world.pass(30_000);
    expect(world.state().departed).toEqual([]);
  });
});

describe('the slate', () => {
  it('comes after six seconds of silence, in real time, each turn a URL of its own; the live picture follows by itself', () => {
    const world = playing({ slate: clip(2, 2) });
    world.pass(5500);
    expect(feeds(world)).toBe('pppppp');
    world.pass(400);
    expect(feeds(world)).toBe('pppppp|ss');
    world.pass(4000);
    expect(feeds(world)).toBe('pppppp|ss|ss');
    expect(new Set(world.listed().map(({ uri }) => uri)).size).toBe(10);
    world.pass(60_000);
    const turns = [...world.history.values()].filter(({ uri }) => uri.startsWith('slate-')).length;
    expect(turns).toBeGreaterThanOrEqual(33);
    expect(turns).toBeLessThanOrEqual(35);
    world.segment('primary', { discontinuity: true });
    world.pass(200);
    play(world, 1, ...both);
    expect(feeds(world)).toMatch(/s\|pp$/);
    expect(world.events.map(({ kind }) => kind)).toEqual(['slate-on', 'slate-off']);
    expect(world.complaints).toEqual([]);
  });

  it('waits longer where segments are longer, or where the user calls silence normal', () => {
    const long = createChannelWorld({ slate: clip(2), settings: { segmentSeconds: 6 } });
    long.segment('primary', { seconds: 6 });
    long.pass(17_900);
    expect(feeds(long)).toBe('p');
    long.pass(300);
    expect(feeds(long)).toMatch(/^p\|s/);
    const patient = playing({ slate: clip(2), settings: { stallAfterMs: 20_000 } });
    patient.pass(19_500);
    expect(feeds(patient)).toBe('pppppp');
  });

  it('never brings back what a leg listed before it', () => {
    const world = playing({ slate: clip(2) });
    world.pass(20_000);
    world.restart('playlist');
    world.pass(60_000);
    expect(feeds(world)).not.toContain('p');
    expect(world.state().slate).toBeDefined();
    expect(world.complaints).toEqual([]);
  });
});

describe('a new supervisor', () => {
  it('goes on from the playlist without a discontinuity', () => {
    const world = playing();
    world.restart('playlist');
    play(world, 2, ...both);
    expect(feeds(world)).toBe('pppppppp');
    expect(world.complaints).toEqual([]);
  });

  it('goes on from its reserve when the folder is gone, above every number used before', () => {
    const world = playing();
    play(world, 2, 'backup');
    const used = world.state().nextSequence;
    world.restart('reserve');
    play(world, 4, ...both);
    expect(world.state().nextSequence).toBeGreaterThan(used);
    expect(world.history.get(world.state().nextSequence - 1)?.piece).toBeGreaterThan(world.history.get(used - 1)?.piece ?? Infinity);
    expect(world.complaints).toEqual([]);
  });

  it('does not go back although the clock was set back and the reserve is all there is', () => {
    const world = playing();
    const used = world.state().nextSequence;
    world.wallMs -= 365 * 24 * 3_600_000;
    world.restart('reserve');
    play(world, 2, ...both);
    expect(world.state().nextSequence).toBeGreaterThan(used);
  });
});
