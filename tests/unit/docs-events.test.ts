// docs/events.md and docs/hooks.md name every word that the code may write.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { eventKinds } from '../../src/core/events.ts';
import { verdictNames } from '../../src/core/verdict.ts';
import { contentKinds } from '../../src/observe/content-watch.ts';
import { messageEnvironment, testMessage } from '../../src/run/hooks/message.ts';

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');

describe('docs/events.md', () => {
  it.each([...eventKinds, ...verdictNames, ...contentKinds])('explains %s', (word) => {
    expect(page('events.md')).toMatch(new RegExp(`^\\|.*\`${word}\``, 'm'));
  });
});

describe('docs/hooks.md', () => {
  it('shows every key of the message and every variable', () => {
    const message = testMessage('x', 0);
    for (const key of Object.keys(message)) expect(page('hooks.md')).toContain(`"${key}"`);
    for (const name of Object.keys(messageEnvironment(message))) expect(page('hooks.md')).toContain(`\`${name}\``);
  });
});
