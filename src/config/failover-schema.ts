// Keys of streams.yaml about sources that fail: when to switch, whose connections count, where an address comes from.

import { z } from 'zod';
import { accept, describeValue, refuse } from './checked.ts';
import { headersSchema } from './headers.ts';
import { choice, duration, integer, leaf, text, textOf, type ValueType } from './value-types.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const delay = (what: string, minMs: number, maxMs: number) => leaf(duration({ minMs, maxMs }), what).optional();

const goodFor = duration({ minMs: second, maxMs: 24 * hour });

/** A duration, or `off`; answers milliseconds or `off`. */
const failBack: ValueType<number | 'off'> = {
  json: { type: ['string', 'number'], pattern: '^(?:off|(?:\\d+(?:\\.\\d+)?(?:h|m|s|ms)?)+)$' },
  check(value) {
    // YAML 1.1 writers mean this by `off`.
    if (value === 'off' || value === false) return accept('off');
    const checked = goodFor.check(value);
    if (checked.ok || checked.problem.message.startsWith('must be')) return checked;
    return refuse('expected off, or how long a better source must be good, such as 2m', { found: describeValue(value) });
  },
};

export const failoverSchema = z.strictObject({
  retries: leaf(
    integer('a number of retries', { min: 0, max: 20 }),
    'Retries of a source that had delivered, within the window, before it gives way. Default 1.',
  ).optional(),
  window: delay('Window in which retries are counted. Default 60s.', second, hour),
  cooldown: delay('First rest of a source that gave way; grows by cause and repetition. Default 30s.', second, hour),
  pause: delay('Between the end of one source and the start of another. Default 1s.', 0, minute),
  failBack: leaf(failBack, 'Go back to a better source when it has been good for this long; off: never by itself. Default 2m.').optional(),
  startGrace: delay(
    'A source must deliver its first segment within this time. Default 45s, with several sources 20s.',
    2 * second,
    10 * minute,
  ),
});

const host = textOf({
  what: 'a host name',
  maxLength: 253,
  check: (name) =>
    /^(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$|^\[[0-9A-Fa-f:.]+\]$/.test(name)
      ? accept(name.toLowerCase())
      : refuse('expected a host name such as tv.example.com or *.example.com, without scheme, port and path'),
});

const provider = z.strictObject({
  maxConnections: leaf(
    integer('a number of connections', { min: 1, max: 10_000 }),
    'Connections it allows at once: jobs, probes and switches share them. Default: counted, not limited.',
  ).optional(),
  releaseDelay: delay('A closed connection counts for this long. Default 3s.', 0, 5 * minute),
  hosts: z.array(leaf(host, 'A host name, or *.example.com.')).optional().describe('Sources at these hosts belong to it.'),
  headers: headersSchema.optional(),
  userAgent: leaf(text('a user agent', 500), 'User-Agent header for its http and rtsp sources.').optional(),
});

export const providersSchema = z
  .record(z.string(), provider)
  .describe('Providers by name: how many connections they allow, and which sources belong to them.');

export const resolveSchema = z.strictObject({
  command: z
    .array(leaf(text('a word of the command', 4000), 'A word.'))
    .min(1)
    .optional()
    .describe('Program and arguments, run without a shell; prints the address, or JSON with url, headers, ttl.'),
  url: leaf(
    textOf({
      what: 'an http URL',
      maxLength: 4000,
      check: (address) =>
        /^https?:\/\/\S+$/i.test(address) && URL.canParse(address) ? accept(address) : refuse('expected an http or https URL'),
    }),
    'Asked with GET; answers the address, or JSON with url, headers, ttl.',
  ).optional(),
  field: leaf(
    textOf({
      what: 'the path of a field',
      json: { pattern: '^[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*$' },
      check: (path) =>
        /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(path) ? accept(path) : refuse('expected names with dots between, such as data.url'),
    }),
    'Where the address stands in a JSON answer, such as data.url.',
  ).optional(),
  headers: headersSchema.optional(),
  ttl: delay('How long an address holds when the answer does not say so. Default: until it is refused.', 10 * second, 7 * 24 * hour),
  timeout: delay('An answer must come within this time. Default 10s.', second, 25 * second),
  renew: leaf(choice(['off', 'restart']), 'restart: start anew with a new address at 80 % of its time. Default off.').optional(),
});

export const providerName = leaf(text('the name of a provider', 64), 'Provider whose connections this source uses.');
