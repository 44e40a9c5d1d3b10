import { describe, expect, it } from 'vitest';

import { fakeClient, fakeContext } from '../../tests/fakes/command-context.ts';
import { createMemoryFiles } from '../../tests/fakes/memory-files.ts';
import type { ControlClient } from '../control/protocol.ts';
import type { Ports } from '../core/ports.ts';
import { otherListNote } from './other-list.ts';

function note(configPath: string, there: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const files = createMemoryFiles({ now: () => 0 });
  for (const path of there) files.put(path, 'version: 1\nstreams: []\n');
  const { context } = fakeContext({ env, more: { ports: async () => ({ files }) as unknown as Ports } });
  const client = fakeClient([]);
  const running: ControlClient = { ...client, hello: { ...client.hello, configPath } };
  return otherListNote(running, context);
}

describe('the list of the running supervisor', () => {
  it('is named when another one stands here', async () => {
    expect(await note('/else/streams.yaml', ['/tv/streams.yaml', '/else/streams.yaml'])).toBe(
      'note: the supervisor uses /else/streams.yaml, not /tv/streams.yaml; to change over: iptv down && iptv up',
    );
    expect(await note('/gone/streams.yaml', ['/tv/streams.yaml'])).toContain('not /tv/streams.yaml');
  });

  it.each([
    ['it is the same', '/tv/streams.yaml', ['/tv/streams.yaml'], {}],
    ['there is none here', '/else/streams.yaml', ['/else/streams.yaml'], {}],
    ['it is not told', '', ['/tv/streams.yaml'], {}],
    ['the list is mounted', '/etc/iptv/streams.yaml', ['/tv/streams.yaml'], { IPTV_INSIDE: '1' }],
  ] as const)('is not worth a word when %s', async (_title, path, there, env) => {
    expect(await note(path, there, env)).toBeUndefined();
  });
});
