// The command line of the benchmark.

import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const partNames = ['cli', 'start', 'supervisor', 'doctor', 'metrics', 'rolling', 'top', 'ondemand', 'edge', 'ladder'] as const;
export type PartName = (typeof partNames)[number];

export interface BenchOptions {
  readonly parts: readonly PartName[];
  /** Fewer rounds and shorter windows: to see that it works, not to quote. */
  readonly quick: boolean;
  readonly jsonPath: string;
  /** Against pm2, supervisord, a shell loop and plain ffmpeg, instead of the parts. */
  readonly peers: boolean;
}

export const helpText = `Measures what iptv costs, as ratios to its rivals in the same run.

  npm run bench                            all parts, a quarter of an hour
  npm run bench -- doctor                  one part or some: ${partNames.join(', ')}
  npm run bench -- --only cli,start        the same
  npm run bench -- --quick                 fewer rounds; of the peers without 50 channels
  npm run bench -- --peers                 the same work by pm2, supervisord, a shell loop and plain ffmpeg, side by side
  npm run bench -- --json figures.json     where the JSON goes (default dist/bench.json, or dist/bench-peers.json)

--peers installs pm2 with npm into a scratch folder, and leaves out who is not there.

The exit code says whether it could measure, not whether the aims were met.
`;

/** 'help' when that is asked for; throws when the words make no sense. */
export function readOptions(argv: readonly string[], root: string): BenchOptions | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      only: { type: 'string', default: partNames.join(',') },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      peers: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const wanted = positionals.length > 0 ? positionals : values.only.split(',').map((word) => word.trim());
  const unknown = wanted.find((word) => !isPartName(word));
  if (unknown !== undefined) throw new Error(`no part ${unknown}: it can be ${partNames.join(', ')}`);
  const { quick, peers } = values;
  const jsonPath = values.json ?? join(root, 'dist', peers ? 'bench-peers.json' : 'bench.json');
  return { parts: partNames.filter((name) => wanted.includes(name)), quick, jsonPath, peers };
}

function isPartName(word: string): word is PartName {
  return (partNames as readonly string[]).includes(word);
}
