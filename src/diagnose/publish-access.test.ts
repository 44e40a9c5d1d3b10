import { describe, expect, it } from 'vitest';

import { parseNginxDump } from '../observe/nginx-directives.ts';
import { isOpen, listensOutside, mayPublish, publishRules } from './publish-access.ts';

function rulesOf(application: string, server = '') {
  const [found] = publishRules(parseNginxDump(`rtmp { server { listen 1935; ${server} application live { live on; ${application} } } }`));
  if (found === undefined) throw new Error('no application');
  return found.rules;
}

describe('publishRules', () => {
  it('takes applications that take streams, with their addresses', () => {
    const found = publishRules(
      parseNginxDump(
        'rtmp { server { listen 127.0.0.1:1935; application live { live on; deny publish all; } application x { live off; } } }',
      ),
    );
    expect(found).toMatchObject([{ application: 'live', listens: ['127.0.0.1:1935'], shown: ['deny publish all;'] }]);
  });

  it.each([
    ['no rule at all', '', true],
    ['everybody', 'allow publish all;', true],
    ['everybody by number', 'allow publish 0.0.0.0/0; deny publish all;', true],
    ['half of the world', 'allow publish 128.0.0.0/1; deny publish all;', true],
    ['jobs only', 'allow publish 127.0.0.1; deny publish all;', false],
    ['a network', 'allow publish 10.0.0.0/8; deny publish all;', false],
    ['both verbs', 'deny all;', false],
    ['only players are kept out', 'deny play all;', true],
    ['allowed without an end', 'allow publish 127.0.0.1;', true],
  ])('tells whether strangers may publish: %s', (_, text, open) => {
    expect(isOpen(rulesOf(text))).toBe(open);
  });

  it.each([
    ['the first rule that fits', 'allow publish 127.0.0.1; deny publish all;', '127.0.0.1', true],
    ['refused', 'deny publish all; allow publish 127.0.0.1;', '127.0.0.1', false],
    ['inside a network', 'allow publish 172.18.0.0/16; deny publish all;', '172.18.0.3', true],
    ['outside of it', 'allow publish 172.18.0.0/16; deny publish all;', '172.19.0.3', false],
    ['the gateway is named first', 'deny publish 172.18.0.1; allow publish 172.18.0.0/16; deny publish all;', '172.18.0.1', false],
    ['no rule', '', '10.0.0.1', true],
  ])('tells whether an address may: %s', (_, text, address, may) => {
    expect(mayPublish(rulesOf(text), address)).toBe(may);
  });

  it('reads rules of the server before those of the application', () => {
    expect(mayPublish(rulesOf('allow publish all;', 'deny publish 10.0.0.1;'), '10.0.0.1')).toBe(false);
  });
});

it.each([
  [['127.0.0.1:1935'], false],
  [['localhost:1935'], false],
  [['1935'], true],
  [['0.0.0.0:1935'], true],
  [['127.0.0.1:1935', '10.0.0.1:1935'], true],
])('listensOutside %j', (listens, outside) => {
  expect(listensOutside(listens)).toBe(outside);
});
