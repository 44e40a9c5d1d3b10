// `iptv list`: the streams in streams.yaml; needs no supervisor.

import type { Command } from 'commander';

import type { Config, StreamConfig } from '../core/config.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { channelPlaylistName } from '../core/ids.ts';
import { writeJson } from '../ui/json.ts';
import { say } from '../ui/messages.ts';
import { plural } from '../ui/time.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context } from './context.ts';

export interface ListOptions {
  readonly wide: boolean;
}

export const help: CommandHelp = {
  purpose: 'List the streams in streams.yaml. Reads only the file: nothing needs to run.',
  examples: [
    ['iptv list', 'id, name, tags and sources'],
    ['iptv list | cut -f1', 'ids only: piped output is tab-separated, without a header'],
    ["iptv list --json | jq -r '.streams[].url'", 'the URL of each stream'],
  ],
};

export function declare(command: Command, context: Context, run: Run<ListOptions>): void {
  command.option('--wide', 'never shorten a URL').action(async (flags: { wide?: true }) => {
    context.finish(await run({ wide: flags.wide === true }, context));
  });
}

export async function run(options: ListOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const config = await context.loadConfig();
  if (streams.json) {
    writeJson(streams.out, { path: config.path, streams: config.streams.map((stream) => describe(stream, config)) });
    return ExitCode.ok;
  }
  if (config.streams.length === 0) say(streams, `${config.path} lists no streams`);
  else streams.out.write(await renderList(config, options, context));
  return ExitCode.ok;
}

async function renderList(config: Config, options: ListOptions, context: Context): Promise<string> {
  const { out } = context.streams;
  const [{ renderTable }, { createTheme }] = await Promise.all([import('../ui/table.ts'), import('../ui/theme.ts')]);
  const theme = createTheme(out.hasColor);
  const text = (column: string, value: (stream: StreamConfig) => string) => ({ title: column, human: value, machine: value });
  return renderTable(
    [
      { title: 'ID', human: (stream) => theme.strong(stream.id), machine: (stream) => stream.id },
      text('NAME', (stream) => stream.name),
      text('ENABLED', (stream) => (stream.enabled ? 'yes' : 'no')),
      text('TAGS', (stream) => stream.tags.join(',')),
      { ...text('SOURCE', (stream) => stream.sources[0]?.display ?? ''), shrink: true, human: sourceForPeople },
      { ...text('URL', (stream) => urlOf(stream, config)), shrink: true },
    ],
    config.streams,
    out,
    { wide: options.wide, styleTitle: theme.dim },
  );
}

function sourceForPeople(stream: StreamConfig): string {
  const more = stream.sources.length - 1;
  return `${stream.sources[0]?.display ?? ''}${more > 0 ? ` (+${plural(more, 'spare')})` : ''}`;
}

function describe(stream: StreamConfig, config: Config): object {
  return {
    id: stream.id,
    name: stream.name,
    enabled: stream.enabled,
    tags: stream.tags,
    group: stream.group ?? null,
    logo: stream.logo ?? null,
    tvgId: stream.tvgId ?? null,
    sources: stream.sources.map((source) => ({ kind: source.kind, url: source.display })),
    url: urlOf(stream, config),
  };
}

function urlOf(stream: StreamConfig, config: Config): string {
  return `${config.server.publicUrl}/live/${stream.id}/${channelPlaylistName}`;
}
