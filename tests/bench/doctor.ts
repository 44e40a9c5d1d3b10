// How long the whole doctor takes on a healthy local stack with twenty streams, and that it finds nothing wrong with it.

import { askDoctor, type DoctorReport } from '../helpers/doctor.ts';
import type { TestStack } from '../helpers/stack.ts';
import type { Figure, PartReport } from './figure.ts';
import { median, round } from './numbers.ts';
import { entry, iptv, makeSource, withStack, type Session } from './session.ts';

const streamCount = 20;
const aimSeconds = 1.5;

export async function measureDoctor(session: Session): Promise<PartReport> {
  const source = makeSource(session, { name: 'doctor', size: '160x90', fps: 10, seconds: 60, videoBitrate: '48k', audioBitrate: '32k' });
  const ids = Array.from({ length: streamCount }, (_, at) => `channel${at}`);
  return withStack(session, { streams: ids.map((id) => entry(id, source)).join('\n') }, async (stack) => {
    await iptv(session, stack, 'start', '--all', '--wait');
    const samples = await run(session, stack);
    const alarms = samples.reduce((sum, { alarmed }) => sum + alarmed, 0);
    const seconds = round(median(samples.map(({ wallMs }) => wallMs)) / 1000, 2);
    const inside = round(median(samples.map(({ tookMs }) => tookMs)) / 1000, 2);
    const figures: readonly Figure[] = [
      {
        part: 'doctor',
        name: `whole doctor, ${streamCount} streams`,
        value: seconds,
        unit: 's',
        aim: aimSeconds,
        detail: `${inside} s without the start of the program, ${samples.length} runs`,
      },
      { part: 'doctor', name: 'problems found where there are none', value: alarms, unit: 'of all runs', aim: 0 },
    ];
    return { figures, samples };
  });
}

async function run(
  session: Session,
  stack: TestStack,
): Promise<readonly { wallMs: number; tookMs: number; alarmed: number; checks: unknown }[]> {
  const samples = [];
  for (let at = -1; at < (session.quick ? 3 : 11); at += 1) {
    await session.sleep(500);
    const begun = performance.now();
    const report = await askDoctor(stack.iptv);
    const wallMs = performance.now() - begun;
    // The first one fills caches: ffmpeg's answers, pages of programs.
    if (at >= 0) samples.push({ wallMs, tookMs: report.tookMs, alarmed: report.rootCauses.length > 0 ? 1 : 0, checks: times(report) });
  }
  return samples;
}

function times(report: DoctorReport): unknown {
  return report.checks.map(({ id, status }) => [id, status]);
}
