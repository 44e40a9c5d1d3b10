// `schedule:` in streams.yaml: a real supervisor restarts what it names when the minute comes, with no cron anywhere.

import { afterEach, expect, it, vi } from 'vitest';

import { hasNginxRtmp } from '../helpers/nginx.ts';
import { createStack, eventually, type TestStack } from '../helpers/stack.ts';

// The shortest schedule is a minute.
vi.setConfig({ testTimeout: 480_000, hookTimeout: 360_000 });

let stack: TestStack;
afterEach(async () => {
  await stack.close();
});

it.skipIf(!hasNginxRtmp)('restarts the streams it names at their time, leaves the others, and says so', async () => {
  stack = await createStack({
    // Real pictures: a job without any is restarted long before the minute comes.
    streams: ['news', 'sport'].map((id) => `  - { id: ${id}, source: "test:?size=160x90&fps=10" }`).join('\n'),
    server: 'schedule:\n  - { cron: "* * * * *", streams: [news], rolling: 1 }',
  });
  expect(await stack.iptv('start', 'news', 'sport', '--wait')).toMatchObject({ code: 0 });
  const runs = (id: string): Promise<number> =>
    eventually(`${id} runs`, async () => {
      const { pid, state } = await stack.stream(id);
      return state === 'running' && pid !== null && pid;
    });
  const [news, sport] = [await runs('news'), await runs('sport')];
  const events = async (): Promise<readonly { readonly kind: string; readonly cause: string; readonly message: string }[]> =>
    (JSON.parse((await stack.iptv('events', '--json')).stdout) as { events: { kind: string; cause: string; message: string }[] }).events;
  const [batch] = await eventually(
    'the schedule runs a restart',
    async () => {
      const batches = (await events()).filter(({ kind, cause }) => kind === 'batch' && cause === 'scheduled');
      return batches.length > 0 && batches;
    },
    150_000,
  );
  expect(batch?.message).toMatch(/^the schedule \* \* \* \* \* runs iptv restart news --rolling 1 /);
  await eventually('the stream it names has another job', async () => {
    const { pid, state } = await stack.stream('news');
    return state === 'running' && pid !== null && pid !== news;
  });
  expect((await stack.stream('sport')).pid).toBe(sport);
  expect((await events()).filter(({ cause }) => cause === 'batch-failed')).toEqual([]);
});
