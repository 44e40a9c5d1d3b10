// Finds streams.yaml, reads it and has it checked.

import type { Config } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { FilesPort } from '../core/ports.ts';
import type { Environment } from './context.ts';
import { shellWord } from './shell-word.ts';

export interface ConfigPlace {
  readonly env: Environment;
  readonly cwd: string;
  /** The value of `--config`. */
  readonly flag: string | undefined;
  readonly files: FilesPort;
}

/** Reads the text of a `.env` file. */
export type ParseEnv = (text: string) => Readonly<Record<string, string | undefined>>;

/** A file that was named must be there; of the usual places, the first that has one counts. */
export async function findConfigFile(place: ConfigPlace): Promise<string> {
  const named = place.flag ?? (place.env['IPTV_CONFIG'] || undefined);
  if (named !== undefined) {
    const path = absolute(named, place.cwd);
    const stat = await place.files.stat(path);
    if (stat === undefined) throw noConfig(`there is no file ${path}`, `ls ${shellWord(folderOf(path))}`);
    if (stat.isDirectory) throw noConfig(`${path} is a folder, not a file`, `ls ${shellWord(path)}`);
    return path;
  }
  const candidates = usualPlaces(place);
  for (const path of candidates) if ((await place.files.stat(path)) !== undefined) return path;
  throw noConfig(
    'no streams.yaml found',
    'iptv init',
    candidates.map((path) => `not at ${path}`),
  );
}

export async function loadConfig(place: ConfigPlace, parseEnv: ParseEnv): Promise<Config> {
  const path = await findConfigFile(place);
  const text = await readList(place.files, path);
  if (text === undefined) throw noConfig(`${path} went away while it was read`, 'iptv validate');
  const [{ parseConfig }, { configError }] = await Promise.all([import('../config/load.ts'), import('../config/report.ts')]);
  // Compose gives the same file to the backend container, so a list means the same on both sides. What is exported wins.
  const envFile = await place.files.readText(`${folderOf(path)}/.env`).catch(() => undefined);
  const env = envFile === undefined ? place.env : { ...parseEnv(envFile), ...place.env };
  // Parsing is pure: it says which secret files it wants, and is asked again once they are read.
  const secrets = new Map<string, string | undefined>();
  for (;;) {
    const wanted = new Set<string>();
    const readSecretFile = (file: string): string | undefined => {
      if (!secrets.has(file)) wanted.add(file);
      return secrets.get(file);
    };
    const result = parseConfig(text, { path, env, readSecretFile });
    if (wanted.size === 0) {
      if (!result.ok)
        throw configError(result.diagnostics, place.flag === undefined ? undefined : `iptv validate ${shellWord(place.flag)}`);
      return result.config;
    }
    for (const file of wanted) secrets.set(file, await place.files.readText(file).catch(() => undefined));
  }
}

/** What the system refuses gets a command that shows why. */
async function readList(files: FilesPort, path: string): Promise<string | undefined> {
  try {
    return await files.readText(path);
  } catch (error) {
    if (!(error instanceof AppError) || error.next !== undefined) throw error;
    const { exitCode, code, message, evidence } = error;
    throw new AppError({ exitCode, code, message, evidence, next: `ls -l ${shellWord(path)}`, cause: error });
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function usualPlaces({ env, cwd }: ConfigPlace): readonly string[] {
  const home = env['XDG_CONFIG_HOME'] || (env['HOME'] ? `${env['HOME']}/.config` : undefined);
  return [absolute('streams.yaml', cwd), ...(home === undefined ? [] : [`${home}/iptv/streams.yaml`]), '/etc/iptv/streams.yaml'];
}

function absolute(path: string, cwd: string): string {
  const plain = path.replace(/^\.\//, '');
  return plain.startsWith('/') ? plain : `${cwd.replace(/\/$/, '')}/${plain}`;
}

function noConfig(message: string, next: string, evidence: readonly string[] = []): AppError {
  return new AppError({ exitCode: ExitCode.configInvalid, code: 'no-config', message, evidence, next });
}
