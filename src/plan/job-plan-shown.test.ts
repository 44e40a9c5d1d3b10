import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpoints, planOf } from '../../tests/helpers/plans.ts';
import { sourceOf } from '../../tests/helpers/streams.ts';
import type { Endpoints } from '../core/job-plan.ts';

describe('what may be shown of a plan', () => {
  it('explains every argument: the steps are the redacted command line', () => {
    const made = planOf(sourceOf('rtsp', 'rtsp://joe:hunter2@h/x'));
    expect(made.steps.flatMap((step) => step.args)).toEqual(made.redactedArgv);
    expect(made.redactedArgv).toHaveLength(made.argv.length);
    for (const step of made.steps) expect(step.why).not.toBe('');
    const tee = made.steps.at(-1);
    for (const word of ['bsfs/a', 'use_fifo', 'fifo_options', 'rw_timeout', 'ignore_io_errors', 'hls_delete_threshold', 'hls_flags'])
      expect(tee?.why).toContain(`\n  ${word}: `);
  });

  it('hides passphrases among the extra options, and header values of unknown meaning', () => {
    const srt = planOf(sourceOf('srt', 'srt://h:1', { inputOptions: { passphrase: 'hunter2hunter2', streamid: '#!::u=joe', maxbw: '1' } }));
    expect(srt.redactedArgv.join(' ')).toContain('-passphrase *** -streamid *** -maxbw 1');
    expect(srt.argv).toContain('hunter2hunter2');
    const http = planOf(sourceOf('http-ts', 'http://h/x.ts', { headers: { 'X-Provider': 'hunter2', Accept: '*/*' } }));
    expect(http.redactedArgv).toContain('X-Provider: ***\r\nAccept: */*\r\n');
    expect(http.argv).toContain('X-Provider: hunter2\r\nAccept: */*\r\n');
  });

  it('publishes with arguments where the RTMP URL has some, and hides them', () => {
    const made = planOf(sourceOf('udp', 'udp://:1'), { endpoints: { ...endpoints, rtmpUrl: 'rtmp://h/live/?key=hunter2' } });
    expect(made.argv.at(-1)).toContain(']rtmp://h/live/news?key=hunter2|');
    expect(made.redactedArgv.at(-1)).toContain(']rtmp://h/live/news?key=***|');
    expect(made.steps.at(-1)?.why).not.toContain('hunter2');
  });

  const secret = fc.stringMatching(/^[A-Za-z0-9._~!$'(){}\\:;,+-]{6,20}$/).map((text) => `S3c${text}`);
  const safeInUrl = fc.stringMatching(/^[A-Za-z0-9._~$-]{6,20}$/).map((text) => `S3c${text}`);

  it('never holds a credential, whatever its place', () => {
    fc.assert(
      fc.property(secret, safeInUrl, safeInUrl, (known, user, pass) => {
        const sources = [
          sourceOf('hls', `https://${user}:${pass}@h/x.m3u8?token=${pass}`),
          sourceOf('http-ts', `http://h:8080/live/${user}/${pass}/1.ts`),
          sourceOf('http-ts', `http://h:8080/${user}/${pass}/1`),
          sourceOf('http-ts', 'http://h/x.ts', {
            headers: { Authorization: `Bearer ${known}`, 'X-Whatever': known, Cookie: `a=${known}` },
          }),
          sourceOf('http-ts', 'http://h/x.ts', { userAgent: `agent ${known}`, referer: `http://h/?token=${pass}` }),
          sourceOf('rtsp', `rtsp://${user}:${pass}@h/x`),
          sourceOf('rtmp', `rtmp://h/live/x?key=${pass}`),
          sourceOf('srt', `srt://h:9?streamid=${user}&passphrase=${pass}`, { inputOptions: { passphrase: known } }),
        ];
        const withKey: Endpoints = { ...endpoints, rtmpUrl: `rtmp://h/live?auth=${known}` };
        for (const source of sources) {
          const made = planOf(source, { secrets: [known], endpoints: withKey });
          const shown = JSON.stringify([made.redactedArgv, made.steps, made.notes]);
          for (const value of [known, JSON.stringify(known).slice(1, -1), encodeURIComponent(known), user, pass])
            expect(shown).not.toContain(value);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps public addresses readable', () => {
    const made = planOf(sourceOf('hls', 'http://localhost:8088/hls/news.m3u8'));
    expect(made.redactedArgv).toEqual(made.argv);
  });
});
