// Whether nginx is really down: dead, or silent for longer than one late answer.

import type { Endpoints } from '../core/job-plan.ts';
import type { ClockPort } from '../core/ports.ts';
import type { Witnesses } from '../observe/verdict.ts';
import type { OriginUnit } from './origin-unit.ts';

/** One question may time out on a busy machine; the next one comes within this. */
const silentAfterMs = 4000;
/** While the house comes up, nginx has not answered yet and is not down. */
const comingUpMs = 15_000;

export interface OriginWitness {
  look(): void;
  readonly view: () => Witnesses['origin'];
}

export function createOriginWitness(
  origin: Pick<OriginUnit, 'answersSince' | 'status' | 'process'>,
  clock: Pick<ClockPort, 'monotonic'>,
  url: Endpoints['healthUrl'],
): OriginWitness {
  const bornAt = clock.monotonic();
  let everAnswered = false;
  let awaySince: number | undefined;
  let { restarts } = origin.status();
  let view: Witnesses['origin'] = { answersSince: undefined, isDown: false, reason: '', evidence: [] };

  return {
    look() {
      const now = clock.monotonic();
      const answersSince = origin.answersSince();
      const status = origin.status();
      // Dead and back between two looks: every viewer's connection and every publisher was cut all the same.
      const hasDied = everAnswered && status.restarts > restarts;
      restarts = status.restarts;
      if (answersSince !== undefined && !hasDied) {
        everAnswered = true;
        awaySince = undefined;
        view = { answersSince, isDown: false, reason: '', evidence: [] };
        return;
      }
      awaySince ??= now;
      const awayMs = now - awaySince;
      const { lastFailure } = status;
      // A process that is gone needs no second look; in another container only its silence is seen.
      const isDead = hasDied || (origin.process !== undefined && origin.process.alive() === undefined);
      const isDown = everAnswered ? isDead || awayMs >= silentAfterMs : now - bornAt >= comingUpMs;
      const seconds = Math.round(awayMs / 1000);
      const reason = isDead
        ? `nginx ${hasDied ? 'died and was started again' : 'is not running'}${lastFailure === null ? '' : `: ${lastFailure.message}`}`
        : `nginx does not answer for ${seconds} s`;
      view = { answersSince, isDown, reason, evidence: hasDied ? [] : [`GET ${url}: no answer`] };
    },
    view: () => view,
  };
}
