// Says when the running supervisor was given another streams.yaml than the one that stands where the user is.

import type { ControlClient } from '../control/protocol.ts';
import { AppError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { findConfigFile } from './load-config.ts';

/** undefined when both are the same file, or when there is no list here that could be meant. */
export async function otherListNote(client: ControlClient, context: Context): Promise<string | undefined> {
  const { configPath } = client.hello;
  // In the container the host's list is mounted at a place of its own; a supervisor that does not tell has none to compare.
  if (configPath === '' || context.env['IPTV_INSIDE'] === '1') return undefined;
  const { files } = await context.ports();
  const here = await findHere(context, files);
  if (here === undefined || here === configPath) return undefined;
  const [mine, theirs] = await Promise.all([files.stat(here), files.stat(configPath)].map((stat) => stat.catch(() => undefined)));
  if (mine !== undefined && mine.inode === theirs?.inode) return undefined;
  return `note: the supervisor uses ${configPath}, not ${here}; to change over: iptv down && iptv up`;
}

async function findHere(context: Context, files: Awaited<ReturnType<Context['ports']>>['files']): Promise<string | undefined> {
  try {
    return await findConfigFile({ env: context.env, cwd: context.cwd, flag: context.configFlag, files });
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
