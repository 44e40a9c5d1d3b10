// Keys of streams.yaml about starting a stream with its first viewer.

import { z } from 'zod';
import { accept, describeValue, refuse } from './checked.ts';
import { cronExpression, timeZone } from './schedule.ts';
import { choice, duration, integer, leaf } from './value-types.ts';

const second = 1000;
const hour = 3600 * second;

const prewarm = z.strictObject({
  cron: leaf(cronExpression(), 'When it begins: five fields of crontab(5), or @daily and its kin.'),
  for: leaf(
    duration({ minMs: 60 * second, maxMs: 7 * 24 * hour }),
    'How long it runs from then on without a viewer.',
    'is missing: how long',
  ),
  timezone: leaf(timeZone(), "Time zone of the expression. Default: the system's.").optional(),
});

const keepWarm = z.union([
  leaf(
    {
      json: { const: 'off' },
      // YAML 1.1 writers mean this by `off`.
      check: (value) =>
        value === 'off' || value === false
          ? accept('off' as const)
          : refuse('expected off, or viewers and for, such as { viewers: 3, for: 30m }', { found: describeValue(value) }),
    },
    'off: only its viewers keep it up. Default.',
  ),
  z.strictObject({
    viewers: leaf(integer('a number of viewers', { min: 1, max: 100_000 }), 'Watching at the same time. Default 3.').optional(),
    for: leaf(duration({ minMs: 60 * second, maxMs: 7 * 24 * hour }), 'After the last viewer. Default 30m.').optional(),
  }),
]);

/** For one stream and under `defaults`. */
export const onDemandKeys = {
  start: leaf(
    choice(['always', 'ondemand']),
    'ondemand: its job starts with the first viewer and ends when nobody watches. Default always.',
  ).optional(),
  idleAfter: leaf(
    duration({ minMs: 10 * second, maxMs: 24 * hour }),
    'On demand: nobody watched for this long ends the job. Default 60s.',
  ).optional(),
  firstWait: leaf(
    duration({ minMs: second, maxMs: 60 * second }),
    'On demand: the first viewers wait so long for a picture before they see the slate. Default 7s.',
  ).optional(),
  prewarm: z.array(prewarm).optional().describe('On demand: hours in which it runs without a viewer.'),
  keepWarm: keepWarm
    .optional()
    .describe('On demand: what was popular stays up for a while, as long as its provider has a connection to spare.'),
};
