import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { metricsPage } from './describe.ts';

it('docs/metrics.md is up to date (else: node tests/tools/write-metrics.ts)', () => {
  expect(readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsPage());
});
