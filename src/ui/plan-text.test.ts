import { describe, expect, it } from 'vitest';

import { quote, renderPlan } from './plan-text.ts';
import type { Sink } from './streams.ts';

const sink = (isTerminal: boolean): Sink => ({ isTerminal, hasColor: false, columns: 80, rows: 24, write: () => undefined });
const plan = {
  title: 'news: test:',
  command: ['ffmpeg', '-i', "it's", '-f', 'tee', '[f=flv]a|b'],
  reasons: [
    { args: ['-i', "it's"], why: 'the source' },
    { args: ['-f', 'tee'], why: 'both legs\n  f: FLV' },
  ],
  notes: ['a note'],
};

describe('a plan', () => {
  it('is a command and comments, so that all of it can be given to a shell', () => {
    expect(renderPlan(plan, sink(false))).toBe(
      [
        '# news: test:',
        String.raw`ffmpeg -i 'it'\''s' -f tee '[f=flv]a|b'`,
        String.raw`# -i 'it'\''s'` + '\tthe source',
        '# -f tee\tboth legs',
        '#\t  f: FLV',
        '# note: a note',
        '',
      ].join('\n'),
    );
    for (const isTerminal of [true, false]) {
      const others = renderPlan(plan, sink(isTerminal))
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      expect(others).toEqual([String.raw`ffmpeg -i 'it'\''s' -f tee '[f=flv]a|b'`]);
    }
  });
});

it.each([
  ['plain-1.2:/=,@%+', 'plain-1.2:/=,@%+'],
  ['', "''"],
  ['a b', "'a b'"],
  ["it's", String.raw`'it'\''s'`],
  ['$HOME', "'$HOME'"],
])('quotes %j', (word, quoted) => {
  expect(quote(word)).toBe(quoted);
});
