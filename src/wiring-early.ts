// The first thing a supervisor does, with as few modules as it can be done with: it goes on with the channels that are there.

import type { StatePaths } from './core/state-paths.ts';
import { createClockPort } from './platform/clock.ts';
import { createFilesPort } from './platform/files.ts';
import { startEarlyChannels, type EarlyChannels } from './run/early-channels.ts';

/** undefined when that fails: the supervisor then begins as if nothing had been there. */
export async function openEarlyChannels(paths: StatePaths): Promise<EarlyChannels | undefined> {
  const say = (message: string): void => void process.stderr.write(`iptv: ${message}\n`);
  return startEarlyChannels({ clock: createClockPort(), files: createFilesPort() }, paths, say).catch((error: unknown) => {
    say(`cannot hold the channels while the list is read: ${String(error)}`);
    return undefined;
  });
}
