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
  readonly dockerAnswers: () => Promise<boolean>;
  readonly local: () => Stack;
  readonly docker: () => Promise<Stack>;
}

/**
 * A local supervisor's socket decides before anything is read or asked, so that `status` stays quick
 * and a stack that was brought up as local stays local on a machine that also has Docker.
 */
export async function selectStack(options: SelectOptions): Promise<Stack> {
  const { choice } = options;
  if (choice === 'local') return options.local();
  if (choice === 'docker') return options.docker();
  if ((await options.files.stat(options.paths.socket)) !== undefined) return options.local();
  const configured = await options.configured();
  if (configured === 'local') return options.local();
  if (configured === 'docker') return options.docker();
  return (await options.dockerAnswers()) ? options.docker() : options.local();
}
