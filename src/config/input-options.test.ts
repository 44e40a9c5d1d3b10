import { describe, expect, it } from 'vitest';
import { inputOptions } from './input-option-list.ts';
import { inputOptionMismatch, inputOptionsSchema } from './input-options.ts';

function check(name: string, value: unknown): string | undefined {
  const parsed = inputOptionsSchema.safeParse({ [name]: value });
  return parsed.success ? parsed.data[name] : undefined;
}

describe('allowed input options', () => {
  it.each([
    ['probesize', '5M', '5000000'],
    ['probesize', 32_768, '32768'],
    ['analyzeduration', '3s', '3000000'],
    ['analyzeduration', 3_000_000, '3000000'],
    ['analyzeduration', '3000000', '3000000'],
    ['connect_timeout', '3s', '3000'],
    ['fflags', '+genpts-nobuffer', '+genpts-nobuffer'],
    ['fflags', 'genpts', 'genpts'],
    ['overrun_nonfatal', true, '1'],
    ['overrun_nonfatal', 0, '0'],
    ['seekable', 'auto', '-1'],
    ['live_start_index', -3, '-3'],
    ['localaddr', 'fe80::1', 'fe80::1'],
    ['sources', '10.0.0.1,10.0.0.2', '10.0.0.1,10.0.0.2'],
    ['allowed_segment_extensions', 'ts,m4s', 'ts,m4s'],
  ])('%s: %j becomes %s', (name, value, expected) => {
    expect(check(name, value)).toBe(expected);
  });

  it.each([
    ['probesize', 0],
    ['probesize', '5X'],
    ['analyzeduration', -1],
    ['analyzeduration', 1.5],
    ['fflags', '+bitexact'],
    ['fflags', ''],
    ['fflags', ['genpts']],
    ['rtsp_flags', 'listen'],
    ['localaddr', 'eth0'],
    ['localaddr', '10.0.0.1 -i /etc/passwd'],
    ['allowed_segment_extensions', 'ts,../x'],
    ['thread_queue_size', 0],
    ['overrun_nonfatal', 'maybe'],
    ['rtmp_playpath', 'a b'],
    ['passphrase', 'a\u0000b'],
    ['probesize', null],
  ])('%s: %j is refused', (name, value) => {
    expect(check(name, value)).toBeUndefined();
  });

  it.each([
    ...['i', 'f', 'format', 'c', 'c:v', 'codec', 'map', 'vf', 'filter_complex', 'y', 'protocol_whitelist', 'protocol_blacklist'],
    ...[
      'headers',
      'cookies',
      'user_agent',
      'rtsp_transport',
      'reconnect',
      'reconnect_at_eof',
      'timeout',
      'rw_timeout',
      're',
      'stream_loop',
    ],
    ...[
      'listen',
      'ca_file',
      'key_file',
      'http_proxy',
      'report',
      'progress',
      'safe',
      'rtmp_swfverify',
      '-i',
      '__proto__',
      'constructor',
      '',
    ],
  ])('%s is not let through', (name) => {
    expect(inputOptions.has(name)).toBe(false);
    const input: unknown = JSON.parse(`{ ${JSON.stringify(name)}: "1" }`);
    expect(inputOptionsSchema.safeParse(input).success).toBe(false);
  });

  it('never lets a value begin a new argument or name a file', () => {
    for (const [name, option] of inputOptions) {
      for (const value of ['/etc/passwd -i x', 'file:/etc/passwd\n', '\u0000', ' ', '']) {
        expect(option.check(value).ok, `${name}: ${JSON.stringify(value)}`).toBe(false);
      }
    }
  });

  it('says with which kinds an option works', () => {
    expect(inputOptionMismatch('fifo_size', 'udp')).toBeUndefined();
    expect(inputOptionMismatch('fifo_size', 'hls')).toBe('works only with udp sources, and this one is hls');
    expect(inputOptionMismatch('probesize', 'test')).toContain('and this one is test');
  });
});
