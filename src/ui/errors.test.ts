import { describe, expect, it } from 'vitest';

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { bugDocument, errorDocument, renderBug, renderError } from './errors.ts';
import { createTheme } from './theme.ts';

const theme = createTheme(false);
const location = { file: '/tv/streams.yaml', line: 14, column: 5 };
const unknownKey = {
  location,
  path: 'streams[2].restart.dely',
  message: 'unknown key',
  suggestion: 'delay',
  lineText: '    dely: 5s',
  length: 4,
};
const invalid = (count: number) =>
  new AppError({
    exitCode: ExitCode.configInvalid,
    code: 'config-invalid',
    message: `${count} problems in /tv/streams.yaml`,
    location,
    diagnostics: Array.from({ length: count }, () => unknownKey),
    next: 'iptv validate',
  });

describe('an error', () => {
  it('says what, shows evidence and names one next step', () => {
    const error = new AppError({
      exitCode: ExitCode.unavailable,
      code: 'x',
      message: 'port 8088 is taken',
      evidence: ['nginx (pid 12)'],
      next: 'iptv up',
    });
    expect(renderError(error, theme, '/')).toBe('error: port 8088 is taken\n   nginx (pid 12)\nnext: iptv up\n');
  });

  it('shows the place in the file with a caret and the near word', () => {
    expect(renderError(invalid(1), theme, '/tv')).toBe(
      [
        'error: streams.yaml:14:5  streams[2].restart.dely: unknown key',
        '   14 |     dely: 5s',
        '      |     ^^^^  did you mean "delay"?',
        'next: iptv validate',
        '',
      ].join('\n'),
    );
  });

  it('sums several problems up', () => {
    expect(
      renderError(invalid(2), theme, '/tv')
        .split('\n')
        .filter((line) => line.startsWith('error:')),
    ).toEqual([
      'error: streams.yaml:14:5  streams[2].restart.dely: unknown key',
      'error: streams.yaml:14:5  streams[2].restart.dely: unknown key',
      'error: 2 problems in /tv/streams.yaml',
    ]);
  });

  it('has no empty line as evidence', () => {
    const error = new AppError({ exitCode: ExitCode.unavailable, code: 'x', message: 'm', evidence: ['', '  ', 'said'] });
    expect(renderError(error, theme, '/')).toBe('error: m\n   said\n');
  });

  it('keeps tabs before the caret', () => {
    const error = new AppError({
      exitCode: ExitCode.configInvalid,
      code: 'x',
      message: 'm',
      diagnostics: [{ location: { ...location, column: 3 }, path: '', message: 'bad', lineText: '\t\tkey: 1', length: 3 }],
    });
    expect(renderError(error, theme, '/tv')).toContain('      | \t\t^^^\n');
  });

  it('never shows a password', () => {
    const error = new AppError({
      exitCode: ExitCode.answerIsBad,
      code: 'x',
      message: 'rtsp://me:hunter2@host/a failed',
      evidence: ['http://u:hunter2@host/'],
    });
    expect(renderError(error, theme, '/') + JSON.stringify(errorDocument(error))).not.toContain('hunter2');
  });

  it('is one object for programs, with the same content', () => {
    expect(errorDocument(invalid(1))).toEqual({
      schemaVersion: 1,
      code: 'config-invalid',
      exitCode: 78,
      message: '1 problems in /tv/streams.yaml',
      evidence: [],
      next: 'iptv validate',
      location,
      diagnostics: [{ location, path: 'streams[2].restart.dely', message: 'unknown key', suggestion: 'delay', length: 4 }],
    });
  });
});

describe('a bug', () => {
  const surroundings = { version: '1.2.3', nodeVersion: 'v24.0.0', platform: 'linux x64', argv: ['status', 'rtsp://a:hunter2@b'] };

  it('says so, with what a report needs', () => {
    const text = renderBug(new TypeError('x is not a function'), surroundings, theme);
    expect(text).toContain('error: this is a bug in iptv: TypeError: x is not a function');
    expect(text).toContain('iptv 1.2.3, Node v24.0.0, linux x64');
    expect(text).toMatch(/^ {3}at .*errors\.test\.ts/m);
    expect(text).not.toContain('hunter2');
  });

  it('has the exit code of a bug', () => {
    expect(bugDocument('thrown text', surroundings)).toMatchObject({ code: 'bug', exitCode: 70, message: 'thrown text' });
  });
});
