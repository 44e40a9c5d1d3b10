// A container as a place, looked into from the host with `docker exec`.

import type { Ports, RunResult } from '../core/ports.ts';
import { createBatcher, type BatchItem } from './batch.ts';
import { catFile, listFolder } from './host-place.ts';
import { placeTimeoutMs, shellWords, type Place } from './place.ts';

export interface ContainerPlaceOptions {
  readonly ports: Pick<Ports, 'process' | 'clock'>;
  /** Id or name of the running container. */
  readonly container: string;
  /** Its Compose service. */
  readonly service: string;
  /** Runs as this user of the container. */
  readonly user?: string;
  /** nginx's worker is this user of the container. */
  readonly workerUser?: string;
  /** The Compose project, for the commands that people are told. */
  readonly project: string;
}

export function createContainerPlace(options: ContainerPlaceOptions): Place {
  const { ports, container, service, project, user, workerUser } = options;
  const as = user === undefined ? [] : ['-u', user];
  const execute = ({ argv, input }: BatchItem, timeoutMs: number): Promise<RunResult> =>
    ports.process.run('docker', ['exec', ...(input === undefined ? [] : ['-i']), ...as, '-e', 'LC_ALL=C', container, ...argv], {
      timeoutMs,
      ...(input === undefined ? {} : { input }),
    });
  const batched = createBatcher({
    runScript: (script) => execute({ argv: ['sh', '-c', script], input: undefined }, placeTimeoutMs),
    runAlone: (item) => execute(item, placeTimeoutMs),
    after: (ms, callback) => ports.clock.after(ms, callback),
    newMark: () => `iptv-${String(ports.clock.random()).slice(2)}`,
  });
  const place: Place = {
    name: service,
    unreachable: undefined,
    run: (argv, { timeoutMs, input } = {}) => (timeoutMs === undefined ? batched({ argv, input }) : execute({ argv, input }, timeoutMs)),
    readText: (path) => catFile(place, path),
    folder: (path) => listFolder(place, path),
    describe: (argv) => shellWords(['docker', 'compose', '-p', project, 'exec', ...as, service, ...argv]),
    ...(workerUser === undefined ? {} : { asWorker: createContainerPlace({ ports, container, service, project, user: workerUser }) }),
  };
  return place;
}
