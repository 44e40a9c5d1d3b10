// A Compose project of a test's own: names and ports that nobody else has, and nothing left behind.

import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { freePort } from '../helpers/free-port.ts';

export const root = join(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(
  file: string,
  argv: readonly string[],
  options: { env?: Readonly<Record<string, string>>; cwd?: string; input?: string; timeoutMs?: number } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const settings = {
      env: { ...process.env, ...options.env },
      cwd: options.cwd ?? root,
      timeout: options.timeoutMs ?? 300_000,
      maxBuffer: 64 * 1024 * 1024,
    };
    const child = execFile(file, argv, settings, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** For what must work if the test is to mean anything. */
export async function must(file: string, argv: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<string> {
  const { code, stdout, stderr } = await run(file, argv, options);
  if (code !== 0) throw new Error(`${file} ${argv.join(' ')} ended with ${code}\n${stderr}${stdout}`);
  return stdout;
}

export const docker = (...argv: readonly string[]): Promise<string> => must('docker', argv);

export type Permissions = 'compat' | 'hardened';

export interface Project {
  readonly name: string;
  readonly port: number;
  readonly network: string;
  readonly env: Readonly<Record<string, string>>;
  /** `docker compose` with the project's files. */
  compose(permissions: Permissions, ...argv: readonly string[]): Promise<string>;
  container(service: string): Promise<string>;
  /** Runs a shell script in a service's container; `input` goes to its stdin. */
  shell(service: string, script: string, input?: string): Promise<string>;
  /** Containers, network, volumes and images. */
  remove(): Promise<void>;
}

export async function createProject(prefix: string): Promise<Project> {
  const name = `iptv-test-${prefix}-${process.pid}`;
  const port = await freePort();
  const env = { COMPOSE_PROJECT_NAME: name, IPTV_PUBLIC_PORT: String(port) };
  const files = (permissions: Permissions): readonly string[] =>
    ['docker-compose.yml', ...(permissions === 'hardened' ? ['docker-compose.hardened.yml'] : [])].flatMap((file) => [
      '-f',
      join(root, 'docker', file),
    ]);
  const project: Project = {
    name,
    port,
    network: `${name}_default`,
    env,
    compose: (permissions, ...argv) => must('docker', ['compose', '--ansi', 'never', ...files(permissions), ...argv], { env }),
    async container(service) {
      const labels = [`project=${name}`, `service=${service}`].flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
      const [id] = (await docker('ps', '-a', '-q', ...labels)).split('\n');
      if (id === undefined || id === '') throw new Error(`${service} has no container`);
      return id;
    },
    async shell(service, script, input) {
      return must('docker', ['exec', '-i', await project.container(service), 'sh', '-ec', script], input === undefined ? {} : { input });
    },
    async remove() {
      await run('docker', ['compose', ...files('hardened'), 'down', '-v', '--remove-orphans', '--rmi', 'all', '-t', '5'], { env });
    },
  };
  return project;
}
