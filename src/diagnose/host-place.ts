// This host as a place, also as another user where a check must be somebody else.

import type { Ports, RunResult } from '../core/ports.ts';
import { listingArgv, parseListing, placeTimeoutMs, shellWords, type Argv, type Place } from './place.ts';

export interface HostPlaceOptions {
  readonly ports: Pick<Ports, 'process'>;
  readonly name?: string;
  /** The user to be, for root only: nginx's worker is `nobody` where its master is root. */
  readonly as?: { readonly user: string; readonly group: string };
}

export function createHostPlace(options: HostPlaceOptions): Place {
  const { as } = options;
  const prefix = as === undefined ? [] : ['setpriv', '--reuid', as.user, '--regid', as.group, '--clear-groups'];
  const words = (argv: Argv): Argv => [...prefix, ...argv] as unknown as Argv;
  const place: Place = {
    name: options.name ?? 'this host',
    unreachable: undefined,
    run(argv, { timeoutMs = placeTimeoutMs, input } = {}) {
      const [file, ...rest] = words(argv);
      // `find` and `stat` print numbers and errors in the language of the user otherwise.
      return options.ports.process.run(file, rest, {
        timeoutMs,
        cwd: '/',
        env: { LC_ALL: 'C' },
        ...(input === undefined ? {} : { input }),
      });
    },
    readText: (path) => catFile(place, path),
    folder: (path) => listFolder(place, path),
    describe: (argv) => shellWords(words(argv)),
  };
  return place;
}

/** A place that cannot be looked into. */
export function createUnreachablePlace(name: string, why: string): Place {
  const answer: RunResult = { exitCode: undefined, stdout: '', stderr: why, timedOut: false, missing: true };
  return {
    name,
    unreachable: why,
    run: async () => answer,
    readText: async () => undefined,
    folder: async () => undefined,
    describe: shellWords,
  };
}

export async function catFile(place: Place, path: string): Promise<string | undefined> {
  const { exitCode, stdout } = await place.run(['cat', path]);
  return exitCode === 0 ? stdout : undefined;
}

/** find(1) fails when a file goes while it looks; what it has printed counts. */
export async function listFolder(place: Place, path: string): Promise<ReturnType<typeof parseListing>> {
  return parseListing((await place.run(listingArgv(path))).stdout);
}
