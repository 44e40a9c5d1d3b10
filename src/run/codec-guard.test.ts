import { expect, it } from 'vitest';

import { createCodecSigns } from '../observe/codec-signs.ts';
import type { LegSegment } from '../playlist/channel/channel-state.ts';
import { createCodecGuard, sound } from './codec-guard.ts';

const segment = (uri: string, endedAt: number): LegSegment => ({ uri, endedAt, durationSeconds: 2, discontinuity: false });

it('keeps out everything that a job with the wrong command wrote, and nothing of the jobs before and after it', () => {
  let now = 1000;
  const guard = createCodecGuard({ clock: { monotonic: () => now }, signs: createCodecSigns(), turn: () => true });
  guard.started();
  const before = segment('before.ts', 9000);
  now = 10_000;
  guard.started();
  const wrong = segment('wrong.ts', 12_000);
  now = 11_000;
  expect(sound([before, wrong], guard.spoilt())).toEqual([before, wrong]);
  guard.unfit();
  expect(sound([before, wrong], guard.spoilt())).toEqual([before]);
  now = 13_000;
  guard.started();
  const after = segment('after.ts', 15_000);
  expect(sound([before, wrong, after], guard.spoilt())).toEqual([before, after]);
  const second = segment('second.ts', 13_500);
  guard.unfit();
  now = 14_000;
  guard.started();
  expect(sound([before, wrong, second, after], guard.spoilt())).toEqual([before, after]);
});
