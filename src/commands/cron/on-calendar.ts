// A cron schedule in the words of systemd.time(7). Pure.

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const atWords: Readonly<Record<string, string>> = {
  '@hourly': 'hourly',
  '@daily': 'daily',
  '@midnight': 'daily',
  '@weekly': 'Sun *-*-* 00:00:00',
  '@monthly': 'monthly',
  '@yearly': 'yearly',
  '@annually': 'yearly',
};

/** undefined where systemd cannot say the same: cron joins day of month and day of week with "or", systemd with "and". */
export function toOnCalendar(schedule: string): string | undefined {
  const word = atWords[schedule];
  if (word !== undefined) return word;
  const [minute, hour, day, month, weekday] = schedule.trim().split(/\s+/);
  if (minute === undefined || hour === undefined || day === undefined || month === undefined || weekday === undefined) return undefined;
  if (day !== '*' && weekday !== '*') return undefined;
  const days = weekday === '*' ? '' : weekdayPart(weekday);
  const fields = [part(month, 1), part(day, 1), part(hour, 0), part(minute, 0)];
  if (days === undefined || fields.includes(undefined)) return undefined;
  const [months, dates, hours, minutes] = fields;
  return `${days === '' ? '' : `${days} `}*-${months}-${dates} ${hours}:${minutes}:00`;
}

/** For a schedule that `toOnCalendar` has no words for. */
export function whyNoCalendar(schedule: string): string {
  const [, , day, , weekday] = schedule.trim().split(/\s+/);
  return day !== '*' && weekday !== '*'
    ? 'a day of the month and a day of the week together mean "or" in cron, "and" there'
    : 'write months as numbers, and weekdays as numbers or a list of names, without steps';
}

function part(text: string, first: number): string | undefined {
  const parts = text.split(',').map((one) => {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(one);
    if (match === null) return undefined;
    const [, from, to, step] = match;
    if (from === undefined) return step === undefined ? '*' : `${two(first)}/${step}`;
    const range = to === undefined ? two(from) : `${two(from)}..${two(to)}`;
    return step === undefined ? range : `${range}/${step}`;
  });
  return parts.includes(undefined) ? undefined : parts.join(',');
}

function weekdayPart(text: string): string | undefined {
  const parts = text.split(',').map((one) => {
    const match = /^([0-7])(?:-([0-7]))?$/.exec(one);
    if (match === null) return /^[A-Za-z]{3}$/.test(one) ? one : undefined;
    const [, from, to] = match;
    // systemd's week begins on Monday: Sunday to another day is two ranges there.
    if (to === undefined) return weekdays[Number(from)];
    return from === '0' ? `Sun,Mon..${weekdays[Number(to)]}` : `${weekdays[Number(from)]}..${weekdays[Number(to)]}`;
  });
  return parts.includes(undefined) ? undefined : parts.join(',');
}

function two(value: string | number): string {
  return String(value).padStart(2, '0');
}
