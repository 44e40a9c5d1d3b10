import { describe, expect, it } from 'vitest';

import type { RuntimeChoice } from '../core/config.ts';
import { statePaths } from '../core/state-paths.ts';
import { selectStack } from './select.ts';
import type { Stack } from './stack.ts';

const paths = statePaths('/s', undefined);

interface Case {
  readonly choice?: RuntimeChoice;
  readonly configured?: RuntimeChoice;
  readonly socket?: boolean;
  readonly orders?: boolean;
  readonly question?: boolean;
  readonly answers?: boolean;
  readonly up?: boolean;
}

async function select(given: Case): Promise<string> {
  const there = new Set([...(given.socket === true ? [paths.socket] : []), ...(given.orders === true ? [paths.orders] : [])]);
  const stack = await selectStack({
    choice: given.choice,
    configured: async () => given.configured ?? 'auto',
    isQuestion: given.question ?? false,
    files: {
      stat: async (path) => (there.has(path) ? { size: 0, mtimeMs: 0, mode: 0, uid: 0, gid: 0, inode: 1, isDirectory: false } : undefined),
    },
    paths,
    dockerAnswers: async () => given.answers ?? false,
    dockerIsUp: async () => given.up ?? false,
    local: () => ({ runtime: 'local' }) as Stack,
    docker: async () => ({ runtime: 'docker' }) as Stack,
  });
  return stack.runtime;
}

describe('selectStack', () => {
  it.each<[string, Case, string]>([
    ['the flag wins over everything', { choice: 'docker', configured: 'local', socket: true }, 'docker'],
    ['the list wins over a local supervisor of another list', { configured: 'docker', socket: true, answers: true }, 'docker'],
    ['a question goes to the supervisor that is there', { configured: 'docker', socket: true, question: true }, 'local'],
    ['auto: what is up locally stays local', { socket: true, answers: true, up: true }, 'local'],
    ['auto: without Docker it is local', {}, 'local'],
    ['auto: with Docker and nothing local it is Docker', { answers: true }, 'docker'],
    ['auto: a stack that was local and is down stays local', { answers: true, orders: true }, 'local'],
    ['auto: a Docker stack that is up wins over an old local one', { answers: true, orders: true, up: true }, 'docker'],
  ])('%s', async (_name, given, expected) => {
    expect(await select(given)).toBe(expected);
  });
});
