// The plan of a job that is about to start: every backup leg it writes is made ready, and goes on where its numbers ended.

import type { StreamConfig } from '../core/config.ts';
import type { JobPlan } from '../core/job-plan.ts';
import { rungId } from '../core/ladder.ts';
import type { Ports } from '../core/ports.ts';
import { planJob } from '../plan/job-plan.ts';
import { prepareBackupLeg, type PlanInput } from './job-command.ts';
import type { WatchedRung } from './ladder-watch.ts';
import type { LegWatch } from './leg-watch.ts';
import type { JsonStore } from './stores.ts';

export async function planStart(
  ports: Pick<Ports, 'files' | 'clock'>,
  input: PlanInput,
  sequences: Pick<JsonStore<number>, 'get'>,
): Promise<JobPlan> {
  const { stream, endpoints } = input;
  const ready = (id: string): Promise<number | undefined> =>
    prepareBackupLeg(ports.files, { stream: { ...stream, id }, endpoints, lastSequence: sequences.get(id), nowMs: ports.clock.now() });
  if (stream.renditions === undefined) return planJob({ ...input, startNumber: await ready(stream.id) });
  const { rungs = [] } = planJob({ ...input, startNumber: undefined });
  const startNumbers = new Map<string, number>();
  for (const { id } of rungs) {
    const number = await ready(id);
    if (number !== undefined) startNumbers.set(id, number);
  }
  return planJob({ ...input, startNumber: undefined, startNumbers });
}

/** What a stream's files are named after; undefined: itself. Before the first plan every rung that is asked for. */
export function watchedRungs(stream: StreamConfig, plan: JobPlan | undefined): readonly WatchedRung[] | undefined {
  if (stream.renditions === undefined) return undefined;
  return plan?.rungs ?? stream.renditions.map(({ name }) => ({ id: rungId(stream.id, name) }));
}

/** The same command may be right for a source that was not known when it was made: the sizes of copied rungs are known now. */
export function withRungs(plan: JobPlan | undefined, input: PlanInput): JobPlan | undefined {
  if (plan?.rungs === undefined) return plan;
  const { sounds: _, ...rest } = plan;
  const { rungs, sounds, subtitles } = planJob({ ...input, startNumber: undefined });
  return {
    ...rest,
    ...(rungs === undefined ? {} : { rungs }),
    ...(sounds === undefined ? {} : { sounds }),
    ...(subtitles === undefined ? {} : { subtitles }),
  };
}

/** The last number that each playlist of a backup leg has used: no later one may use it again. */
export function rememberSequences(backup: Pick<LegWatch, 'parts'>, sequences: Pick<JsonStore<number>, 'set'>): void {
  for (const { id, view } of backup.parts()) {
    if (view.head !== undefined) sequences.set(id, view.head.mediaSequence + view.head.segments - 1);
  }
}
