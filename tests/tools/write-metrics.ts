// Writes docs/metrics.md from the metrics in src/metrics: node tests/tools/write-metrics.ts

import { writeFileSync } from 'node:fs';
import { metricsPage } from '../../src/metrics/describe.ts';

writeFileSync(new URL('../../docs/metrics.md', import.meta.url), metricsPage());
