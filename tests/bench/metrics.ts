// What a scrape costs, and how long the logs of a large house take to show.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createMetricsRegistry } from '../../src/metrics/registry.ts';
import { statusOf } from '../fakes/command-context.ts';
import { snapshotOf } from '../fakes/metrics-snapshot.ts';
import type { PartReport } from './figure.ts';
import { median, round } from './numbers.ts';

const streams = 200;
const program = join(import.meta.dirname, '../../bin/iptv.js');

export async function measureMetrics(): Promise<PartReport> {
  const scrapes = await measureScrapes();
  const logs = measureLogs();
  return {
    figures: [
      {
        part: 'metrics',
        name: `a scrape with ${streams} streams`,
        value: median(scrapes.wallMs),
        unit: 'ms',
        aim: 50,
        detail: `${round(median(scrapes.cpuMs), 1)} ms of it at work`,
      },
      { part: 'metrics', name: `iptv logs -n 100 over ${streams} logs of 10 MB`, value: median(logs), unit: 'ms' },
    ],
    samples: { scrapes, logs },
  };
}

async function measureScrapes(): Promise<{ readonly wallMs: readonly number[]; readonly cpuMs: readonly number[] }> {
  const verdict = { name: 'healthy', layer: null, reason: '', evidence: [], since: '2026-01-01T12:00:00.000Z' } as const;
  const snapshot = snapshotOf(Array.from({ length: streams }, (_, index) => ({ ...statusOf(`ch${index}`), group: 'tv', verdict })));
  const registry = createMetricsRegistry();
  const wallMs: number[] = [];
  const cpuMs: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    const begun = { at: performance.now(), cpu: process.cpuUsage() };
    await registry.expose(snapshot, '');
    wallMs.push(performance.now() - begun.at);
    const { user, system } = process.cpuUsage(begun.cpu);
    cpuMs.push((user + system) / 1000);
  }
  return { wallMs, cpuMs };
}

function measureLogs(): readonly number[] {
  const directory = mkdtempSync(join(tmpdir(), 'iptv-bench-logs-'));
  try {
    const logs = join(directory, 'logs');
    mkdirSync(logs);
    const lines = Array.from({ length: 80_000 }, (_, index) => {
      const time = new Date(Date.UTC(2026, 0, 1) + index * 500).toISOString();
      return `${time} info [hls @ 0x55aa] line ${index} says something of the usual length, which is about a hundred bytes\n`;
    });
    const text = lines.join('');
    for (let index = 0; index < streams; index += 1) writeFileSync(join(logs, `ch${index}.log`), text);
    const env = { ...process.env, IPTV_STATE_DIR: directory, IPTV_RUNTIME: 'local' };
    return Array.from({ length: 5 }, () => {
      const begun = performance.now();
      spawnSync(process.execPath, [program, 'logs', '-n', '100'], { env });
      return performance.now() - begun;
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
