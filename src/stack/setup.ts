// Installs what iptv drives (ffmpeg, nginx with its rtmp module) from the distribution, or says how.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports } from '../core/ports.ts';
import { installPackages, shown } from './setup-apt.ts';
import { keepServicesOff } from './setup-service.ts';
import { findTools } from './tools.ts';
import type { Tools } from './tools.ts';

export interface SetupOptions {
  readonly ports: Ports;
  readonly isRoot: boolean;
  readonly say: (line: string) => void;
  /** Says what would be run, and runs nothing. */
  readonly dryRun?: boolean;
}

const toolNames: Readonly<Record<keyof Tools, string>> = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffprobe',
  nginx: 'nginx',
  rtmpModule: "nginx's rtmp module",
};

const debianPackages: Readonly<Record<keyof Tools, string>> = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  nginx: 'nginx',
  rtmpModule: 'libnginx-mod-rtmp',
};

const hints = [
  'Debian, Ubuntu: apt-get install ffmpeg nginx libnginx-mod-rtmp',
  'Alpine:         apk add ffmpeg nginx nginx-mod-rtmp',
  'Arch:           pacman -S ffmpeg nginx, and nginx-mod-rtmp from the AUR',
  'Fedora:         dnf install ffmpeg-free nginx, and an nginx-rtmp module built for that nginx',
];

/** Quick and silent when nothing is missing. */
export async function installPrerequisites(options: SetupOptions): Promise<void> {
  const { ports, say } = options;
  const missing = missingTools(await findTools(ports));
  if (missing.length === 0) return;
  say(`missing: ${missing.map((tool) => toolNames[tool]).join(', ')}`);
  await requireDebian(ports);
  const packages = [...new Set(missing.map((tool) => debianPackages[tool]))];
  const asRoot = await rootPrefix(options, packages);
  const install = (): Promise<void> => installPackages({ ...options, asRoot, packages });
  // The module's package restarts a running nginx too.
  await (packages.includes('nginx') || packages.includes('libnginx-mod-rtmp')
    ? keepServicesOff({ ...options, asRoot, nginxIsNew: packages.includes('nginx') }, install)
    : install());
  if (options.dryRun === true) return;
  const left = missingTools(await findTools(ports));
  if (left.length > 0) {
    throw new AppError({
      exitCode: ExitCode.unavailable,
      code: 'setup-incomplete',
      message: `installed ${packages.join(', ')}, but still cannot find ${left.map((tool) => toolNames[tool]).join(', ')}`,
      next: `dpkg -L ${packages.join(' ')}`,
    });
  }
  say(`installed: ${packages.join(', ')}`);
}

function missingTools(tools: Tools): readonly (keyof Tools)[] {
  return (['ffmpeg', 'ffprobe', 'nginx', 'rtmpModule'] as const).filter((tool) => tools[tool] === undefined);
}

/** os-release(5): ID names the system, ID_LIKE the ones it descends from. */
async function requireDebian(ports: Ports): Promise<void> {
  const text = (await ports.files.readText('/etc/os-release')) ?? (await ports.files.readText('/usr/lib/os-release')) ?? '';
  const value = (key: string): string => new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(text)?.[1] ?? '';
  const family = [value('ID'), ...value('ID_LIKE').split(' ')];
  if (family.includes('debian') || family.includes('ubuntu')) return;
  throw new AppError({
    exitCode: ExitCode.unavailable,
    code: 'system-unknown',
    message: `iptv does not install packages on ${value('PRETTY_NAME') || 'this system'}; install ffmpeg, ffprobe, nginx and its rtmp module yourself`,
    evidence: hints,
    next: 'iptv up --runtime docker   # needs Docker only',
  });
}

/** What to put before a command so that it runs as root. */
async function rootPrefix({ ports, isRoot }: SetupOptions, packages: readonly string[]): Promise<readonly string[]> {
  if (isRoot) return [];
  // -n: never ask for a password, we may have no terminal.
  const allowed = await ports.process.run('sudo', ['-n', 'true'], { timeoutMs: 10_000 });
  if (allowed.exitCode === 0) return ['sudo', '-n'];
  const why = allowed.missing ? 'sudo is not installed' : allowed.stderr.trim();
  throw new AppError({
    exitCode: ExitCode.permission,
    code: 'no-rights',
    message: `installing ${packages.join(', ')} needs root, or sudo without a password`,
    evidence: why === '' ? [] : [why],
    next: shown([...(allowed.missing ? [] : ['sudo']), 'apt-get', 'install', '--no-install-recommends', ...packages]),
  });
}
