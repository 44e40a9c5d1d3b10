// Turns a commander command into a page of help.

import type { Argument, Command, Option } from 'commander';

import type { HelpPage, HelpSection } from '../ui/help.ts';
import type { CommandHelp } from './command.ts';
import { helpTopics } from './help-topics.ts';

export function programPage(program: Command, version: string, extent: 'short' | 'whole'): HelpPage {
  const groups = new Map<string, (readonly [string, string])[]>();
  for (const command of program.createHelp().visibleCommands(program)) {
    const rows = groups.get(command.helpGroup()) ?? [];
    groups.set(command.helpGroup(), [...rows, [command.name(), command.summary()]]);
  }
  const commands = [...groups].map(([title, rows]): HelpSection => ({ title, rows }));
  return {
    purpose: `iptv ${version} re-streams IPTV channels: one supervised ffmpeg job per stream, two independent HLS writers.`,
    examples: [
      ['iptv init && iptv up --start', 'from an empty folder to playing streams'],
      ['iptv status --watch', 'what each stream does, as it does it'],
      ['iptv logs news -f', 'what ffmpeg says'],
    ],
    usage: 'iptv <command> [flags]',
    sections: extent === 'short' ? commands : [...commands, flagSection('Flags', program)],
    learnMore: [
      'iptv <command> --help',
      ...(extent === 'short' ? ['iptv --help'] : []),
      ...Object.keys(helpTopics).map((topic) => `iptv help ${topic}`),
    ],
  };
}

export function commandPage(command: Command, program: Command, help: CommandHelp): HelpPage {
  const argumentRows = command.registeredArguments.filter((argument) => argument.description !== '').map(argumentRow);
  const words = ['iptv', command.name(), ...command.registeredArguments.map((argument) => argumentRow(argument)[0]), '[flags]'];
  return {
    purpose: help.purpose,
    examples: help.examples,
    usage: words.join(' '),
    sections: [
      { title: 'Arguments', rows: argumentRows },
      flagSection('Flags', command),
      { title: 'Global flags', rows: program.options.filter((option) => option.long !== '--version').map(optionRow) },
      { title: 'Environment', rows: help.environment ?? [] },
    ],
    learnMore: [...(help.learnMore ?? []), 'iptv help config', 'iptv help environment', 'iptv help exit-codes', 'iptv help json'],
  };
}

function flagSection(title: string, command: Command): HelpSection {
  return { title, rows: command.createHelp().visibleOptions(command).map(optionRow) };
}

/** `<required>`, `[optional]`, `...` for several, `{a|b}` for a choice. */
function argumentRow(argument: Argument): readonly [string, string] {
  const name = argument.argChoices === undefined ? argument.name() : `{${argument.argChoices.join('|')}}`;
  const several = `${name}${argument.variadic ? '...' : ''}`;
  if (argument.argChoices !== undefined && argument.required) return [several, argument.description];
  return [argument.required ? `<${several}>` : `[${several}]`, argument.description];
}

function optionRow(option: Option): readonly [string, string] {
  const flags = option.argChoices === undefined ? option.flags : option.flags.replace(/<.*>/, `{${option.argChoices.join('|')}}`);
  const shown = flags.startsWith('--') ? `    ${flags}` : flags;
  const fallback =
    option.required && option.defaultValue !== undefined
      ? ` (default: ${option.defaultValueDescription ?? String(option.defaultValue)})`
      : '';
  return [shown, option.description + fallback];
}
