// What `npm run chaos -- ...` understands.

import { parseArgs } from 'node:util';

export const helpText = `npm run chaos -- [options]: breaks a running stack in every way we know and measures what a viewer sees.

  npm run chaos                          every fault, then the figures
  npm run chaos -- --only 1,15,32b       some faults
  npm run chaos -- --list                what there is
  npm run chaos -- --figures             the figures alone
  npm run chaos -- --random 100          a soak of random faults on one stack
  npm run chaos -- --random 100 --seed 7 the same one again

  --json <file>   where the results go (default: chaos.json in the working folder)
  --table <file>  also as a Markdown table

Needs ffmpeg, nginx with its rtmp module and Chromium. Faults that need root or Docker are skipped without them.
`;

export interface ChaosOptions {
  readonly only: readonly string[] | undefined;
  readonly list: boolean;
  readonly figures: boolean;
  readonly random: number | undefined;
  readonly seed: number;
  readonly jsonPath: string;
  readonly tablePath: string | undefined;
}

/** Throws on what it does not understand. */
export function readOptions(argv: readonly string[]): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h' },
      only: { type: 'string' },
      list: { type: 'boolean' },
      figures: { type: 'boolean' },
      random: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'string' },
      table: { type: 'string' },
    },
  });
  if (values.help === true) return 'help';
  return {
    only: values.only?.split(',').map((id) => id.trim()),
    list: values.list ?? false,
    figures: values.figures ?? false,
    random: values.random === undefined ? undefined : count(values.random, '--random'),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : count(values.seed, '--seed'),
    jsonPath: values.json ?? 'chaos.json',
    tablePath: values.table,
  };
}

function count(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} wants a whole number, not ${JSON.stringify(text)}`);
  return value;
}
