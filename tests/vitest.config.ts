// Test projects: unit runs in parallel; the others start real processes and take turns.

import { defineConfig } from 'vitest/config';

const minuteMs = 60_000;

export default defineConfig({
  root: `${import.meta.dirname}/..`,
  test: {
    setupFiles: ['tests/tools/property-seed.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts', 'tests/unit/**/*.test.ts'], testTimeout: minuteMs } },
      serial('integration', minuteMs),
      serial('e2e', 2 * minuteMs),
      serial('docker', 10 * minuteMs),
    ],
  },
});

/**
 * Files one after another: they share ports, processors and the machine's process table. A case that fails is tried once more, and
 * both tries are shown: real processes on a crowded machine are sometimes slower than any limit that still finds a hang.
 */
function serial(name: string, timeoutMs: number) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      retry: 1,
      fileParallelism: false,
      maxWorkers: 1,
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      teardownTimeout: minuteMs,
    },
  };
}
