// `iptv hooks`: who is told of trouble, and a test message to see that it arrives.

import type { Command } from 'commander';

import type { HookConfig } from '../core/config.ts';
import { AppError, usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { nearest } from '../core/nearest.ts';
import { redactText } from '../core/redact.ts';
import { deliver, type Delivery } from '../run/hooks/deliver.ts';
import { testMessage } from '../run/hooks/message.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import { renderTable } from '../ui/table.ts';
import { createTheme } from '../ui/theme.ts';
import { formatDuration } from '../ui/time.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';

export interface HooksOptions {
  readonly action: 'list' | 'test';
  readonly names: readonly string[];
}

export const help: CommandHelp = {
  purpose:
    'List the hooks of streams.yaml: the webhooks and commands that are told of trouble and that it is over. With `test`, send each, or the named ones, a test message now and say how that went.',
  examples: [
    ['iptv hooks', 'who is told what'],
    ['iptv hooks test', 'a test message to every hook'],
    ['iptv hooks test chat', 'to the one with this name'],
  ],
  learnMore: ['docs/hooks.md  what is sent, and when'],
};

export function declare(command: Command, context: Context, run: Run<HooksOptions>): void {
  command
    .argument('[action]', 'list (default) or test')
    .argument('[name...]', 'hooks, by name')
    .action(async (action: string | undefined, names: readonly string[]) => {
      if (action !== undefined && action !== 'list' && action !== 'test')
        throw usageError(`hooks can list or test, not ${action}`, 'iptv hooks --help');
      context.finish(await run({ action: action ?? 'list', names: [...new Set(names)] }, context));
    });
}

export async function run(options: HooksOptions, context: Context): Promise<ExitCode> {
  const config = await context.loadConfig();
  const hooks = pick(config.hooks ?? [], options.names);
  if (hooks.length === 0 && !context.streams.json) {
    say(context.streams, `no hooks in ${config.path}; docs/hooks.md shows some`);
    return ExitCode.ok;
  }
  return options.action === 'test' ? test(hooks, config.secrets, context) : list(hooks, context);
}

function list(hooks: readonly HookConfig[], context: Context): ExitCode {
  const { out, json } = context.streams;
  if (json) {
    const shown = hooks.map(({ name, on, display, target, forMs, minIntervalMs, tags }) => ({
      name,
      on,
      target: 'url' in target ? 'webhook' : 'command',
      display,
      forSeconds: forMs / 1000,
      minIntervalSeconds: minIntervalMs / 1000,
      tags: tags ?? null,
    }));
    writeJson(out, { hooks: shown });
    return ExitCode.ok;
  }
  const theme = createTheme(out.hasColor);
  const both = (text: (hook: HookConfig) => string) => ({ human: text, machine: text });
  const columns = [
    { title: 'NAME', human: (hook: HookConfig) => theme.strong(hook.name), machine: (hook: HookConfig) => hook.name },
    { title: 'TO', ...both((hook) => `${'url' in hook.target ? 'webhook' : 'command'} ${hook.display}`) },
    { title: 'ON', ...both((hook) => hook.on.join(', ')) },
    { title: 'FOR', ...both((hook) => formatDuration(hook.forMs / 1000)) },
    { title: 'TAGS', ...both((hook) => hook.tags?.join(', ') ?? '') },
  ];
  out.write(renderTable(columns, hooks, out, { wide: false, styleTitle: theme.dim }));
  return ExitCode.ok;
}

async function test(hooks: readonly HookConfig[], secrets: readonly string[], context: Context): Promise<ExitCode> {
  const ports = await context.ports();
  const { out, json, quiet } = context.streams;
  const results = await Promise.all(
    hooks.map(async (hook) => ({ hook, delivery: await deliver(hook, testMessage(hook.name, context.now()), ports) })),
  );
  // A server repeats in its answer what it was asked, a command what it was called with.
  const words = (delivery: Delivery): string => redactText(delivery.ok ? delivery.how : delivery.reason, secrets);
  const isGood = results.every(({ delivery }) => delivery.ok);
  if (json) {
    writeJson(out, {
      ok: isGood,
      results: results.map(({ hook, delivery }) => ({ name: hook.name, ok: delivery.ok, detail: words(delivery) })),
    });
  } else if (!quiet) {
    const theme = createTheme(out.hasColor);
    for (const { hook, delivery } of results) {
      const mark = delivery.ok ? theme.good('✓ told') : theme.bad('✗ failed');
      out.write(`${mark} ${hook.name} (${hook.display}): ${words(delivery)}\n`);
    }
  }
  if (quiet && !isGood)
    throw new AppError({
      exitCode: ExitCode.answerIsBad,
      code: 'hook-failed',
      message: 'a hook could not be told',
      next: 'iptv hooks test',
    });
  return isGood ? ExitCode.ok : ExitCode.answerIsBad;
}

function pick(hooks: readonly HookConfig[], names: readonly string[]): readonly HookConfig[] {
  const known = hooks.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw usageError(`no hook "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`, 'iptv hooks');
  }
  return names.length === 0 ? hooks : hooks.filter(({ name }) => names.includes(name));
}
