// Which runtime a command talks to: what was said, what is up, what this machine can do.

import type { RuntimeChoice } from '../core/config.ts';
import type { FilesPort } from '../core/ports.ts';
import type { StatePaths } from '../core/state-paths.ts';
import type { Stack } from './stack.ts';

export interface SelectOptions {
  /** --runtime, then $IPTV_RUNTIME. */
  readonly choice: RuntimeChoice | undefined;
  /** `server.runtime` of the list; asked only when nothing else has decided. */
  readonly configured: () => Promise<RuntimeChoice>;
  readonly files: Pick<FilesPort, 'stat'>;
  readonly paths: StatePaths;
  /** A question that monitors ask every few seconds: answered by the supervisor that is there, whatever the list says. */
  readonly isQuestion: boolean;
  readonly dockerAnswers: () => Promise<boolean>;
  readonly dockerIsUp: () => Promise<boolean>;
  readonly local: () => Stack;
  readonly docker: () => Promise<Stack>;
}

/**
 * What was said decides: the flag, the environment, the list. `auto` keeps to what is there: a local stack stays local on a
 * machine that also has Docker, while it is up and after it was taken down.
 */
export async function selectStack(options: SelectOptions): Promise<Stack> {
  const { choice, files, paths } = options;
  if (choice === 'local') return options.local();
  if (choice === 'docker') return options.docker();
  const isUp = (await files.stat(paths.socket)) !== undefined;
  if (isUp && options.isQuestion) return options.local();
  const configured = await options.configured();
  if (configured === 'local' || (configured === 'auto' && isUp)) return options.local();
  if (configured === 'docker') return options.docker();
  if (!(await options.dockerAnswers())) return options.local();
  const wasLocal = (await files.stat(paths.orders)) !== undefined;
  return wasLocal && !(await options.dockerIsUp()) ? options.local() : options.docker();
}
