// How a track of a source is named: by its number or its language.

import { accept, describeValue, refuse } from './checked.ts';
import type { ValueType } from './value-types.ts';

/** ISO 639-2 as transport streams carry it; numbers count from 1. */
export const trackChoice = (what: 'sound' | 'track'): ValueType<number | string> => ({
  json: { type: ['integer', 'string'], minimum: 1, maximum: 64, pattern: '^[a-z]{2,3}$' },
  check: (value) => {
    if (typeof value === 'string' && /^[a-z]{2,3}$/.test(value)) return accept(value);
    const number = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 64) return accept(number);
    return refuse(`expected the number of a ${what}, counted from 1, or a language such as deu`, { found: describeValue(value) });
  },
});
