// Where entries are kept: the user's crontab through crontab(1), or systemd timers as unit files.

import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import type { Ports, RunResult } from '../../core/ports.ts';
import type { Context } from '../context.ts';
import { shellWord } from '../shell-word.ts';
import { listEntries, putEntry, removeEntries, unwritable } from './crontab.ts';
import { toOnCalendar, whyNoCalendar } from './on-calendar.ts';
import { timerUnits } from './units.ts';

export interface Entry {
  readonly name: string;
  readonly schedule: string;
  readonly argv: readonly string[];
  /** `NAME=value` each. */
  readonly environment: readonly string[];
}

export interface Kept {
  readonly name: string;
  readonly schedule: string;
  readonly command: string;
  readonly where: string;
}

export interface Keeper {
  readonly where: string;
  /** What `put` writes. */
  text(entry: Entry): string;
  put(entry: Entry): Promise<void>;
  list(): Promise<readonly Kept[]>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
}

const timeoutMs = 30_000;
export const unitFolder = '/etc/systemd/system';

export function createKeepers(ports: Ports, self: Context['self']): { readonly crontab: Keeper; readonly systemd: Keeper } {
  return { crontab: crontabKeeper(ports), systemd: systemdKeeper(ports, self.isRoot) };
}

function crontabKeeper({ process }: Ports): Keeper {
  const run = (argv: readonly string[], input?: string): Promise<RunResult> =>
    process.run('crontab', argv, { timeoutMs, ...(input === undefined ? {} : { input }) });

  /** undefined: there is no cron here. */
  async function read(): Promise<string | undefined> {
    const result = await run(['-l']);
    if (result.missing) return undefined;
    if (result.exitCode === 0) return result.stdout;
    // An unreadable crontab must not be taken for an empty one, or writing would lose it.
    if (/no crontab for/.test(result.stderr)) return '';
    throw failed('cannot read the crontab', result, /not allowed/.test(result.stderr) ? ExitCode.permission : ExitCode.unavailable);
  }

  async function write(before: string, text: string): Promise<void> {
    const why = unwritable(before);
    if (why !== undefined) throw unchangeable(why);
    const result = text === '' ? await run(['-r']) : await run(['-'], text);
    if (result.exitCode !== 0 && !/no crontab for/.test(result.stderr))
      throw failed('the crontab was not taken over, and is as it was', result);
  }

  const command = (entry: Entry): string => [...entry.environment, ...entry.argv].map(assignmentOrWord).join(' ');
  return {
    where: 'crontab',
    text: (entry) => putEntry('', { ...entry, command: command(entry) }),
    async put(entry) {
      const before = await read();
      if (before === undefined) {
        const next = 'apt-get install cron   (or use --systemd)';
        throw new AppError({ exitCode: ExitCode.unavailable, code: 'no-cron', message: 'there is no crontab(1) on this machine', next });
      }
      await write(before, putEntry(before, { ...entry, command: command(entry) }));
    },
    list: async () => listEntries((await read()) ?? '').map((entry) => ({ ...entry, where: 'crontab' })),
    async remove(name) {
      const before = (await read()) ?? '';
      const after = removeEntries(before, name);
      if (after === before) return false;
      await write(before, after);
      return true;
    },
  };
}

/** sh(1) reads `NAME='a b'` as an assignment, `'NAME=a b'` as a command. */
function assignmentOrWord(word: string): string {
  const match = /^(IPTV_[A-Z_]+)=(.*)$/.exec(word);
  return match === null ? shellWord(word) : `${match[1]}=${shellWord(match[2] ?? '')}`;
}

function systemdKeeper({ process, files }: Ports, isRoot: boolean): Keeper {
  const paths = (name: string) => ({ service: `${unitFolder}/iptv-${name}.service`, timer: `${unitFolder}/iptv-${name}.timer` });

  function units(entry: Entry) {
    const onCalendar = toOnCalendar(entry.schedule);
    if (onCalendar !== undefined) return timerUnits({ ...entry, onCalendar });
    throw new AppError({
      exitCode: ExitCode.usage,
      code: 'usage',
      message: `systemd cannot say ${JSON.stringify(entry.schedule)}: ${whyNoCalendar(entry.schedule)}`,
      next: 'iptv cron install   # without --systemd',
    });
  }

  return {
    where: unitFolder,
    text(entry) {
      const { service, timer } = units(entry);
      return `${service}\n${timer}`;
    },
    async put(entry) {
      if (!isRoot) throw needsRoot(`cron install ${entry.name} --systemd`);
      const { service, timer } = units(entry);
      await files.writeAtomic(paths(entry.name).service, service);
      await files.writeAtomic(paths(entry.name).timer, timer);
      await systemctl(process, ['daemon-reload']);
      await systemctl(process, ['enable', '--now', `iptv-${entry.name}.timer`]);
    },
    async list() {
      const kept: Kept[] = [];
      for (const file of await files.list(unitFolder)) {
        const name = /^iptv-([a-z0-9-]+)\.timer$/.exec(file)?.[1];
        if (name === undefined) continue;
        const schedule = /^OnCalendar=(.*)$/m.exec((await files.readText(paths(name).timer)) ?? '')?.[1];
        const command = /^ExecStart=(.*)$/m.exec((await files.readText(paths(name).service)) ?? '')?.[1];
        kept.push({ name, schedule: schedule ?? '', command: command ?? '', where: unitFolder });
      }
      return kept;
    },
    async remove(name) {
      if ((await files.stat(paths(name).timer)) === undefined) return false;
      if (!isRoot) throw needsRoot(`cron remove ${name}`);
      await systemctl(process, ['disable', '--now', `iptv-${name}.timer`]);
      await files.remove(paths(name).timer);
      await files.remove(paths(name).service);
      await systemctl(process, ['daemon-reload']);
      return true;
    },
  };
}

/** In a container or a chroot no systemd runs: the files are there for the next boot then. */
export async function systemctl(process: Ports['process'], argv: readonly string[]): Promise<boolean> {
  const result = await process.run('systemctl', argv, { timeoutMs });
  if (result.exitCode === 0) return true;
  if (result.missing || /not been booted with systemd|Failed to connect to bus|offline|chroot/i.test(result.stderr)) return false;
  throw failed(`systemctl ${argv.join(' ')} failed`, result);
}

export function needsRoot(command: string): AppError {
  return new AppError({
    exitCode: ExitCode.permission,
    code: 'needs-root',
    message: `only root may write to ${unitFolder}`,
    next: `sudo iptv ${command}`,
  });
}

/** Other people's lines stay as they are, or nothing is written. */
function unchangeable(why: 'carriage-returns' | 'bytes'): AppError {
  const hasReturns = why === 'carriage-returns';
  return new AppError({
    exitCode: ExitCode.unavailable,
    code: 'crontab-unwritable',
    message: hasReturns
      ? 'the crontab has lines that end with a carriage return, which crontab(1) does not hand on as they are; nothing was written'
      : 'the crontab has bytes that are no UTF-8, which could not be written back as they are; nothing was written',
    next: hasReturns ? String.raw`crontab -l | sed 's/\\r$//' | crontab -   # cron hands a carriage return to the command` : 'crontab -e',
  });
}

function failed(message: string, result: RunResult, exitCode: ExitCode = ExitCode.unavailable): AppError {
  return new AppError({
    exitCode,
    code: 'program-failed',
    message,
    evidence: result.timedOut ? ['it did not answer in time'] : result.stderr.trim().split('\n').slice(-3),
  });
}
