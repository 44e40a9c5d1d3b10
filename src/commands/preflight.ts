// What must be true before a local supervisor is started; said here, where somebody reads it.

import type { Config } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { PortHolder, Ports } from '../core/ports.ts';
import type { StatePaths } from '../core/state-paths.ts';
import { findTools, type Tools } from '../stack/tools.ts';

const toolNames: Readonly<Record<keyof Tools, string>> = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', nginx: 'nginx', rtmpModule: "nginx's rtmp module" };

export async function preflight(config: Config, ports: Ports, paths: StatePaths): Promise<void> {
  await checkTools(ports);
  await checkPorts(config, ports, paths);
  await checkHlsDirectory(config, ports);
}

async function checkTools(ports: Ports): Promise<void> {
  const tools = await findTools(ports);
  const absent = Object.entries(tools).flatMap(([tool, path]) => (path === undefined ? [toolNames[tool as keyof Tools]] : []));
  if (absent.length > 0) throw missingTools(absent);
}

export function missingTools(names: readonly string[]): AppError {
  return new AppError({ exitCode: ExitCode.unavailable, code: 'tools-missing', message: `not installed: ${names.join(', ')}`, next: 'iptv setup' });
}

/** nginx outlives a supervisor that was killed: its own ports are then taken by itself, which is fine. */
async function checkPorts(config: Config, ports: Ports, paths: StatePaths): Promise<void> {
  const { rtmp, publicHttp } = config.server.ports;
  for (const [key, port] of [['rtmp', rtmp], ['public', publicHttp]] as const) {
    const holder = await ports.net.portHolder(port);
    if (holder === undefined || (await isOurNginx(holder, ports, paths))) continue;
    const who = holder.pid === undefined ? "another user's process" : `${holder.command ?? 'process'} (pid ${holder.pid})`;
    throw new AppError({
      exitCode: ExitCode.unavailable,
      code: 'port-in-use',
      message: `port ${port} is taken by ${who}`,
      next: `set another server.ports.${key} in ${config.path}`,
    });
  }
}

async function isOurNginx(holder: PortHolder, ports: Ports, paths: StatePaths): Promise<boolean> {
  const text = await ports.files.readText(`${paths.jobs}/nginx-rtmp.json`);
  const recorded = /"pid":\s*(\d+)/.exec(text ?? '')?.[1];
  if (recorded === undefined || holder.pid === undefined) return false;
  const master = Number(recorded);
  return holder.pid === master || ports.process.inspect(holder.pid)?.parentPid === master;
}

/** A test file, as the containers write one: rights and a full disk both show. */
async function checkHlsDirectory(config: Config, ports: Ports): Promise<void> {
  const directory = config.server.hlsDirectory;
  const probe = `${directory}/.iptv-write-test`;
  try {
    await ports.files.makeDirectory(directory);
    await ports.files.writeAtomic(probe, 'iptv was here\n');
    await ports.files.remove(probe);
  } catch (error) {
    throw new AppError({
      exitCode: error instanceof AppError ? error.exitCode : ExitCode.unavailable,
      code: 'hls-directory',
      message: `cannot write into the HLS directory ${directory}`,
      evidence: [error instanceof Error ? error.message : String(error)],
      next: `ls -ld ${directory}; df -h ${directory}`,
      cause: error,
    });
  }
}
