// What a scrape costs, and how long the logs of a large house take to show.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { supervisorFlags } from '../../src/supervisor-process.ts';
import type { PartReport } from './figure.ts';
import { median, round } from './numbers.ts';
import type { Scrapes } from './scrapes.ts';

const streams = 200;
const scrapes = join(import.meta.dirname, 'scrapes.ts');
const program = join(import.meta.dirname, '../../bin/iptv.js');

export async function measureMetrics(): Promise<PartReport> {
  const { wallMs, cpuMs } = measureScrapes();
  const logs = measureLogs();
  return {
    figures: [
      {
        part: 'metrics',
        name: `a scrape with ${streams} streams`,
        value: median(wallMs),
        unit: 'ms',
        aim: 50,
        detail: `${round(median(cpuMs), 1)} ms of it at work`,
      },
      { part: 'metrics', name: `iptv logs -n 100 over ${streams} logs of 10 MB`, value: median(logs), unit: 'ms' },
    ],
    samples: { scrapes: { wallMs, cpuMs }, logs },
  };
}

/** With the supervisor's flags, which make JavaScript slower. */
function measureScrapes(): Scrapes {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...supervisorFlags, scrapes, String(streams)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the scrapes failed: ${stderr}`);
  return JSON.parse(stdout) as Scrapes;
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
