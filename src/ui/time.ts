// Durations, ages and rates in the words a person reads.

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Two units at most: `42s`, `3m 5s`, `2h 10m`, `4d 3h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return `${whole}s`;
  if (whole < hour) return pair(whole, minute, 'm', 1, 's');
  if (whole < day) return pair(whole, hour, 'h', minute, 'm');
  return pair(whole, day, 'd', hour, 'h');
}

/** With a tenth while it matters: `1.4s`, `12s`. */
export function formatAge(seconds: number | null): string {
  if (seconds === null) return '-';
  return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)}s` : formatDuration(seconds);
}

/** Decimal units, as ffmpeg and network people count: `640 kb/s`, `2.4 Mb/s`. */
export function formatBitrate(bitrateBps: number | null): string {
  if (bitrateBps === null) return '-';
  if (bitrateBps < 999_500) return `${Math.round(bitrateBps / 1_000)} kb/s`;
  return `${(bitrateBps / 1_000_000).toFixed(1)} Mb/s`;
}

/** RFC 3339 in UTC, for everything that is read by programs. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** Time of day as the user's clock shows it. */
export function formatClock(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** The user's own calendar day, `2026-01-31`. */
export function formatDay(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function pair(seconds: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)}${bigUnit}${rest === 0 ? '' : ` ${rest}${smallUnit}`}`;
}
