// `iptv completion`: the script that teaches a shell to complete iptv's commands, flags and stream ids.

import { Argument } from 'commander';
import type { Command } from 'commander';

import { ExitCode } from '../core/exit-codes.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';

export interface CompletionOptions {
  readonly shell: string;
}

export const help: CommandHelp = {
  purpose: 'Print the completion script of a shell. It completes commands, flags, stream ids and tags.',
  examples: [
    ['source <(iptv completion bash)', 'now, in bash (needs the package bash-completion)'],
    ['iptv completion bash > ~/.local/share/bash-completion/completions/iptv', 'for good'],
    ['iptv completion zsh > "${fpath[1]}/_iptv"', 'zsh'],
    ['iptv completion fish > ~/.config/fish/completions/iptv.fish', 'fish'],
  ],
};

export function declare(command: Command, context: Context, run: Run<CompletionOptions>): void {
  command.addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish'])).action(async (shell: string) => {
    context.finish(await run({ shell }, context));
  });
}

/** The package prints the script itself, to stdout. */
export async function run(options: CompletionOptions): Promise<ExitCode> {
  const { script } = await import('@bomb.sh/tab');
  script(options.shell, 'iptv', 'iptv');
  return ExitCode.ok;
}
