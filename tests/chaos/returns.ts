// Waiting for the parts of the house to come back.

import { isRunning, supervisorPids } from '../helpers/stack.ts';
import type { Scene } from './scene.ts';

/** Waits for the keeper's new supervisor; without one, a user's `iptv up` brings it. */
export async function supervisorReturns(scene: Scene, before: number): Promise<void> {
  await scene.until('the supervisor is gone', () => !isRunning(before));
  try {
    const took = await scene.until('another supervisor', () => supervisorPids(scene.stack.state).some((pid) => pid !== before), 6);
    scene.note(`another supervisor by itself after ${took.toFixed(1)} s`);
  } catch {
    scene.note('another supervisor by iptv up');
    await scene.stack.iptv('up');
  }
  await scene.until('it answers', async () => (await scene.supervisor()) !== before, 15);
}
