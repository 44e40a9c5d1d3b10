// `node scrapes.ts <streams>`, run with the supervisor's flags: what the text of one scrape costs, as JSON.

import { createMetricsRegistry } from '../../src/metrics/registry.ts';
import { statusOf } from '../fakes/command-context.ts';
import { snapshotOf } from '../fakes/metrics-snapshot.ts';

const streams = Number(process.argv[2]);

/** One entry for each scrape. */
export interface Scrapes {
  readonly wallMs: readonly number[];
  readonly cpuMs: readonly number[];
}

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
process.stdout.write(JSON.stringify({ wallMs, cpuMs } satisfies Scrapes));
