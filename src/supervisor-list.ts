// The supervisor's list: the file, the copy of what is in force in the state folder, and what is told of both.

import type { Config } from './core/config.ts';
import type { ClockPort, FilesPort } from './core/ports.ts';
import type { StatePaths } from './core/state-paths.ts';
import { openCurrentList, type CurrentList } from './current-list.ts';
import type { HouseEvents } from './house-events.ts';
import { createLastList } from './last-list.ts';
import type { LogSink } from './observe/log-sink.ts';

export interface SupervisorListOptions {
  readonly ports: { readonly files: FilesPort; readonly clock: ClockPort };
  readonly paths: StatePaths;
  readonly configPath: string;
  readonly version: string;
  readonly readList: () => Promise<Config>;
}

/** Logs and events scrub the list's secrets, so they are opened after it. */
export interface SupervisorListUsers {
  readonly log: LogSink;
  readonly house: HouseEvents;
  /** Takes the changed list over. */
  configure(config: Config): void;
}

export interface SupervisorList extends CurrentList {
  /** Says how the list was found; from now on changes are passed on. */
  announce(users: SupervisorListUsers): void;
  /** Why the list of before stands in; undefined while the file itself is in force. */
  readonly problem: () => string | undefined;
}

export async function openSupervisorList(options: SupervisorListOptions): Promise<SupervisorList> {
  const { ports, paths, configPath } = options;
  let users: SupervisorListUsers | undefined;
  const last = createLastList({
    files: ports.files,
    path: paths.lastList,
    version: options.version,
    configPath,
    onError: (message) => users?.log.note('error', message),
  });
  const list = await openCurrentList({
    readText: () => ports.files.readText(configPath),
    readList: options.readList,
    readLast: () => last.read(),
    monotonic: () => ports.clock.monotonic(),
    onChange(config) {
      last.keep(config);
      users?.configure(config);
      users?.log.note('info', `took over a changed ${configPath}`);
      users?.house.listTaken(config);
      for (const note of list.notes()) users?.log.note('warning', note);
    },
    onRefused: (error) => users?.house.listRefused(configPath, error),
  });
  return {
    ...list,
    problem: () => (list.refusal() === undefined ? undefined : list.notes()[0]),
    announce(given) {
      users = given;
      if (list.refusal() === undefined) return last.keep(list.config());
      given.house.listRefused(configPath, list.refusal());
      for (const note of list.notes()) given.log.note('warning', note);
    },
  };
}
