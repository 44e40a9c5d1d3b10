// The list that is in force, kept in the state folder: a supervisor that starts while the file is invalid goes on with it.

import type { Config } from './core/config.ts';
import type { FilesPort } from './core/ports.ts';

export interface LastList {
  /** It holds secrets, as the jobs' records do: mode 0600. A disk that refuses it is told, and harms nothing else. */
  keep(config: Config): void;
  /** undefined when there is none, or it is damaged, another version's or another file's. */
  read(): Promise<Config | undefined>;
}

export interface LastListOptions {
  readonly files: Pick<FilesPort, 'readText' | 'writeAtomic'>;
  /** Where it is kept. */
  readonly path: string;
  /** Of iptv: another one may want other things of a list. */
  readonly version: string;
  /** Absolute path of streams.yaml. */
  readonly configPath: string;
  readonly onError: (message: string) => void;
}

export function createLastList(options: LastListOptions): LastList {
  const { files, path, version, configPath } = options;
  let writing: Promise<void> = Promise.resolve();
  return {
    keep(config) {
      const text = `${JSON.stringify({ version, config })}\n`;
      writing = writing
        .then(() => files.writeAtomic(path, text, 0o600))
        .catch((error: unknown) => options.onError(`cannot keep the list in force: ${String(error)}`));
    },
    async read() {
      const text = await files.readText(path).catch(() => undefined);
      if (text === undefined) return undefined;
      try {
        const kept = JSON.parse(text) as { readonly version?: string; readonly config?: Config };
        const { config } = kept;
        if (kept.version !== version || config?.path !== configPath) return undefined;
        return Array.isArray(config.streams) && typeof config.server === 'object' ? config : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
