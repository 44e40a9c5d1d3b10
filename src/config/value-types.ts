// The kinds of single values in streams.yaml: how each is checked, and how editors see it (JSON Schema).

import { z } from 'zod';
import { accept, describeValue, refuse } from './checked.ts';
import type { Checked } from './checked.ts';
import { nearestWord } from './suggest.ts';
import { formatDuration, parseDuration } from './values.ts';

export interface ValueType<T> {
  check(value: unknown): Checked<T>;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Turns a value type into a leaf of the zod schema; the problem travels in the issue's `params`. */
export function leaf<T>(type: ValueType<T>, description: string, missing = 'is missing') {
  return z
    .unknown()
    .transform((input, context): T => {
      const checked = input === undefined ? refuse(missing) : type.check(input);
      if (checked.ok) return checked.value;
      context.issues.push({ code: 'custom', message: checked.problem.message, input, params: { problem: checked.problem } });
      return z.NEVER;
    })
    .meta({ ...type.json, description });
}

/** C0 and C1 controls and DEL: they could end a header line, a log line or an argument's meaning. */
export function hasControlCharacters(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- finding them is the purpose
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);
}

interface TextRules<T> {
  readonly what: string;
  readonly maxLength?: number;
  readonly json?: Readonly<Record<string, unknown>>;
  readonly check?: (text: string) => Checked<T>;
}

export function textOf<T>(rules: TextRules<T> & Required<Pick<TextRules<T>, 'check'>>): ValueType<T> {
  const maxLength = rules.maxLength ?? 200;
  return {
    json: { type: 'string', ...rules.json },
    check: (value) => {
      if (typeof value === 'number' || typeof value === 'boolean') {
        return refuse(`expected ${rules.what}, got ${describeValue(value)}: put it in quotes`);
      }
      if (typeof value !== 'string') return refuse(`expected ${rules.what}`, { found: describeValue(value) });
      if (value === '') return refuse(`expected ${rules.what}, got an empty text`);
      if (hasControlCharacters(value)) return refuse('must be one line without control characters');
      if (value.length > maxLength) return refuse(`is too long: ${value.length} characters, at most ${maxLength} are allowed`);
      return rules.check(value);
    },
  };
}

export function text(what: string, maxLength = 200): ValueType<string> {
  return textOf({ what, maxLength, check: accept });
}

/** Text with digits counts as a number, so that `${PORT}` works. */
export function integer(what: string, range: { readonly min: number; readonly max: number }): ValueType<number> {
  const expected = `expected ${what}, a whole number from ${range.min} to ${range.max}`;
  return {
    json: { type: 'integer', minimum: range.min, maximum: range.max },
    check: (value) => {
      const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isInteger(number) || number < range.min || number > range.max) {
        return refuse(expected, { found: describeValue(value) });
      }
      return accept(number);
    },
  };
}

/** `80` or `80%`. */
export function percentage(): ValueType<number> {
  return {
    json: { type: ['integer', 'string'], minimum: 1, maximum: 99, pattern: '^[1-9]\\d?%?$' },
    check: (value) => {
      const digits = typeof value === 'string' ? /^(\d{1,3})\s*%?$/.exec(value)?.[1] : undefined;
      const number = digits === undefined ? value : Number(digits);
      if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 99) {
        return refuse('expected a percentage from 1 to 99', { found: describeValue(value) });
      }
      return accept(number);
    },
  };
}

export function flag(): ValueType<boolean> {
  return {
    json: { type: 'boolean' },
    check: (value) => {
      if (value === true || value === 'true') return accept(true);
      if (value === false || value === 'false') return accept(false);
      // YAML 1.2 reads these old spellings as text.
      const word = typeof value === 'string' ? value.toLowerCase() : '';
      const meant = ['yes', 'on'].includes(word) ? 'true' : ['no', 'off'].includes(word) ? 'false' : nearestWord(word, ['true', 'false']);
      return refuse('expected true or false', { found: describeValue(value), suggestion: meant });
    },
  };
}

export function choice<const T extends string>(words: readonly T[]): ValueType<T> {
  return {
    json: { type: 'string', enum: words },
    check: (value) => {
      const found = words.find((word) => word === value);
      if (found !== undefined) return accept(found);
      const suggestion = typeof value === 'string' ? nearestWord(value, words) : undefined;
      return refuse(`expected one of ${words.join(', ')}`, { found: describeValue(value), suggestion });
    },
  };
}

interface DurationRules {
  readonly minMs: number;
  readonly maxMs: number;
  readonly wholeSeconds?: boolean;
}

/** Answers milliseconds. */
export function duration(rules: DurationRules): ValueType<number> {
  return {
    json: { type: ['string', 'number'], pattern: '^(?:\\d+(?:\\.\\d+)?(?:h|m|s|ms)?)+$' },
    check: (value) => {
      const found = describeValue(value);
      const milliseconds = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined;
      if (milliseconds === undefined) return refuse('expected a duration such as 5s, 500ms, 2m or 1h', { found });
      if (milliseconds < rules.minMs || milliseconds > rules.maxMs) {
        return refuse(`must be between ${formatDuration(rules.minMs)} and ${formatDuration(rules.maxMs)}`, { found });
      }
      if (rules.wholeSeconds === true && milliseconds % 1000 !== 0) return refuse('must be whole seconds', { found });
      return accept(milliseconds);
    },
  };
}
