// The second connection of a restart: one short-lived ffmpeg that writes HLS beside the legs, and what it has written so far.

import type { StreamConfig } from '../../core/config.ts';
import { bridgePlaylistName, bridgeSegmentPrefix } from '../../core/ids.ts';
import type { Daemon, ExitInfo } from '../../core/ports.ts';
import { bridgeMark, jobMark } from '../../core/state-paths.ts';
import { classifyFailure } from '../../observe/failure-class.ts';
import { planJob } from '../../plan/job-plan.ts';
import type { LegSegment } from '../../playlist/channel/channel-state.ts';
import { createLegReader } from '../../playlist/channel/leg-reader.ts';
import { jobPaths, jobSpec, missingFfmpeg } from '../job-command.ts';
import { createLegWatch } from '../leg-watch.ts';
import type { Surroundings } from '../surroundings.ts';
import { stopByLadder } from './stop-by-ladder.ts';

export interface BridgeJob {
  /** Every segment of it begins so. */
  readonly prefix: string;
  readonly isAlive: () => boolean;
  /** Segments come at the speed of life: what a source gives away at the start lies behind. */
  readonly isPaced: () => boolean;
  look(): Promise<void>;
  /** What the channel may show: nothing that was written in the first rush. */
  read(now: number, wallMs: number): Promise<readonly LegSegment[]>;
  /** Why it ended, in words. */
  readonly ending: () => Promise<string>;
  /** Begins to end it; called again, goes on with that. True when it is gone. */
  end(): boolean;
}

export interface BridgeJobOptions {
  readonly surroundings: Surroundings;
  /** The definition that runs, with addresses resolved. */
  readonly stream: StreamConfig;
  readonly sourceIndex: number;
  readonly limitSeconds: number;
}

/** Segments that came nearer to each other than this part of their length came in a rush. */
const paceShare = 0.5;

export async function startBridgeJob(options: BridgeJobOptions): Promise<BridgeJob> {
  const { surroundings, stream, sourceIndex } = options;
  const { ports, endpoints } = surroundings;
  const { files, clock, process } = ports;
  const { id } = stream;
  const ffmpeg = surroundings.ffmpeg();
  if (ffmpeg === undefined) throw missingFfmpeg();
  const startedAtMs = clock.now();
  const prefix = bridgeSegmentPrefix(id, startedAtMs);
  const playlist = `${endpoints.hlsDirectory}/${id}/${bridgePlaylistName}`;
  const paths = jobPaths(surroundings.paths, `${id}.bridge`);
  const display = stream.sources[sourceIndex % stream.sources.length]?.display ?? '';
  const plan = planJob({
    stream,
    sourceIndex,
    endpoints,
    ffmpeg,
    source: surroundings.stores.facts.get(`${id} ${display}`),
    startNumber: undefined,
    secrets: surroundings.secrets(),
    bridge: { startedAtMs, limitSeconds: options.limitSeconds },
  });
  await files.remove(playlist);
  await files.truncate(paths.stderr);
  await files.truncate(paths.progress);
  const state = surroundings.paths.directory;
  const daemon: Daemon = await process.startDaemon({
    ...jobSpec(plan, ffmpeg.path, paths, state, ''),
    env: { [bridgeMark]: id, [jobMark.state]: state },
  });
  let exit: ExitInfo | undefined;
  void daemon.exited.then((how) => (exit = how));
  const stop = stopByLadder(ports, daemon);

  const watch = createLegWatch(ports, 'backup', endpoints.hlsDirectory, playlist);
  const reader = createLegReader({ id, leg: 'backup', stat: (name) => files.stat(`${endpoints.hlsDirectory}/${name}`) });
  let seen = { count: 0, at: -Infinity };
  let pacedFrom: string | undefined;

  async function look(): Promise<void> {
    if (!(await watch.look())) return;
    const { head } = watch.view();
    if (head === undefined) return;
    const count = head.mediaSequence + head.segments;
    const now = clock.monotonic();
    const isOne = count === seen.count + 1 && seen.count > 0;
    if (isOne && now - seen.at >= 1000 * paceShare * stream.output.segmentSeconds) pacedFrom ??= head.lastUri;
    seen = { count, at: now };
  }

  return {
    prefix,
    isAlive: () => exit === undefined,
    isPaced: () => pacedFrom !== undefined,
    look,
    async read(now, wallMs) {
      await look();
      const segments = await reader.read(watch.view().text, now, wallMs);
      const from = segments.findIndex(({ uri }) => uri === pacedFrom);
      // Once the first one has left its list, all that is left came after it.
      return pacedFrom === undefined ? [] : segments.slice(Math.max(0, from));
    },
    async ending() {
      const text = (await files.readText(paths.stderr).catch(() => undefined)) ?? '';
      const lines = text.split('\n').filter((line) => line !== '');
      return classifyFailure(lines.slice(-20), exit ?? { code: undefined, signal: undefined }).message;
    },
    end: () => exit !== undefined || stop(),
  };
}
