// The import rules really fire: every folder is tried with every import, and exactly the allowed ones pass.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Finding {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

const root = join(import.meta.dirname, '../..');

/** The house's rooms and whom each may visit: written out here a second time on purpose. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core', 'yaml', 'zod', 'croner'],
  plan: ['core'],
  run: ['core', 'plan', 'observe', 'playlist', 'croner'],
  observe: ['core', '@rgrove/parse-xml', 'rotating-file-stream'],
  metrics: ['core', '@prometheus-io/client'],
  playlist: ['core'],
  diagnose: ['core', 'config', 'plan', 'observe', 'playlist'],
  control: ['core', 'run', 'observe', 'node:http', 'node:fs', 'node:net'],
  commands: [
    ...['core', 'config', 'plan', 'run', 'observe', 'playlist', 'diagnose', 'control', 'stack', 'ui'],
    ...['commander', '@bomb.sh/tab', '@bomb.sh/tab/commander'],
  ],
  ui: ['core', 'chalk', 'ora', 'string-width'],
  platform: [
    'core',
    'execa',
    'fs-extra',
    'fs-extra/esm',
    'node:http',
    'node:fs',
    'node:fs/promises',
    'node:net',
    'node:child_process',
    'node:path',
  ],
  stack: ['core', 'config', 'control', 'plan'],
};

const folders = Object.keys(allowed);
/** Composition roots tie the folders together; nobody imports them. */
const roots = readdirSync(join(root, 'src')).filter((name) => name.endsWith('.ts'));
const nested = ['commands/logs', 'plan/inputs', 'plan/outputs', 'diagnose/checks', 'diagnose/facts'];
const packages = [
  ...[
    '@bomb.sh/tab',
    '@bomb.sh/tab/commander',
    '@prometheus-io/client',
    '@rgrove/parse-xml',
    'chalk',
    'commander',
    'croner',
    'execa',
    'fs-extra',
    'fs-extra/esm',
    'ora',
    'string-width',
  ],
  ...['yaml', 'zod', 'left-pad', 'fs', 'path', 'child_process', 'fs/promises'],
  ...['node:http', 'node:fs', 'node:fs/promises', 'node:net', 'node:child_process', 'node:path'],
];
const pureFolders = ['core', 'config', 'plan', 'run', 'observe', 'playlist', 'diagnose'];
const impure = [
  'Date.now()',
  'Math.random()',
  'process.exit(1)',
  'process.env',
  'performance.now()',
  'setTimeout(() => 0, 1)',
  "fetch('x')",
];

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iptv-lint-'));
  cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  cpSync(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, lines: readonly string[]): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
  return path;
}

/** Findings of one rule as `file:line`. */
function lint(paths: readonly string[], rule: string, options: readonly string[] = []): ReadonlySet<string> {
  const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['-f', 'json', ...options, ...paths], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Finding[] };
  return new Set(diagnostics.filter((one) => one.code.endsWith(`(${rule})`)).map((one) => `${one.filename}:${one.labels[0]?.span.line}`));
}

