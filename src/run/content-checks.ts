// Looks at pictures and sound: one low-priority ffmpeg at a time for the whole house, on segments that are on our own disk.

import type { EventSink } from '../core/events.ts';
import type { FfmpegFacts } from '../core/facts.ts';
import type { Endpoints } from '../core/job-plan.ts';
import type { Ports } from '../core/ports.ts';
import { readSample, sampleCommand } from '../observe/content-sample.ts';
import { createContentWatch, type ContentWatch } from '../observe/content-watch.ts';
import { parseMediaPlaylist } from '../playlist/media-playlist.ts';
import type { StreamUnit } from './unit.ts';

export interface ContentChecker {
  /** Starts one look when one is due; never waits for it. */
  tick(units: readonly StreamUnit[]): void;
  /** What is wrong with a stream, in plain words. */
  readonly reasons: (id: string) => readonly string[];
}

export interface ContentCheckerOptions {
  readonly ports: Pick<Ports, 'clock' | 'process'>;
  readonly endpoints: Endpoints;
  readonly events: EventSink;
  readonly ffmpeg: () => FfmpegFacts | undefined;
}

/** One look costs 0.12 to 0.14 s of CPU (docs/events.md); the house may spend a fifteenth of a core on all of them. */
const perStreamMs = 2000;
const shortestMs = 20_000;
/** A suspicion is settled by looks in quick succession, yet for less than a hundredth of a core. */
const unsettledMs = 15_000;
/** Between the end of one look and the next, whoever is due. */
const pauseMs = 1000;
/** A busy machine lets the lowest priority wait long. */
const timeoutMs = 30_000;
/** The oldest listed segment may be deleted while it is read. */
const leastSegments = 3;

interface Watched {
  readonly watch: ContentWatch;
  /** What the definition was; another one has other tracks. */
  stream: unknown;
  nextAt: number;
}

export function createContentChecker(options: ContentCheckerOptions): ContentChecker {
  const { ports, endpoints, events } = options;
  const { clock } = ports;
  const watched = new Map<string, Watched>();
  let busy = false;
  let freeAt = 0;

  function look(unit: StreamUnit, known: Watched, ffmpegPath: string, count: number): void {
    const segments = segmentsOf(unit, endpoints.hlsDirectory);
    if (segments === undefined) {
      known.nextAt = clock.monotonic() + unsettledMs;
      return;
    }
    busy = true;
    sample(unit, known, ffmpegPath, segments)
      .catch(() => undefined)
      .finally(() => {
        busy = false;
        const now = clock.monotonic();
        freeAt = now + pauseMs;
        known.nextAt = now + (known.watch.isUnsettled() ? unsettledMs : Math.max(shortestMs, count * perStreamMs));
      });
  }

  async function sample(unit: StreamUnit, known: Watched, ffmpegPath: string, segments: readonly string[]): Promise<void> {
    const { file, argv } = sampleCommand({ ffmpegPath, segments });
    const ran = await ports.process.run(file, argv, { timeoutMs });
    const found = ran.timedOut ? undefined : readSample(ran.stdout, ran.stderr);
    const plan = unit.plan();
    // Stopped meanwhile: what was seen belongs to a job that is no more.
    if (found === undefined || plan === undefined || unit.process.lifecycle().phase !== 'running') return;
    const expects = { video: plan.video !== 'none', audio: plan.audio !== 'none' };
    for (const change of known.watch.take(found, unit.stream().checks, expects, clock.monotonic())) {
      events.record({
        stream: unit.id,
        kind: 'content',
        cause: change.isOver ? 'recovered' : change.kind,
        message: change.message,
        evidence: [
          `${segments.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(', ')}: ${found.frames} key frames, peak ${found.peakDb ?? '-'} dB`,
        ],
        data: { what: change.kind, seconds: change.seconds },
      });
    }
  }

  return {
    tick(units) {
      if (watched.size > units.length) for (const id of watched.keys()) if (!units.some((unit) => unit.id === id)) watched.delete(id);
      const now = clock.monotonic();
      const asked = units.filter(isWorthIt);
      for (const unit of units) {
        const known = watched.get(unit.id);
        if (known !== undefined && (unit.process.lifecycle().order === 'stop' || known.stream !== unit.stream())) {
          watched.delete(unit.id);
          continue;
        }
        // Spread over the interval, or all that start together would be due together for ever.
        if (known === undefined && asked.includes(unit)) {
          const spreadMs = Math.max(shortestMs, asked.length * perStreamMs) * clock.random();
          watched.set(unit.id, { watch: createContentWatch(), stream: unit.stream(), nextAt: now + Math.max(unsettledMs, spreadMs) });
        }
      }
      const ffmpeg = options.ffmpeg();
      if (busy || now < freeAt || ffmpeg === undefined) return;
      let due: { readonly unit: StreamUnit; readonly known: Watched } | undefined;
      for (const unit of asked) {
        const known = watched.get(unit.id);
        if (known !== undefined && known.nextAt <= now && known.nextAt < (due?.known.nextAt ?? Infinity)) due = { unit, known };
      }
      if (due !== undefined) look(due.unit, due.known, ffmpeg.path, asked.length);
    },
    reasons: (id) => watched.get(id)?.watch.reasons(clock.monotonic()) ?? [],
  };
}

function isWorthIt(unit: StreamUnit): boolean {
  const { blackAfterMs, frozenAfterMs, silentAfterMs, missingAfterMs } = unit.stream().checks;
  const isAsked = [blackAfterMs, frozenAfterMs, silentAfterMs, missingAfterMs].some((afterMs) => afterMs !== null);
  return isAsked && unit.process.lifecycle().phase === 'running';
}

/** The second oldest and the newest of the leg that moves: key frames that lie a window apart show whether anything moves. */
function segmentsOf(unit: StreamUnit, directory: string): readonly string[] | undefined {
  const views = (unit.plan()?.legs ?? []).map((leg) => unit.legs[leg].view());
  const newest = views.toSorted((left, right) => (right.changedAt ?? -Infinity) - (left.changedAt ?? -Infinity))[0];
  const names = (newest?.text === undefined ? undefined : parseMediaPlaylist(newest.text))?.segments.map(({ uri }) => uri) ?? [];
  if (names.length < leastSegments || names.some((name) => !/^[\w-]+\.ts$/.test(name))) return undefined;
  return [names[1], names.at(-1)].flatMap((name) => (name === undefined ? [] : `${directory}/${name}`));
}
