// Our lines in a crontab: written, found and removed by their mark; every other line stays as it is, to the byte. Pure.

/** `# iptv:<name>` at the end of a line: to sh(1) it is a comment, crontab(5) hands it on. */
const mark = /\s# iptv:([a-z0-9][a-z0-9-]{0,31})\s*$/;

export interface CronEntry {
  readonly name: string;
  /** Five fields, or one of crontab(5)'s @words. */
  readonly schedule: string;
  /** The command as sh(1) reads it, without the mark. */
  readonly command: string;
}

const atWords = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

export function listEntries(crontab: string): readonly CronEntry[] {
  return crontab.split('\n').flatMap((line) => {
    const name = mark.exec(line)?.[1];
    if (name === undefined || line.trimStart().startsWith('#')) return [];
    const body = line.replace(mark, '');
    const fields = body.startsWith('@') ? /^(\S+)\s+(.*)$/.exec(body) : /^((?:\S+\s+){4}\S+)\s+(.*)$/.exec(body);
    // crontab(5): a % ends the command unless it is escaped.
    return fields === null ? [] : [{ name, schedule: fields[1] ?? '', command: (fields[2] ?? '').replaceAll(String.raw`\%`, '%') }];
  });
}

/** Puts the entry in the place of the one with the same name, or at the end. */
export function putEntry(crontab: string, entry: CronEntry): string {
  const line = `${entry.schedule} ${entry.command.replaceAll('%', String.raw`\%`)} # iptv:${entry.name}`;
  const lines = toLines(crontab);
  const at = lines.findIndex((one) => isOurs(one, entry.name));
  const kept = lines.filter((one, index) => index === at || !isOurs(one, entry.name));
  if (at < 0) return toText([...kept, line]);
  return toText(kept.map((one) => (isOurs(one, entry.name) ? line : one)));
}

/** Removes one entry by name, or all of ours. */
export function removeEntries(crontab: string, name: string | undefined): string {
  const lines = toLines(crontab);
  const kept = lines.filter((line) => !isOurs(line, name));
  return kept.length === lines.length ? crontab : toText(kept);
}

/** Debian's `crontab -l` writes a carriage return as backslash and r; bytes that are no UTF-8 came to us as U+FFFD. Either way the line would not go back as it was. */
export function unwritable(crontab: string): 'carriage-returns' | 'bytes' | undefined {
  if (/(?:\r|\\r)$/m.test(crontab)) return 'carriage-returns';
  return crontab.includes('\uFFFD') ? 'bytes' : undefined;
}

function isOurs(line: string, name: string | undefined): boolean {
  const found = mark.exec(line)?.[1];
  return found !== undefined && !line.trimStart().startsWith('#') && (name === undefined || found === name);
}

function toLines(crontab: string): readonly string[] {
  return crontab === '' ? [] : crontab.replace(/\n$/, '').split('\n');
}

function toText(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Why a schedule cannot be used; undefined: it can. Numbers are checked, names are left to cron. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule.startsWith('@')) {
    return atWords.includes(schedule) ? undefined : `cron knows ${atWords.join(', ')}, not ${JSON.stringify(schedule)}`;
  }
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) return `a schedule has five fields (minute hour day month weekday), this has ${fields.length}`;
  const ranges = [
    ['minute', 0, 59],
    ['hour', 0, 23],
    ['day of the month', 1, 31],
    ['month', 1, 12],
    ['day of the week', 0, 7],
  ] as const;
  for (const [index, [what, lowest, highest]] of ranges.entries()) {
    for (const part of (fields[index] ?? '').split(',')) {
      const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
      if (match === null) return `${JSON.stringify(part)} is no ${what}`;
      for (const value of [match[1], match[2]]) {
        if (value === undefined || !/^\d+$/.test(value)) continue;
        if (Number(value) < lowest || Number(value) > highest) return `${what} ${value} is not between ${lowest} and ${highest}`;
      }
      if (match[3] === '0') return `${JSON.stringify(part)}: a step of 0 never comes`;
    }
  }
  return undefined;
}