describe('import rules per folder', () => {
  const forms = [
    (from: string) => `import '${from}';`,
    (from: string, index: number) => `import type { Thing${index} } from '${from}';`,
    (from: string) => `export * from '${from}';`,
    (from: string) => `await import('${from}');`,
  ];

  it.each([
    ...folders.map((name) => [name, name, '..'] as const),
    ...nested.map((name) => [name, name.split('/')[0] ?? '', '../..'] as const),
  ])('src/%s may import exactly what the table says', (place, owner, up) => {
    const targets = [
      ...folders
        .filter((name) => name !== owner)
        .map((name) => ({ from: `${up}/${name}/thing.ts`, ok: allowed[owner]?.includes(name) === true })),
      ...packages.map((name) => ({ from: name, ok: allowed[owner]?.includes(name) === true })),
      { from: `${up}/main.ts`, ok: false },
      { from: `${up}/supervise.ts`, ok: false },
      { from: `./${up}/main.ts`, ok: false },
      { from: `${up}/../tests/fakes/thing.ts`, ok: false },
      { from: './thing.ts', ok: true },
    ];
    const cases = forms.flatMap((form) => targets.map((target, index) => ({ ...target, line: form(target.from, index) })));
    const path = write(
      `src/${place}/violation.ts`,
      cases.map((one) => one.line),
    );
    const found = lint([path], 'no-restricted-imports');
    const wanted = cases.flatMap((one, index) => (one.ok ? [] : [`${path}:${index + 1}`]));
    expect(wanted.length).toBeGreaterThan(0);
    expect(found).toEqual(new Set(wanted));
  });

  it('covers every folder of src', () => {
    const names = readdirSync(join(root, 'src'), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
    for (const name of names) expect(folders).toContain(name);
  });
});

describe('purity rules', () => {
  it.each(pureFolders)('src/%s has no clock, chance, timers or process', (place) => {
    const path = write(
      `src/${place}/impure.ts`,
      impure.map((expression) => `${expression};`),
    );
    const found = [...lint([path], 'no-restricted-properties'), ...lint([path], 'no-restricted-globals')];
    expect(new Set(found)).toEqual(new Set(impure.map((_, index) => `${path}:${index + 1}`)));
  });

  it.each(['commands', 'control', 'stack', 'ui', 'platform'])('src/%s may not exit the process', (place) => {
    const path = write(`src/${place}/exits.ts`, ['process.exit(1);']);
    expect(lint([path], 'no-restricted-properties')).toEqual(new Set([`${path}:1`]));
  });

  it('allows console in ui and at the roots only', () => {
    const places = [...folders.map((name) => `src/${name}/speaks.ts`), ...roots.map((name) => `src/${name}`)];
    for (const place of places) write(place, ["console.log('x');"]);
    const silent = folders.filter((name) => name !== 'ui').map((name) => `src/${name}/speaks.ts:1`);
    expect(lint(places, 'no-console')).toEqual(new Set(silent));
  });
});

describe('the other rules that carry the design', () => {
  it('finds import cycles', () => {
    const one = write('src/core/one.ts', ["import { two } from './two.ts';", 'export const one = (): number => two();']);
    const two = write('src/core/two.ts', ["import { one } from './one.ts';", 'export const two = (): number => one();']);
    expect(lint([one, two], 'no-cycle').size).toBe(2);
  });

  it('limits files to 300 lines', () => {
    const long = write(
      'src/core/long.ts',
      Array.from({ length: 301 }, (_, index) => `export const a${index} = ${index};`),
    );
    const short = write(
      'src/core/short.ts',
      Array.from({ length: 300 }, (_, index) => `export const a${index} = ${index};`),
    );
    expect([...lint([long, short], 'max-lines')].map((place) => place.split(':')[0])).toEqual([long]);
  });

  it('finds floating and misused promises and missing cases', () => {
    const path = write('src/core/typed.ts', [
      'declare function work(): Promise<void>;',
      'work();',
      'if (work()) work().catch(() => undefined);',
      "export function name(kind: 'a' | 'b'): string {",
      '  switch (kind) {',
      "    case 'a':",
      "      return 'x';",
      '  }',
      "  return 'y';",
      '}',
    ]);
    expect(lint([path], 'no-floating-promises', ['--type-aware'])).toEqual(new Set([`${path}:2`]));
    expect(lint([path], 'no-misused-promises', ['--type-aware'])).toEqual(new Set([`${path}:3`]));
    expect(lint([path], 'switch-exhaustiveness-check', ['--type-aware'])).toEqual(new Set([`${path}:5`]));
  });

  it('allows named exports and kebab-case names only', () => {
    const path = write('src/core/BadName.ts', ['export default 1;']);
    expect(lint([path], 'no-default-export').size).toBe(1);
    expect(lint([path], 'filename-case').size).toBe(1);
  });
});
