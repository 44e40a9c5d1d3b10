// Keys of streams.yaml about watching: what picture and sound must not show for how long.

import { z } from 'zod';
import { accept, describeValue, refuse } from './checked.ts';
import { choice, duration, leaf, type ValueType } from './value-types.ts';

const second = 1000;
const hour = 3600 * second;
const lasting = duration({ minMs: 10 * second, maxMs: hour });

/** A duration, or `off`; answers milliseconds or `off`. */
const offOrLasting: ValueType<number | 'off'> = {
  json: { type: ['string', 'number'], pattern: '^(?:off|(?:\\d+(?:\\.\\d+)?(?:h|m|s|ms)?)+)$' },
  check(value) {
    // YAML 1.1 writers mean this by `off`.
    if (value === 'off' || value === false) return accept('off');
    const checked = lasting.check(value);
    if (checked.ok || checked.problem.message.startsWith('must be')) return checked;
    return refuse('expected off, or how long it must last, such as 60s', { found: describeValue(value) });
  },
};

const check = (what: string) => leaf(offOrLasting, what).optional();

export const checksSchema = z.union([
  leaf(choice(['on', 'off']), 'off: nobody looks at picture and sound. Default on.'),
  z.strictObject({
    black: check('A black picture that lasts so long counts; off: never. Default 30s.'),
    frozen: check('A picture that stands still; off for radio with a still and for test cards. Default 60s.'),
    silent: check('No sound but silence. Default 60s.'),
    missing: check('No picture, or no sound, where there was one. Default 30s.'),
  }),
]);
