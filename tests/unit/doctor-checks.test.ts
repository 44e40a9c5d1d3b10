// The checks of the doctor as a whole: what is said about them is true, and docs/doctor.md is current.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { AppError } from '../../src/core/errors.ts';
import { doctorChecks } from '../../src/diagnose/doctor-checks.ts';
import { selectChecks } from '../../src/diagnose/doctor.ts';
import { doctorDocs } from '../tools/doctor-docs.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'src/diagnose');
const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');
/** What the checks of `iptv up` and the runner say, and no check of the doctor. */
const others =
  /^(?:ok|skipped|not-here|cannot-tell|check-.*|hls-(?:not-a-folder|not-writable|read-only|full|unusable|nearly-full|mode|sticky)|config-readable|no-such-check|fix-failed)$/;

describe('the checks of the doctor', () => {
  it('are each broken by a test, in every way that they can find', () => {
    const tests = [join(root, 'tests'), join(root, 'src')].flatMap((place) =>
      readdirSync(place, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => readFileSync(join(place, name), 'utf8')),
    );
    const all = tests.join('\n');
    const isTested = (id: string, code: string): boolean => all.includes(`${id}/${code}`) || new RegExp(`['" ]${code}['" ]`).test(all);
    const codes = doctorChecks.flatMap(({ id, finds }) => Object.keys(finds).map((code) => [id, code] as const));
    expect(codes.filter(([id, code]) => !isTested(id, code)).map((words) => words.join('/'))).toEqual([]);
  });

  it('are all of the seed, and more', () => {
    const seed = ['logs', 'files', 'endpoint', 'write', 'volume', 'permissions', 'stat', 'mime', 'm3u8', 'config', 'cors'];
    const more = [
      'paths',
      'ffmpeg',
      'nginx',
      'docker',
      'ports',
      'disk',
      'clock',
      'sources',
      'streams',
      'supervisor',
      'security',
      'e2e',
      'edge',
    ];
    const ids = doctorChecks.map(({ id }) => id);
    expect([...ids].sort()).toEqual([...seed, ...more].sort());
  });

  it('say every code that they can find, and no other', () => {
    const said = new Set(doctorChecks.flatMap(({ finds }) => Object.keys(finds)));
    const written = [...source.matchAll(/\bcode: '([a-z0-9-]+)'/g)].map(([, code = '']) => code);
    expect(written.filter((code) => !said.has(code) && !others.test(code))).toEqual([]);
    expect([...said].filter((code) => source.split(`'${code}'`).length < 3 && !/^(?:other-version|socket-forbidden)$/.test(code))).toEqual(
      [],
    );
  });

  it('say as next what can be pasted into a shell', () => {
    const programs =
      /^(?:iptv|curl|chmod|df|du|mount|findmnt|ls|getent|docker|sudo|timedatectl|ausearch|ps|ss|kill|cat)(?: |$)|^\$\{(?:path|nginx)\} -/;
    const said = [...source.matchAll(/\bnext: (?:\w+ \? )?(?:'([^']*)'|`([^`]*)`)/g)].map(([, plain, template]) => plain ?? template ?? '');
    expect(said.length).toBeGreaterThan(60);
    expect(said.filter((command) => !programs.test(command))).toEqual([]);
  });

  it('depend on checks and name causes that there are', () => {
    const known = new Set(doctorChecks.flatMap(({ id, finds }) => [id, ...Object.keys(finds).map((code) => `${id}/${code}`)]));
    expect(doctorChecks.flatMap(({ dependsOn }) => dependsOn.filter((id) => !known.has(id)))).toEqual([]);
    const causes = [...source.matchAll(/'([a-z0-9]+\/[a-z-]+)'/g)].map(([, cause = '']) => cause);
    expect(causes.filter((cause) => doctorChecks.some(({ id }) => cause.startsWith(`${id}/`)) && !known.has(cause))).toEqual([]);
  });

  it('are described in docs/doctor.md as they are', () => {
    expect(readFileSync(join(root, 'docs/doctor.md'), 'utf8')).toBe(doctorDocs(doctorChecks));
  });
});

describe('selectChecks', () => {
  it('takes what is not on demand, or what was named with what it needs', () => {
    expect(selectChecks([], []).checks.some(({ id }) => id === 'e2e')).toBe(false);
    expect(selectChecks(['mime'], []).checks.map(({ id }) => id)).toEqual(['nginx', 'mime']);
    expect(selectChecks(['e2e'], ['nginx']).checks.map(({ id }) => id)).toEqual(['e2e']);
    expect([...selectChecks(['mime'], []).asked]).toEqual(['mime']);
    expect(selectChecks([], ['docker', 'logs']).checks.some(({ id }) => id === 'logs' || id === 'docker')).toBe(false);
  });

  it('takes everything, and looks at it closely, when everything is asked for', () => {
    const { checks, asked } = selectChecks([], ['docker'], true);
    expect(checks.map(({ id }) => id)).toEqual(doctorChecks.map(({ id }) => id).filter((id) => id !== 'docker'));
    expect(['e2e', 'streams', 'security'].map((id) => asked.has(id))).toEqual([true, true, false]);
  });

  it('knows what was meant', () => {
    expect(() => selectChecks(['permission'], [])).toThrow('no check "permission"; did you mean "permissions"?');
    expect(() => selectChecks([], ['lgos'])).toThrow(AppError);
  });
});
