// Test projects: unit runs in parallel; the others start real processes and take turns.

import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { CaseReporter } from './tools/case-report.ts';

const minuteMs = 60_000;
const root = join(import.meta.dirname, '..');

/** Files of real processes at once: see tests/tools/test.ts. */
const atOnce = Number(process.env['TEST_WORKERS'] ?? '1');

/** Set by tests/tools/test.ts, which tells at the very end what failed. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  root,
  test: {
    ...(report === undefined ? {} : { reporters: ['default', new CaseReporter(report, root)] }),
    setupFiles: ['tests/tools/property-seed.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts', 'tests/unit/**/*.test.ts'], testTimeout: 2 * minuteMs } },
      serial('integration', 8 * minuteMs),
      serial('e2e', 8 * minuteMs),
      serial('docker', 10 * minuteMs),
    ],
  },
});

/**
 * Files one after another unless told otherwise: they share the processors and the machine's process table. A case that fails is
 * tried once more, and both tries are shown: real processes on a crowded machine are sometimes slower than any limit that still
 * finds a hang. What a case waits for has limits of its own that name it; all of them together fit into the case's.
 */
function serial(name: string, timeoutMs: number) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      retry: 1,
      fileParallelism: atOnce > 1,
      maxWorkers: atOnce,
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      teardownTimeout: minuteMs,
    },
  };
}
