import { describe, expect, it } from 'vitest';

import type { OriginStatus } from '../core/status.ts';
import { createOriginWitness } from './origin-witness.ts';

/** nginx as the witness sees it, and a clock in seconds. */
function witness(kind: 'local' | 'external' = 'local') {
  let now = 0;
  const world = { answersSince: undefined as number | undefined, alive: true, restarts: 0, failure: null as OriginStatus['lastFailure'] };
  const process = { alive: () => (world.alive ? { pid: 1 } : undefined) } as never;
  const status = (): OriginStatus => ({ state: 'running', pid: 1, restarts: world.restarts, answers: true, lastFailure: world.failure });
  const origin = { answersSince: () => world.answersSince, status, process: kind === 'local' ? process : undefined };
  const made = createOriginWitness(origin, { monotonic: () => now * 1000 }, 'http://x/healthz');
  const look = (second: number) => {
    now = second;
    made.look();
    return made.view();
  };
  return { world, look };
}

describe('whether nginx is down', () => {
  it('is not said while the house comes up, and is when that takes too long', () => {
    const { look } = witness();
    expect(look(5).isDown).toBe(false);
    expect(look(15).isDown).toBe(true);
  });

  it('is known at once when its process is gone', () => {
    const { world, look } = witness();
    world.answersSince = 0;
    look(1);
    Object.assign(world, { answersSince: undefined, alive: false, failure: { cause: 'nginx-exited', message: 'nginx ended (SIGKILL)' } });
    expect(look(2)).toMatchObject({ isDown: true, reason: 'nginx is not running: nginx ended (SIGKILL)' });
  });

  it('is said once of an nginx that died and is back between two looks', () => {
    const { world, look } = witness();
    world.answersSince = 0;
    expect(look(1).isDown).toBe(false);
    Object.assign(world, { answersSince: 1500, restarts: 1, failure: { cause: 'nginx-exited', message: 'nginx ended (SIGKILL)' } });
    expect(look(2)).toMatchObject({ isDown: true, reason: 'nginx died and was started again: nginx ended (SIGKILL)' });
    expect(look(3)).toMatchObject({ isDown: false, answersSince: 1500 });
  });

  it('takes more than one late answer, here and in another container', () => {
    for (const kind of ['local', 'external'] as const) {
      const { world, look } = witness(kind);
      world.answersSince = 0;
      look(1);
      world.answersSince = undefined;
      expect(look(2).isDown).toBe(false);
      expect(look(5).isDown).toBe(false);
      expect(look(6)).toMatchObject({ isDown: true, reason: 'nginx does not answer for 4 s' });
      world.answersSince = 7000;
      expect(look(7).isDown).toBe(false);
    }
  });
});
