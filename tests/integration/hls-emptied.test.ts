// Whatever happens to the HLS folder, the channel playlist is answered: nginx asks the supervisor until the file is back.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { createStack, type TestStack } from '../helpers/stack.ts';
import { eventually } from '../helpers/wait.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await createStack({ streams: '  - id: news\n    source: test:?size=320x180&fps=25' });
  const started = await stack.iptv('start', 'news', '--wait', '--timeout', '60s');
  if (started.code !== 0) throw new Error(started.stderr);
}, 360_000);

afterAll(() => stack.close(), 60_000);

it('answers while the folder is away, and what is not a channel stays not found', { timeout: 360_000 }, async () => {
  const url = `${stack.url}/live/news/index.m3u8`;
  await eventually(
    async () => (await fetch(url)).text(),
    (text) => text.includes('.ts'),
    { timeoutMs: 60_000, what: 'a segment' },
  );
  const file = join(stack.hls, 'news/index.m3u8');
  rmSync(stack.hls, { recursive: true, force: true, maxRetries: 10 });
  const answers: Promise<number>[] = [];
  // Slower than nginx lets through, from the moment that it is gone until the file is there again.
  await eventually(
    () => {
      answers.push(fetch(url).then(({ status }) => status));
      return existsSync(file);
    },
    (isBack) => isBack,
    { timeoutMs: 60_000, every: 30, what: 'the playlist' },
  );
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
  expect((await fetch(`${stack.url}/live/nobody/index.m3u8`)).status).toBe(404);
});
