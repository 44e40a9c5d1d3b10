import { describe, expect, it } from 'vitest';

import { createReorderWindow } from './reorder.ts';

const line = (timeMs: number, name = 'a') => ({ name, timeMs, level: 'info' as const, text: String(timeMs) });

describe('the reorder window', () => {
  it('holds lines back and lets them out in the order of time', () => {
    const window = createReorderWindow(300);
    window.add([line(20)], 0);
    window.add([line(10, 'b')], 100);
    expect(window.release(200)).toEqual([]);
    expect(window.release(300).map(({ text }) => text)).toEqual(['10', '20']);
    expect(window.release(1000)).toEqual([]);
  });

  it('does not let a younger line wait for its own time when an older one is due, nor the other way round', () => {
    const window = createReorderWindow(300);
    window.add([line(20)], 0);
    window.add([line(30)], 100);
    expect(window.release(300).map(({ text }) => text)).toEqual(['20']);
    expect(window.end().map(({ text }) => text)).toEqual(['30']);
  });

  it('keeps the order of arrival where times are equal', () => {
    const window = createReorderWindow(0);
    window.add([line(5, 'x'), line(5, 'y'), line(5, 'z')], 0);
    expect(window.release(0).map(({ name }) => name)).toEqual(['x', 'y', 'z']);
  });
});
