import { describe, expect, it } from 'vitest';

import { fakeContext } from '../../../tests/fakes/command-context.ts';
import { createLinePrinter } from './print-lines.ts';

const line = { name: 'news', stream: 'news', timeMs: Date.UTC(2026, 0, 1), level: 'error' as const, text: 'HTTP error 403 Forbidden' };

async function printed(
  look: Partial<Parameters<typeof createLinePrinter>[1]>,
  fake: Parameters<typeof fakeContext>[0] = {},
  lines = [line],
): Promise<string> {
  const { context, stdout } = fakeContext(fake);
  const printer = createLinePrinter(context.streams, { names: ['news'], prefix: false, explain: false, json: undefined, ...look });
  await printer.print(lines);
  printer.end();
  return stdout();
}

describe('explanations', () => {
  it('are wrapped to the terminal, commands in one piece, with the name of the stream', async () => {
    const fifo = { ...line, text: '[rtmp @ 0x5] Server error: Already publishing' };
    const text = await printed({ explain: true }, { terminal: true, columns: 60 }, [fifo]);
    expect(text.split('\n').every((row) => row.length <= 60)).toBe(true);
    expect(text).toMatch(/ {2}watch {4}nginx still holds an earlier publisher of this\n {11}stream/);
    expect(text).toContain('iptv restart news');
  });

  it('come once per log', async () => {
    const text = await printed({ explain: true }, {}, [line, line]);
    expect(text.match(/the source refuses this request/g)).toHaveLength(1);
  });

  it('are in every object of JSON', async () => {
    const text = await printed({ explain: true, json: 'lines' }, {}, [line, line]);
    const found = text
      .trimEnd()
      .split('\n')
      .map((row) => (JSON.parse(row) as { explanation: { id: string } }).explanation.id);
    expect(found).toEqual(['source-403', 'source-403']);
  });
});

describe('a document of JSON', () => {
  it.each([[[]], [[line]], [[line, line]]])('holds %j', async (lines) => {
    for (const terminal of [true, false]) {
      const { context, stdout } = fakeContext({ terminal });
      const printer = createLinePrinter(context.streams, { names: [], prefix: false, explain: false, json: 'document' });
      await printer.print(lines);
      await printer.print(lines);
      printer.end();
      expect((JSON.parse(stdout()) as { lines: readonly unknown[] }).lines).toHaveLength(2 * lines.length);
    }
  });
});
