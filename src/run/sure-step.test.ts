import { describe, expect, it } from 'vitest';

import { emptyChannel, type ChannelInput, type ChannelState, type LegSegment } from '../playlist/channel/channel-state.ts';
import { sureStep } from './sure-step.ts';

const settings = { segmentSeconds: 2, windowSegments: 10, cushionSeconds: undefined, stallAfterMs: undefined };
const segment = (number: number): LegSegment => ({
  uri: `stream_news_${number}.ts`,
  durationSeconds: 2,
  discontinuity: false,
  endedAt: 2000 * number,
});
const inputAt = (now: number, ...backup: readonly LegSegment[]): ChannelInput => ({
  now,
  wallMs: now,
  settings,
  legs: { primary: [], backup },
  slate: undefined,
  missing: new Set(),
});
const begun = emptyChannel({ nextSequence: 100, discontinuitySequence: 0, targetDurationSeconds: 2, begun: true }, 0);
const listed = ({ entries }: ChannelState): readonly string[] =>
  entries.map(({ uri, discontinuity }) => `${uri}${discontinuity ? ' (discontinuity)' : ''}`);

describe('a step that lists only what is there', () => {
  it('lists all of it, as a plain step does', async () => {
    const { state } = await sureStep(
      begun,
      inputAt(9000, segment(1), segment(2), segment(3)),
      async () => true,
      () => undefined,
    );
    expect(listed(state)).toEqual(['stream_news_1.ts (discontinuity)', 'stream_news_2.ts', 'stream_news_3.ts']);
  });

  it('passes over what was deleted meanwhile, and says that something is missing there', async () => {
    const { state } = await sureStep(
      begun,
      inputAt(9000, segment(1), segment(2), segment(3)),
      async (uri) => uri !== 'stream_news_2.ts',
      () => undefined,
    );
    expect(listed(state)).toEqual(['stream_news_1.ts (discontinuity)', 'stream_news_3.ts (discontinuity)']);
    expect(state.nextSequence).toBe(102);
  });

  it('holds a segment before it looks at it: whoever deletes meanwhile asks what is held', async () => {
    let held: readonly string[] = [];
    await sureStep(
      begun,
      inputAt(9000, segment(1)),
      async (uri) => {
        expect(held).toContain(uri);
        return true;
      },
      (state) => (held = state.entries.map((entry) => entry.uri)),
    );
    expect(held).toEqual(['stream_news_1.ts']);
  });

  it('does not ask again about what was listed before', async () => {
    const first = await sureStep(
      begun,
      inputAt(3000, segment(1)),
      async () => true,
      () => undefined,
    );
    const asked: string[] = [];
    await sureStep(
      first.state,
      inputAt(5000, segment(1), segment(2)),
      async (uri) => asked.push(uri) > 0,
      () => undefined,
    );
    expect(asked).toEqual(['stream_news_2.ts']);
  });
});
