import { describe, expect, it } from 'vitest';

import { createOnce, readBackendLine, readCarriedLine, readNginxLog } from './container-lines.ts';

const stamp = '2026-11-22T13:00:00.123456789Z';
const timeMs = Date.parse('2026-11-22T13:00:00.123Z');

describe('lines of the nginx container', () => {
  it.each([
    ['2026/11/22 13:00:00 [error] 7#7: *3 live: already publishing', 'error', '7#7: *3 live: already publishing'],
    ['iptv: RTMP is open to: 127.0.0.1', 'info', 'RTMP is open to: 127.0.0.1'],
    ['iptv: error: cannot write in /run', 'error', 'cannot write in /run'],
    ['   drwxr-xr-x 2 root', 'info', '   drwxr-xr-x 2 root'],
  ])('%s', (rest, level, text) => {
    expect(readNginxLog(`${stamp} ${rest}\r`, 'nginx-rtmp')).toEqual({ stamp, line: { name: 'nginx-rtmp', timeMs, level, text } });
  });

  it('that are no news, or no lines, are left out', () => {
    expect(readNginxLog(`${stamp} 2026/11/22 13:00:00 [error] 7#7: hls: cleanup stat() "/x" failed`, 'nginx-rtmp')).toBeUndefined();
    expect(readNginxLog(`${stamp} `, 'nginx-rtmp')).toBeUndefined();
    expect(readNginxLog('Error response from daemon', 'nginx-rtmp')).toBeUndefined();
  });

  it('hold no secrets', () => {
    const line = readNginxLog(
      `${stamp} 2026/11/22 13:00:00 [info] 7#7: *3 publish: name='news' args='key=s3cret&token=TOK9' type=live`,
      'nginx-rtmp',
    );
    expect(line?.line.text).not.toMatch(/s3cret|TOK9/);
  });
});

describe('lines of the backend container', () => {
  const mirrored = `${stamp} 2026-11-22T13:00:00.100Z news error HTTP error 403 Forbidden`;

  it('that the supervisor repeats from its files are only shown when the files cannot be read', () => {
    expect(readBackendLine(mirrored, false)).toBeUndefined();
    expect(readBackendLine(mirrored, true)?.line).toEqual({
      name: 'news',
      stream: 'news',
      timeMs,
      level: 'error',
      text: 'HTTP error 403 Forbidden',
    });
  });

  it('of the start script and of a crash are its own', () => {
    expect(readBackendLine(`${stamp} iptv: the supervisor ended with exit code 1`, false)?.line).toMatchObject({
      name: 'backend',
      text: 'the supervisor ended with exit code 1',
    });
    expect(readBackendLine(`${stamp} TypeError: x is not a function`, false)?.line.text).toBe('TypeError: x is not a function');
  });
});

describe('lines of iptv logs --ndjson', () => {
  it('are read back', () => {
    const line = { time: '2026-11-22T13:00:00.123Z', level: 'error', name: 'news', stream: 'news', text: 'x', explanation: null };
    expect(readCarriedLine(JSON.stringify(line))).toEqual({ name: 'news', stream: 'news', timeMs, level: 'error', text: 'x' });
    expect(readCarriedLine('{"live":true}')).toBe('live');
  });

  it.each(['', 'not json', 'null', '{"level":"odd","name":"x","text":"y"}'])('%j is none', (raw) => {
    expect(readCarriedLine(raw)).toBeUndefined();
  });
});

describe('lines that come twice', () => {
  const at = (nanos: number, text: string) => `2026-11-22T13:00:00.${String(nanos).padStart(9, '0')}Z ${text}`;

  it('are dropped, and nothing else', () => {
    const once = createOnce();
    expect(once.since()).toBeUndefined();
    const before = [at(1, 'a'), at(2, 'b'), at(2, 'c')];
    expect(before.every((raw) => once.isNew(raw))).toBe(true);
    expect(once.since()).toBe('2026-11-22T13:00:00.000000002Z');
    const again = [...before, at(2, 'd'), at(3, 'a'), at(3, 'e')];
    expect(again.filter((raw) => once.isNew(raw))).toEqual([at(2, 'd'), at(3, 'a'), at(3, 'e')]);
  });

  it('are told from lines of a clock that goes back', () => {
    const once = createOnce();
    expect([at(5, 'a'), at(3, 'b')].every((raw) => once.isNew(raw))).toBe(true);
    expect(once.since()).toBe(at(5, 'a').slice(0, 30));
  });
});
