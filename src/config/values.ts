// Durations, byte sizes and picture sizes: each one is read from text and printed back exactly.

const durationPattern = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** `1h30m`, `2m`, `5s`, `500ms`, or a plain number of seconds; answers whole milliseconds. */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number') return wholeNumber(value * 1000);
  if (/^\d+(?:\.\d+)?$/.test(value)) return wholeNumber(Number(value) * 1000);
  const match = durationPattern.exec(value);
  if (match === null || value === '') return undefined;
  const [, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = match;
  return wholeNumber(Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(milliseconds));
}

export function formatDuration(milliseconds: number): string {
  const parts = [
    [Math.floor(milliseconds / 3_600_000), 'h'],
    [Math.floor(milliseconds / 60_000) % 60, 'm'],
    [Math.floor(milliseconds / 1000) % 60, 's'],
    [milliseconds % 1000, 'ms'],
  ] as const;
  const text = parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
  return text === '' ? '0s' : text;
}

/** Decimal units first: ffmpeg and disk makers count in powers of 1000, `Ki` and its kin in powers of 1024. */
const byteUnits: readonly (readonly [string, number])[] = [
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
  ['Gi', 1024 ** 3],
  ['Mi', 1024 ** 2],
  ['Ki', 1024],
];

/** `5M`, `8MB`, `64Ki`, or a plain number of bytes. */
export function parseByteSize(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? wholeNumber(value) : undefined;
  const match = /^(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi)?B?$/i.exec(value);
  if (match === null) return undefined;
  const unit = byteUnits.find(([name]) => name.toLowerCase() === match[2]?.toLowerCase());
  return wholeNumber(Number(match[1]) * (unit?.[1] ?? 1));
}

export function formatByteSize(bytes: number): string {
  const unit = byteUnits.find(([, factor]) => bytes > 0 && bytes % factor === 0);
  return unit === undefined ? `${bytes}` : `${bytes / unit[1]}${unit[0]}`;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** `1280x720`. Sides are even because 4:2:0 colour halves both. */
export function parsePictureSize(value: string): PictureSize | undefined {
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(value);
  if (match === null) return undefined;
  const size = { width: Number(match[1]), height: Number(match[2]) };
  return [size.width, size.height].every((side) => side >= 16 && side % 2 === 0) ? size : undefined;
}

export function formatPictureSize(size: PictureSize): string {
  return `${size.width}x${size.height}`;
}

function wholeNumber(value: number): number | undefined {
  const rounded = Math.round(value);
  return Number.isSafeInteger(rounded) && rounded >= 0 ? rounded : undefined;
}
