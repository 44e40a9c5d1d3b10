import { describe, expect, it } from 'vitest';

import { parseConfig } from './load.ts';
import { isHarmlessQuery, looksLikeToken, secretsOfCommand, tokensOfPath } from './likely-secrets.ts';

describe('what looks like a secret', () => {
  it.each([
    ['a8f3k2l9', true],
    ['correct-horse-battery', true],
    ['news', false],
    ['mpegts', false],
    ['20260101', false],
    ['channel7', true],
  ])('%s: %s', (word, isToken) => {
    expect(looksLikeToken(word)).toBe(isToken);
  });

  it('is not what tells streams apart', () => {
    expect(['id', 'channel', 'quality', 'zz', 'ticket'].map(isHarmlessQuery)).toEqual([true, true, true, false, false]);
    expect(tokensOfPath('/services/T01/B02/x.json')).toEqual([]);
    expect(tokensOfPath('/hooks/abcdefgh1234/news')).toEqual(['abcdefgh1234']);
  });

  it.each<[readonly unknown[], readonly string[]]>([
    [['./get-url', 'news'], []],
    [['./get-url', '--token', 'hunter'], ['hunter']],
    [['./get-url', '--password=hunter', '--queue=channels'], ['hunter']],
    [['curl', '-s', '/etc/iptv/secret-1234', 'a8f3k2l9'], ['a8f3k2l9']],
    [['a8f3k2l9'], []],
  ])('in the command %j: %j', (command, secrets) => {
    expect(secretsOfCommand(command)).toEqual(secrets);
  });
});

describe('the secrets of a list', () => {
  const secretsOf = (text: string): readonly string[] => {
    const parsed = parseConfig(`version: 1\n${text}`, { path: '/tv/streams.yaml', env: {}, readSecretFile: () => undefined });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
    return parsed.config.secrets;
  };

  it('are also those of hooks: path, query and headers of a webhook, words of a command', () => {
    const hooks = `hooks:
  - { url: "https://chat.example.com/services/T01/abcdefgh1234?k=qwertz", headers: { X-Odd: "one-two-three" } }
  - { command: [./page.sh, --key, hunter2] }
streams: []
`;
    expect(secretsOf(hooks)).toEqual(
      expect.arrayContaining([
        '/services/T01/abcdefgh1234?k=qwertz',
        '/services/T01/abcdefgh1234',
        'abcdefgh1234',
        '=qwertz',
        'one-two-three',
        'hunter2',
      ]),
    );
  });

  it('are no plain words, which would be blanked out in every other line too', () => {
    const list = 'hooks: [{ url: "http://127.0.0.1:9000/webhook?room=sports" }]\nstreams: []\n';
    expect(secretsOf(list)).toEqual(['/webhook?room=sports', '/webhook', '=sports', 'room=sports']);
  });

  it('are never the id of a stream, which would be blanked out everywhere', () => {
    const list = 'streams:\n  - { id: sport1hd, source: "http://tv.example.com/x.ts?feed=sport1hd&zz=a8f3k2l9" }\n';
    expect(secretsOf(list)).toEqual(['a8f3k2l9']);
  });
});
