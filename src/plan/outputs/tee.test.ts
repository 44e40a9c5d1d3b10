import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { teeArgument } from './tee.ts';

/** av_get_token of libavutil/avstring.c: reads to a terminator, takes backslash and quotes away, trims blanks at both ends. */
function getToken(text: string, from: number, terminators: string): { readonly value: string; readonly next: number } {
  let at = from;
  while (' \n\t\r'.includes(text[at] ?? 'x')) at += 1;
  let value = '';
  let kept = 0;
  while (at < text.length && !terminators.includes(text[at] ?? '')) {
    const char = text[at] ?? '';
    at += 1;
    if (char === '\\' && at < text.length) {
      value += text[at];
      at += 1;
      kept = value.length;
    } else if (char === "'") {
      while (at < text.length && text[at] !== "'") {
        value += text[at];
        at += 1;
      }
      at += 1;
      kept = value.length;
    } else {
      value += char;
      if (!' \n\t\r'.includes(char)) kept = value.length;
    }
  }
  return { value: value.slice(0, Math.max(kept, value.trimEnd().length)), next: at };
}

/** What tee.c and dict.c make of the argument. */
function takeApart(argument: string): { options: Record<string, string>; target: string }[] {
  const slaves: { options: Record<string, string>; target: string }[] = [];
  for (let at = 0; at < argument.length;) {
    const slave = getToken(argument, at, '|');
    at = slave.next + 1;
    const options: Record<string, string> = {};
    let inside = 1;
    while (slave.value[inside] !== ']') {
      const equals = slave.value.indexOf('=', inside);
      const token = getToken(slave.value, equals + 1, ':]');
      options[slave.value.slice(inside, equals)] = token.value;
      inside = slave.value[token.next] === ']' ? token.next : token.next + 1;
    }
    slaves.push({ options, target: slave.value.slice(inside + 1) });
  }
  return slaves;
}

describe('teeArgument', () => {
  it('writes dictionaries in options with two backslashes and a colon', () => {
    const options = [
      {
        name: 'fifo_options',
        value: [
          ['a', 1],
          ['b', 2],
        ] as const,
        why: '',
      },
    ];
    expect(teeArgument([{ options, target: 'rtmp://h/x' }])).toBe(String.raw`[fifo_options=a=1\\:b=2]rtmp://h/x`);
  });

  it('survives every character in values and targets', () => {
    const text = fc.string({
      minLength: 1,
      unit: fc.constantFrom('a', '/', ':', '|', '[', ']', '\\', "'", '"', ' ', '=', '%', 'é', '&', '?'),
    });
    const slave = fc.record({ a: text, b: text, inner: text, target: text });
    fc.assert(
      fc.property(fc.array(slave, { minLength: 1, maxLength: 3 }), (slaves) => {
        const argument = teeArgument(
          slaves.map(({ a, b, inner, target }) => ({
            options: [
              { name: 'a', value: a, why: '' },
              { name: 'b', value: b, why: '' },
              {
                name: 'c',
                value: [
                  ['x', inner],
                  ['y', 1],
                ] as const,
                why: '',
              },
            ],
            target,
          })),
        );
        const parts = takeApart(argument);
        expect(parts.map(({ options, target }) => ({ a: options['a'], b: options['b'], target }))).toEqual(
          slaves.map(({ a, b, target }) => ({ a, b, target })),
        );
        parts.forEach(({ options }, index) => {
          const dictionary = options['c'] ?? '';
          expect(getToken(dictionary, 2, ':').value).toBe(slaves[index]?.inner);
        });
      }),
    );
  });
});
