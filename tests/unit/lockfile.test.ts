// The lock file is complete for every platform and names no registry host.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };

it('names no registry host', () => {
  expect(Object.values(packages).filter((one) => one.resolved !== undefined)).toEqual([]);
});

it('fixes the content of every package', () => {
  const loose = Object.entries(packages).filter(([path, one]) => path !== '' && (one.version === undefined || one.integrity === undefined));
  expect(loose.map(([path]) => path)).toEqual([]);
});

// `npm ci` refuses a lock that lacks them, on every platform.
it('holds the optional packages of platforms other than the one it was written on', () => {
  const missing = Object.entries(packages).flatMap(([path, one]) =>
    Object.keys(one.optionalDependencies ?? {}).filter(
      (name) => packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
    ),
  );
  expect(missing).toEqual([]);
});
