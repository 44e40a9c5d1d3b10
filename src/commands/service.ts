// `iptv service`: the supervisor as a systemd service, so that channels come back after a reboot without anybody.

import { Argument, Option } from 'commander';
import type { Command } from 'commander';

import { usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { writeJson } from '../ui/json.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';
import { needsRoot, systemctl, unitFolder } from './cron/keepers.ts';
import { serviceUnit } from './cron/units.ts';

export interface ServiceOptions {
  readonly action: 'install' | 'remove' | 'print';
  readonly user: string | undefined;
  readonly start: boolean;
}

const unitName = 'iptv.service';
const path = `${unitFolder}/${unitName}`;

export const help: CommandHelp = {
  purpose:
    'Run the supervisor of the local runtime as a systemd service. A crash is mended without touching the jobs, an invalid list is bridged by the one that was in force (without one it ends with 78 and is not retried), and `systemctl stop iptv` ends everything. In Docker the containers restart by themselves and need no service.',
  examples: [
    ['sudo iptv service install', 'writes, enables and starts iptv.service'],
    ['sudo iptv service install --user tv --no-start', 'as another user; begins at the next boot'],
    ['iptv service print', 'the unit, for people who keep their own'],
    ['sudo iptv service remove', 'stops and removes it'],
  ],
};

interface Flags {
  readonly user?: string;
  readonly start: boolean;
}

export function declare(command: Command, context: Context, run: Run<ServiceOptions>): void {
  command
    .addArgument(new Argument('<action>', 'what to do').choices(['install', 'remove', 'print']))
    .addOption(new Option('--user <name>', 'the user it runs as (default: root)'))
    .option('--no-start', 'enable it, but do not start it now')
    .action(async (action: ServiceOptions['action'], flags: Flags) => {
      context.finish(await run({ action, user: flags.user, start: flags.start }, context));
    });
}

export async function run(options: ServiceOptions, context: Context): Promise<ExitCode> {
  const { streams, self } = context;
  const { process, files } = await context.ports();
  if (options.user !== undefined && !/^[a-z_][a-z0-9_-]{0,31}$/.test(options.user)) {
    throw usageError(`--user ${JSON.stringify(options.user)} is no user name`);
  }
  if (options.action === 'remove') return remove(context);
  const { path: configPath } = await context.loadConfig();
  const text = serviceUnit({ ...self, configPath, user: options.user });
  if (options.action === 'print') {
    if (streams.json) writeJson(streams.out, { path, text });
    else streams.out.write(text);
    return ExitCode.ok;
  }
  if (!self.isRoot) throw needsRoot('service install');
  await files.writeAtomic(path, text);
  const reloaded = await systemctl(process, ['daemon-reload']);
  if (reloaded) await systemctl(process, ['enable', ...(options.start ? ['--now'] : []), unitName]);
  if (streams.json) writeJson(streams.out, { action: 'install', path, enabled: reloaded, started: reloaded && options.start });
  else if (!streams.quiet) {
    streams.out.write(`wrote ${path}${reloaded ? '' : ': no systemd runs here, so it was not enabled'}\n`);
    if (!reloaded) streams.err.write(`next: systemctl enable --now ${unitName}\n`);
  }
  return ExitCode.ok;
}

async function remove(context: Context): Promise<ExitCode> {
  const { streams, self } = context;
  const { process, files } = await context.ports();
  const isThere = (await files.stat(path)) !== undefined;
  if (isThere) {
    if (!self.isRoot) throw needsRoot('service remove');
    await systemctl(process, ['disable', '--now', unitName]);
    await files.remove(path);
    await systemctl(process, ['daemon-reload']);
  }
  if (streams.json) writeJson(streams.out, { action: 'remove', path, removed: isThere });
  else if (!streams.quiet) streams.out.write(isThere ? `removed ${path}\n` : `there is no ${path}\n`);
  return isThere ? ExitCode.ok : ExitCode.answerIsBad;
}
