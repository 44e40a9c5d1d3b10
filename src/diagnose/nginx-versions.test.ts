import { expect, it } from 'vitest';

import { installedVersion, judgeNginxVersion } from './nginx-versions.ts';

it.each([
  ['1.22.1', 'good'],
  ['1.26.3', 'good'],
  ['1.18.0', 'good'],
  ['1.29.0 (Ubuntu)', 'good'],
  ['2.0.0', 'good'],
  ['1.17.10', 'old'],
  ['1.10.1', 'old'],
  ['1.9.10', 'old'],
  ['0.8.54', 'old'],
  ['1.9.11', 'bad'],
  ['1.9.12', 'bad'],
  ['1.10.0', 'bad'],
  ['1.10', 'bad'],
  ['', 'unknown'],
  ['unknown', 'unknown'],
])('takes nginx %s for %s', (version, state) => {
  expect(judgeNginxVersion(version).state).toBe(state);
});

it.each([
  ['nginx version: nginx/1.22.1\n', '1.22.1'],
  ['nginx version: nginx/1.24.0 (Ubuntu)\n', '1.24.0'],
  ['nginx version: openresty/1.21.4.1\n', '1.21.4.1'],
  ['sh: 1: nginx: not found\n', undefined],
  ['', undefined],
])('reads %j', (printed, version) => {
  expect(installedVersion(printed)).toBe(version);
});
