// Values of `schedule:`: cron expressions, time zones and quiet hours.

import { Cron } from 'croner';

import { accept, describeValue, quote, refuse } from './checked.ts';
import type { ValueType } from './value-types.ts';
import { textOf } from './value-types.ts';

/** Five fields of crontab(5), or @daily and its kin; anything else croner would take (seconds, years) is no use for restarts. */
export function cronExpression(): ValueType<string> {
  return textOf({
    what: 'a cron expression such as "30 4 * * *"',
    check: (text) => {
      const fields = text.trim().split(/\s+/);
      if (!text.startsWith('@') && fields.length !== 5) {
        return refuse(`expected five fields (minute hour day month weekday), got ${fields.length}`);
      }
      try {
        const next = new Cron(text, { paused: true }).nextRun();
        return next === null ? refuse(`never comes: ${quote(text)}`) : accept(text);
      } catch (error) {
        const words = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
        return refuse(`is no cron expression: ${words}`);
      }
    },
  });
}

export function timeZone(): ValueType<string> {
  return textOf({
    what: 'a time zone such as Europe/Berlin',
    check: (zone) => {
      try {
        new Intl.DateTimeFormat('en', { timeZone: zone });
        return accept(zone);
      } catch {
        return refuse('is no time zone that this system knows, such as Europe/Berlin or UTC', { found: quote(zone) });
      }
    },
  });
}

export interface QuietHours {
  /** Minutes since midnight; `to` at or below `from` goes over midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export function quietHours(): ValueType<QuietHours> {
  return {
    json: { type: 'string', pattern: String.raw`^\d{1,2}:\d{2}-\d{1,2}:\d{2}$` },
    check: (value) => {
      const match = typeof value === 'string' ? /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(value.replaceAll(' ', '')) : null;
      if (match === null) return refuse('expected hours such as "18:00-23:30"', { found: describeValue(value) });
      const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
      if (fromHour > 23 || toHour > 24 || fromMinute > 59 || toMinute > 59 || toHour * 60 + toMinute > 1440) {
        return refuse('is no time of day', { found: describeValue(value) });
      }
      return accept({ fromMinute: fromHour * 60 + fromMinute, toMinute: toHour * 60 + toMinute });
    },
  };
}
