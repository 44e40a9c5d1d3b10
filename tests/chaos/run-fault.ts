// One fault from start to end: play, break, wait until the picture is back, count what the viewers noticed, clean up.

import type { PlayerHouse, PlayerReport } from '../helpers/browser-player.ts';
import type { WatchReport } from '../helpers/playlist-watch.ts';
import { isInevitable } from '../helpers/power-loss.ts';
import { defaultStallSeconds, defaultUnreachableSeconds, type Fault, type Limits, type Outcome, type ViewerFigures } from './fault.ts';
import { createScene, type Scene } from './scene.ts';
import type { Stage } from './stage.ts';

const startSeconds = 60;
const baselineSeconds = 5;
const afterwardsSeconds = 6;

export async function runFault(fault: Fault, house: PlayerHouse): Promise<Outcome> {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  const base = { id: fault.id, name: fault.name };
  const missing = fault.needs?.();
  if (missing !== undefined) return { ...base, result: 'skipped', problems: [missing], notes: [], seconds: 0 };

  let scene: Scene | undefined;
  let player: PlayerReport | undefined;
  let watch: WatchReport | undefined;
  const problems: string[] = [];
  const notes: string[] = [];
  try {
    scene = await createScene(fault, house);
    if (fault.cold !== true) await play(scene);
    await fault.inject(scene);
    if (fault.cold !== true) await recover(scene, fault.recoverySeconds ?? 60);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  try {
    player = await scene?.player().report();
    watch = scene?.watch().report();
  } catch {
    // There is no viewer in this fault.
  }
  try {
    await scene?.close();
  } catch (error) {
    problems.push(`closing: ${String(error)}`);
  }
  problems.unshift(...(scene?.problems ?? []));
  notes.push(...(scene?.notes ?? []));
  const viewer = watch === undefined ? undefined : figuresOf(player, watch);
  problems.push(...judge(viewer, watch, player, fault.limits ?? {}));
  return {
    ...base,
    result: problems.length === 0 ? 'ok' : 'FAILED',
    problems,
    notes,
    ...(viewer === undefined ? {} : { viewer }),
    ...(player === undefined ? {} : { player }),
    ...(watch === undefined ? {} : { watch }),
    seconds: seconds(),
  };
}

/** Starts `news` and the viewers, lets them play for a while, and begins to count. */
export async function play(scene: Scene): Promise<void> {
  const ran = await scene.stack.iptv('start', 'news', '--wait', '--timeout', `${startSeconds}s`);
  if (ran.code !== 0) throw new Error(`start ended with ${ran.code}: ${ran.stderr}`);
  await scene.openViewers();
  await scene.until('both legs are fresh', async () => {
    const { primary, backup } = (await scene.news()).legs;
    return primary.state === 'fresh' && backup.state === 'fresh';
  });
  await scene.sleep(baselineSeconds);
  await scene.mark();
}

/** The live picture is back: the channel follows a leg, and the player has played for a while without a stall. */
export async function recover(scene: Stage, limitSeconds: number): Promise<void> {
  const took = await scene.until(
    'the live picture is back',
    async () => {
      const { channel, state } = await scene.news();
      return state === 'running' && (channel === undefined || channel.state === 'live');
    },
    limitSeconds,
  );
  if (took > 1) scene.note(`live again ${took.toFixed(1)} s later`);
  const { newSegments } = scene.watch().report();
  const { playedSeconds } = await scene.player().report();
  await scene.until('the playlist goes on', () => scene.watch().report().newSegments >= newSegments + 2, limitSeconds);
  await scene.until(
    `the player plays ${afterwardsSeconds} s more`,
    async () => (await scene.player().report()).playedSeconds > playedSeconds + afterwardsSeconds,
    limitSeconds,
  );
}

export function figuresOf(player: PlayerReport | undefined, watch: WatchReport): ViewerFigures {
  const back = watch.breaches.filter((breach) => /^(went back|taken back|media-sequence-decreased)/.test(breach)).length;
  const round = (value: number): number => Math.round(value * 10) / 10;
  return {
    longestStallSeconds: round(player?.longestStallSeconds ?? 0),
    reloads: (player?.reloads ?? 0) + (player?.mediaRecoveries ?? 0),
    notFound: (player?.httpErrors.length ?? 0) + Object.values(watch.badStatuses).reduce((sum, count) => sum + count, 0),
    sequenceBack: (player?.sequenceBack ?? 0) + back,
    jumps: player?.jumps ?? 0,
    unreachableSeconds: round(watch.unreachableSeconds),
    longestGapSeconds: round(watch.longestGapSeconds),
  };
}

export function judge(
  viewer: ViewerFigures | undefined,
  watch: WatchReport | undefined,
  player: PlayerReport | undefined,
  limits: Limits,
): readonly string[] {
  if (viewer === undefined) return [];
  const problems: string[] = (watch?.breaches ?? []).filter((breach) => limits.beginsAnew !== true || !isInevitable(breach));
  const stall = limits.stallSeconds ?? defaultStallSeconds;
  const unreachable = limits.unreachableSeconds ?? defaultUnreachableSeconds;
  if (viewer.longestStallSeconds > stall) problems.push(`the picture stood still for ${viewer.longestStallSeconds} s, allowed ${stall} s`);
  if (viewer.unreachableSeconds > unreachable)
    problems.push(`nothing answered for ${viewer.unreachableSeconds} s, allowed ${unreachable} s`);
  if (viewer.reloads > 0 && limits.mayReload !== true) {
    problems.push(`${viewer.reloads} reloads: ${player?.fatal.map(({ details, code }) => `${details} ${code ?? ''}`).join(', ')}`);
  }
  if (viewer.sequenceBack > 0) problems.push('the media sequence went back');
  const refused = Object.entries(watch?.badStatuses ?? {}).map(([status, count]) => `${count} x ${status} for the playlist`);
  const isForgiven = (answer: string): boolean => limits.segmentsLost === true && answer.includes('.ts');
  const lost = [...new Set([...(player?.httpErrors ?? []), ...(watch?.lostSegments ?? [])])].filter((answer) => !isForgiven(answer));
  if (refused.length + lost.length > 0) problems.push(`HTTP errors: ${[...refused, ...lost].slice(0, 6).join(', ')}`);
  return problems;
}
