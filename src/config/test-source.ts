// The built-in test picture: `test:` with optional size, frame rate and tone.

import { accept, quote, refuse } from './checked.ts';
import type { Checked } from './checked.ts';
import { nearestWord } from './suggest.ts';
import { formatPictureSize, parsePictureSize } from './values.ts';
import type { PictureSize } from './values.ts';

export interface TestSource {
  readonly size: PictureSize;
  readonly fps: number;
  /** Pitch of the sine in hertz. */
  readonly tone: number;
}

const defaults: TestSource = { size: { width: 640, height: 360 }, fps: 25, tone: 440 };
const names = ['size', 'fps', 'tone'];

export function parseTestSource(text: string): Checked<TestSource> {
  const match = /^test:(?:\?(.*))?$/i.exec(text);
  if (match === null) return refuse('expected test: or test:?size=640x360&fps=25&tone=440');
  let source = defaults;
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(match[1] ?? '')) {
    if (seen.has(name)) return refuse(`gives ${name} twice`);
    seen.add(name);
    if (name === 'size') {
      const size = parsePictureSize(value);
      if (size === undefined) return refuse('size must be even and between 16x16 and 9998x9998, such as 1280x720', { found: quote(value) });
      source = { ...source, size };
    } else if (name === 'fps' || name === 'tone') {
      const range = name === 'fps' ? { min: 1, max: 120 } : { min: 20, max: 20_000 };
      const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
      if (number < range.min || number > range.max) {
        return refuse(`${name} must be a whole number from ${range.min} to ${range.max}`, { found: quote(value) });
      }
      source = { ...source, [name]: number };
    } else {
      return refuse('a test source takes size, fps and tone', { found: quote(name), suggestion: nearestWord(name, names) });
    }
  }
  return accept(source);
}

/** The whole form, every parameter written out. */
export function formatTestSource(source: TestSource): string {
  return `test:?size=${formatPictureSize(source.size)}&fps=${source.fps}&tone=${source.tone}`;
}
