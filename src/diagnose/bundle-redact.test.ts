import { describe, expect, it } from 'vitest';

import { redactFiles, secretsOfEnvironment, shownEnvironment } from './bundle-redact.ts';

describe('redactFiles', () => {
  const one = (text: string, known: readonly string[] = []): string => redactFiles([{ path: 'a', text }], known)[0]?.text ?? '';

  it('masks what is known and what looks like a credential', () => {
    expect(one('key hunter22 and http://u:p@h/?token=abc', ['hunter22'])).toBe('key *** and http://***@h/?token=***');
  });

  it('masks a secret in the spellings it may take', () => {
    expect(one('a%2Fb%20c and a/b c', ['a/b c'])).toBe('*** and ***');
  });

  it('never lets a secret through that could not be masked', () => {
    // The decoded form of what is known, inside a longer word.
    expect(one('xx hunter22 yy', ['hunter22'])).not.toContain('hunter22');
    expect(one('nothing here', ['hunter22'])).toBe('nothing here');
  });
});

describe('the environment', () => {
  const environment = {
    IPTV_RUNTIME: 'local',
    TV_PASS: 'hunter22',
    PATH: '/usr/bin',
    WHERE: '/home/me:/srv',
    IPTV_API_KEY: 'abcdef',
    SHORT: 'on',
  };

  it('shows names, and values of what says how iptv runs', () => {
    expect(shownEnvironment(environment)).toBe('IPTV_API_KEY=***\nIPTV_RUNTIME=local\nPATH=/usr/bin\nSHORT=***\nTV_PASS=***\nWHERE=***\n');
  });

  it('knows which values must appear nowhere', () => {
    expect(secretsOfEnvironment(environment)).toEqual(['hunter22', 'abcdef']);
  });
});
