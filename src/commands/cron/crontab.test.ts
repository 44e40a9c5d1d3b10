import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { listEntries, putEntry, removeEntries, scheduleProblem, unwritable } from './crontab.ts';
import { toOnCalendar, whyNoCalendar } from './on-calendar.ts';

const foreign =
  '# my jobs\nMAILTO=me@example.com\n\n0 5 * * * backup --all % stdin\n*/5 * * * * echo "# iptv" \n# 1 2 3 4 5 old # iptv:gone\n';
const entry = { name: 'nightly', schedule: '30 4 * * *', command: "IPTV_STATE_DIR=/var/lib/iptv node iptv.js restart --grep '50%'" };

describe('our lines in a crontab', () => {
  it('are put at the end, found again and taken out, and nothing else changes', () => {
    const after = putEntry(foreign, entry);
    expect(after).toBe(`${foreign}30 4 * * * IPTV_STATE_DIR=/var/lib/iptv node iptv.js restart --grep '50\\%' # iptv:nightly\n`);
    expect(listEntries(after)).toEqual([entry]);
    expect(removeEntries(after, 'nightly')).toBe(foreign);
    expect(removeEntries(after, undefined)).toBe(foreign);
    expect(removeEntries(after, 'other')).toBe(after);
  });

  it('take the place of the one with the same name', () => {
    const two = putEntry(putEntry(foreign, entry), { ...entry, name: 'sick', schedule: '@hourly' });
    const changed = putEntry(two, { ...entry, schedule: '0 3 * * *' });
    expect(listEntries(changed).map(({ name, schedule }) => [name, schedule])).toEqual([
      ['nightly', '0 3 * * *'],
      ['sick', '@hourly'],
    ]);
  });

  it('leave a crontab without them as it is, to its last byte', () => {
    expect(removeEntries('0 1 * * * x', 'nightly')).toBe('0 1 * * * x');
    expect(removeEntries('', undefined)).toBe('');
  });

  it('are not written where other lines would not go back as they were', () => {
    // Debian's crontab -l turns a carriage return into these two letters.
    expect(unwritable('0 1 * * * x\\r\n')).toBe('carriage-returns');
    expect(unwritable('0 1 * * * x\r\n')).toBe('carriage-returns');
    expect(unwritable('0 1 * * * echo h\uFFFD\n')).toBe('bytes');
    expect(unwritable('0 1 * * * printf "a\\r\\n" é\n')).toBeUndefined();
  });

  it('never cost a foreign line, whatever it is', () => {
    const line = fc.oneof(
      fc.constantFrom('# iptv:', '5 4 * * * x # iptv:', '5 4 * * * x #iptv:nightly', '# 1 2 3 4 5 x # iptv:nightly', 'A=# iptv:N', ''),
      fc.string().map((text) => text.replaceAll('\n', ' ')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.length === 0 ? '' : `${lines.join('\n')}\n`;
        fc.pre(listEntries(text).length === 0);
        expect(removeEntries(putEntry(text, entry), 'nightly')).toBe(text);
      }),
    );
  });
});

describe('a schedule', () => {
  it.each(['30 4 * * *', '*/10 * * * *', '0 0,12 1-15 jan-mar mon', '@daily', '5 4 * * 0-7'])('%s is one', (schedule) => {
    expect(scheduleProblem(schedule)).toBeUndefined();
  });

  it.each([
    ['30 4 * *', 'a schedule has five fields (minute hour day month weekday), this has 4'],
    ['60 4 * * *', 'minute 60 is not between 0 and 59'],
    ['* 24 * * *', 'hour 24 is not between 0 and 23'],
    ['* * 0 * *', 'day of the month 0 is not between 1 and 31'],
    ['*/0 * * * *', '"*/0": a step of 0 never comes'],
    ['x;rm * * * *', '"x;rm" is no minute'],
    ['@never', 'cron knows @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually, not "@never"'],
  ])('%s is none: %s', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toBe(problem);
  });

  it.each([
    ['30 4 * * *', '*-*-* 04:30:00'],
    ['*/10 * * * *', '*-*-* *:00/10:00'],
    ['0 6-22/2 * * 1-5', 'Mon..Fri *-*-* 06..22/2:00:00'],
    ['15,45 3 1 * *', '*-*-01 03:15,45:00'],
    ['0 3 * * 0', 'Sun *-*-* 03:00:00'],
    ['@daily', 'daily'],
  ])('%s is %s to systemd', (schedule, calendar) => {
    expect(toOnCalendar(schedule)).toBe(calendar);
  });

  it('that systemd cannot say is refused, with the reason', () => {
    expect(toOnCalendar('0 3 1 * 1')).toBeUndefined();
    expect(whyNoCalendar('0 3 1 * 1')).toContain('"or" in cron');
    expect(toOnCalendar('0 3 * jan *')).toBeUndefined();
    expect(whyNoCalendar('0 3 * jan *')).toContain('months as numbers');
  });
});
