import { expect, it } from 'vitest';

import { renderHelp, wrap } from './help.ts';
import { createTheme } from './theme.ts';

it('puts the purpose first, then examples, usage and tables', () => {
  const text = renderHelp(
    {
      purpose: 'Order streams to run.',
      examples: [['iptv start news', 'one stream']],
      usage: 'iptv start [id...] [flags]',
      sections: [
        {
          title: 'Flags',
          rows: [
            ['    --all', 'every enabled stream'],
            ['-q, --a-flag-that-is-too-long <for-its-column>', 'explained below it'],
          ],
        },
        { title: 'Empty', rows: [] },
      ],
      learnMore: ['iptv help json'],
    },
    createTheme(false),
    80,
  );
  expect(text).toBe(
    [
      'Order streams to run.',
      '',
      'Examples:',
      '  $ iptv start news  one stream',
      '',
      'Usage:',
      '  iptv start [id...] [flags]',
      '',
      'Flags:',
      '      --all                       every enabled stream',
      '  -q, --a-flag-that-is-too-long <for-its-column>',
      '                                  explained below it',
      '',
      'Learn more:',
      '  iptv help json',
      '',
    ].join('\n'),
  );
});

it('wraps at spaces and keeps paragraphs', () => {
  expect(wrap('aa bb cc\n\ndd', 5)).toEqual(['aa bb', 'cc', '', 'dd']);
  expect(wrap('  aa bb cc', 7)).toEqual(['  aa bb', '  cc']);
  expect(wrap('unbreakable', 4)).toEqual(['unbreakable']);
});
