// Keys of streams.yaml about watching: what picture and sound must not show for how long, and who is told of trouble.

import { z } from 'zod';
import { eventKinds, type EventKind } from '../core/events.ts';
import { calmVerdicts, verdictNames } from '../core/verdict.ts';
import { accept, describeValue, refuse } from './checked.ts';
import { headersSchema } from './headers.ts';
import { choice, duration, leaf, text, textOf, type ValueType } from './value-types.ts';

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

const alarming = verdictNames.filter((name) => !calmVerdicts.has(name));
/** A hook on hooks would tell of itself for ever; verdicts are named one by one. */
const telling = eventKinds.filter((kind): kind is Exclude<EventKind, 'hook' | 'verdict'> => kind !== 'hook' && kind !== 'verdict');

const webhook = textOf({
  what: 'an http URL',
  maxLength: 4000,
  check: (url) => (/^https?:\/\/\S+$/i.test(url) && URL.canParse(url) ? accept(url) : refuse('expected an http or https URL')),
});

const hookName = textOf({
  what: 'a name',
  maxLength: 64,
  json: { pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$' },
  check: (name) => (/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name) ? accept(name) : refuse('a name may hold only letters, digits, - and _')),
});

const hook = z.strictObject({
  name: leaf(hookName, 'Name in events and for "iptv hooks test". Default hook-1, hook-2 ...').optional(),
  on: z
    .array(leaf(choice(['any', ...alarming, ...telling]), 'any: every verdict that is worth an alarm; or a verdict, or a kind of event.'))
    .min(1)
    .optional()
    .describe('What is told. Default [any].'),
  url: leaf(webhook, 'Gets a POST with JSON (docs/hooks.md).').optional(),
  headers: headersSchema.optional(),
  command: z
    .array(leaf(text('a word of the command', 4000), 'A word.'))
    .min(1)
    .optional()
    .describe('Program and arguments, run without a shell; the message comes as JSON on stdin and as IPTV_... variables.'),
  for: leaf(duration({ minMs: 0, maxMs: hour }), 'A verdict must last for so long before anybody is told. Default 30s.').optional(),
  minInterval: leaf(duration({ minMs: 0, maxMs: 24 * hour }), 'Between two alarms about one stream. Default 5m.').optional(),
  tags: z
    .array(leaf(text('a tag', 32), 'A tag.'))
    .min(1)
    .optional()
    .describe('Only streams with one of these tags.'),
});

export const hooksSchema = z.array(hook).describe('Who is told of trouble, and that it is over.');
