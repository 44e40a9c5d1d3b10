// The checks before a local supervisor is started: their problems are told here, where somebody reads them.

import type { Config } from '../core/config.ts';
import { resolveEndpoints } from '../core/endpoints.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports } from '../core/ports.ts';
import type { StatePaths } from '../core/state-paths.ts';
import { preflight, reportError, reportWarnings } from '../diagnose/preflight.ts';
import { readFfmpegFacts } from '../run/ffmpeg-cache.ts';
import type { Progress } from '../stack/stack.ts';
import { findTools } from '../stack/tools.ts';

export interface PreflightInput {
  readonly config: Config;
  readonly ports: Ports;
  readonly paths: StatePaths;
  readonly isRoot: boolean;
  readonly inside: boolean;
  readonly progress: Progress;
}

export async function checkBeforeStart({ config, ports, paths, isRoot, inside, progress }: PreflightInput): Promise<void> {
  const ourNginxPid = await readNginxPid(ports, paths);
  const report = await preflight({
    ports,
    config,
    runtime: 'local',
    inside,
    endpoints: resolveEndpoints(config.server, 'local'),
    tools: await findTools(ports),
    isRoot,
    scratchDirectory: paths.directory,
    readFfmpegFacts: (ffmpegPath) => readFfmpegFacts(ports, ffmpegPath, paths.ffmpegFacts),
    ...(ourNginxPid === undefined ? {} : { ourNginxPid }),
  });
  const problem = reportError(report);
  if (problem !== undefined) throw problem;
  for (const warning of reportWarnings(report)) progress(`warning: ${warning}`);
}

/** nginx outlives a supervisor that was killed, and then holds its ports itself. */
export async function readNginxPid(ports: Ports, paths: StatePaths): Promise<number | undefined> {
  const text = await ports.files.readText(`${paths.jobs}/nginx-rtmp.json`);
  const pid = /"pid":\s*(\d+)/.exec(text ?? '')?.[1];
  return pid === undefined ? undefined : Number(pid);
}

export function missingTools(names: readonly string[]): AppError {
  return new AppError({
    exitCode: ExitCode.unavailable,
    code: 'tools-missing',
    message: `not installed: ${names.join(', ')}`,
    next: 'iptv setup',
  });
}
