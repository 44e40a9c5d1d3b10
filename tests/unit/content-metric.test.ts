// From a black picture to a line of /metrics: the checker, the record that counts, the registry.

import { expect, it } from 'vitest';

import { createCountingSink } from '../../src/metrics/event-counts.ts';
import { createMetricsRegistry } from '../../src/metrics/registry.ts';
import { createContentChecker } from '../../src/run/content-checks.ts';
import { snapshotOf } from '../fakes/metrics-snapshot.ts';
import { both, playing } from '../fakes/house.ts';
import { endpoints, ffmpeg5 } from '../helpers/plans.ts';

const streams = 'Input #0\n  Stream #0:0: Video: h264\n  Stream #0:1: Audio: aac\nOutput #0\n';
const black = { stdout: 'lavfi.signalstats.YAVG=16\nlavfi.signalstats.YHIGH=17\n', stderr: `${streams}max_volume: -20.0 dB\n` };
const bright = { stdout: 'lavfi.signalstats.YAVG=90\nlavfi.signalstats.YHIGH=200\n', stderr: `${streams}max_volume: -20.0 dB\n` };

it('a black picture is counted as a finding, and so is its end', async () => {
  const house = await playing('news');
  const sink = createCountingSink({ record: () => undefined });
  let shown = black;
  const process = { ...house.processes, run: async () => ({ exitCode: 0, timedOut: false, missing: false, ...shown }) };
  const checker = createContentChecker({
    ports: { clock: house.clock, process },
    endpoints,
    events: sink,
    ffmpeg: () => ffmpeg5,
  });
  const watch = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await house.play(1, ...both('news'));
      checker.tick(house.supervisor.units());
    }
  };
  const lines = async (): Promise<readonly string[]> => {
    const { text } = await createMetricsRegistry().expose({ ...snapshotOf(), counts: sink.counts }, '');
    return text.split('\n').filter((line) => line.startsWith('iptv_stream_content_findings_total{'));
  };
  await watch(120);
  expect(await lines()).toEqual(['iptv_stream_content_findings_total{stream="news",group="tv",cause="black"} 1']);
  shown = bright;
  await watch(90);
  expect(await lines()).toContain('iptv_stream_content_findings_total{stream="news",group="tv",cause="recovered"} 1');
});
