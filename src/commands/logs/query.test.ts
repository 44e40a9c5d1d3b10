import { describe, expect, it } from 'vitest';

import type { LogLine } from './log-line.ts';
import { compileGrep, createFilter, isAskedFor, type LogQuery } from './query.ts';

const all: LogQuery = {
  names: [],
  sinceMs: undefined,
  untilMs: undefined,
  level: undefined,
  grep: undefined,
  invert: false,
  lines: undefined,
};
const line: LogLine = { name: 'news', stream: 'news', timeMs: 1000, level: 'warning', text: 'HTTP error 403 Forbidden' };
const ofNginx: LogLine = { ...line, name: 'nginx-rtmp', text: "7#7: *3 publish: name='news'" };

describe('the filter of logs', () => {
  it.each<[string, Partial<LogQuery>, boolean]>([
    ['nothing asked', {}, true],
    ['since', { sinceMs: 1000 }, true],
    ['since later', { sinceMs: 1001 }, false],
    ['until', { untilMs: 1000 }, true],
    ['until earlier', { untilMs: 999 }, false],
    ['a graver level', { level: 'error' }, false],
    ['its level', { level: 'warning' }, true],
    ['a lesser level', { level: 'debug' }, true],
    ['a match', { grep: compileGrep('forbidden') }, true],
    ['a match of other case', { grep: compileGrep('FORBIDDEN') }, false],
    ['no match', { grep: compileGrep('404') }, false],
    ['a match, inverted', { grep: compileGrep('403'), invert: true }, false],
    ['no match, inverted', { grep: compileGrep('404'), invert: true }, true],
    ['its name', { names: ['news'] }, true],
    ['another name', { names: ['sport'] }, false],
  ])('%s', (_, query, expected) => {
    expect(createFilter({ ...all, ...query })(line)).toBe(expected);
  });

  it("takes nginx's lines about a stream for the stream", () => {
    expect(createFilter({ ...all, names: ['news'] })(ofNginx)).toBe(true);
    expect(createFilter({ ...all, names: ['sport'] })(ofNginx)).toBe(false);
    expect(createFilter({ ...all, names: ['nginx-rtmp'] })({ ...ofNginx, stream: undefined })).toBe(true);
    const others = ['nginx-rtmp', 'nginx-edge', 'backend', 'sport'];
    expect(others.map((name) => isAskedFor({ names: ['news'] }, name))).toEqual([true, true, false, false]);
    expect(isAskedFor({ names: ['backend'] }, 'nginx-rtmp')).toBe(false);
    expect(isAskedFor({ names: ['nginx-edge'] }, 'nginx-rtmp')).toBe(false);
  });

  it('reads a class of characters as no capital letter', () => {
    expect(compileGrep('\\Sx').flags).toBe('i');
    expect(compileGrep('Sx').flags).toBe('');
  });
});
