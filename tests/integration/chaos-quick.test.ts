// The quick part of the chaos suite: five faults on one stack, watched by hls.js in a browser. `npm run chaos` has all of them.

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Limits } from '../chaos/fault.ts';
import { supervisorReturns } from '../chaos/returns.ts';
import { figuresOf, judge, play, recover } from '../chaos/run-fault.ts';
import { createScene, type Scene } from '../chaos/scene.ts';
import { chromiumPath, openPlayerHouse, type PlayerHouse } from '../helpers/browser-player.ts';
import { kill } from '../helpers/stack.ts';

/** Only a liveness bound: the figures are measured by `npm run chaos` on a quiet machine. */
const patience: Limits = { stallSeconds: 60, unreachableSeconds: 30 };
const minuteMs = 60_000;

/** hls.js gives up after about 3 s without an answer: on a machine that needs longer to start nginx, that is no fault of ours. */
function isForgiven(problem: string, unreachableSeconds: number): boolean {
  return unreachableSeconds > 2 && /^\d+ reloads: (levelLoad|fragLoad)/.test(problem);
}

let house: PlayerHouse | undefined;
let scene: Scene | undefined;

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  house = await openPlayerHouse();
  const sources: Parameters<typeof createScene>[0]['sources'] = (origin) => [origin.ts('a'), origin.ts('b')];
  scene = await createScene({ id: 'quick', name: 'quick', sources, inject: async () => undefined }, house);
  await play(scene);
}, 5 * minuteMs);

afterAll(async () => {
  await scene?.close();
  await house?.close();
  expect(scene?.problems ?? []).toEqual([]);
}, minuteMs);

const faults: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  async 'the job is killed'(stage) {
    const before = stage.job();
    kill(before);
    await stage.nextJob(before);
  },
  async 'nginx is killed'(stage) {
    const before = await stage.nginx();
    kill(-before);
    await stage.nextNginx(before);
  },
  async 'the supervisor is killed'(stage) {
    const before = await stage.supervisor();
    const job = stage.job();
    kill(before);
    await supervisorReturns(stage, before);
    stage.expect(stage.job() === job, 'the job was not adopted');
  },
  async 'the job freezes'(stage) {
    const before = stage.job();
    kill(before, 'SIGSTOP');
    await stage.nextJob(before);
  },
  async 'the source goes silent, and there is a second one'(stage) {
    const [playing, other] = (await stage.news()).source.index === 0 ? ['a', 'b'] : ['b', 'a'];
    await stage.origin.behave(playing, { answer: 'silent' });
    await stage.until('the second source is asked', async () => ((await stage.origin.counts())[other]?.open ?? 0) > 0);
  },
};

it.for(Object.keys(faults))('%s: no reload, no 404, no sequence back', { timeout: 5 * minuteMs }, async (name, { skip }) => {
  const stage = scene;
  if (stage === undefined) return skip('needs Chromium: node tests/tools/test-tools.ts');
  await stage.mark();
  await faults[name]?.(stage);
  await recover(stage, 90);
  const player = await stage.player().report();
  const watch = stage.watch().report();
  const problems = [...judge(figuresOf(player, watch), watch, player, patience), ...stage.problems];
  expect(problems.filter((problem) => !isForgiven(problem, watch.unreachableSeconds))).toEqual([]);
});
