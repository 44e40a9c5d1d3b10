// The list as the supervisor knows it: re-read on demand, never half taken over, with a server section that stays as it began.
// A file that is invalid at the start changes nothing either: the list of before stands in until it is mended.

import { isDeepStrictEqual } from 'node:util';

import type { Config, ServerConfig } from './core/config.ts';
import { readWhole } from './whole-list.ts';

export interface CurrentList {
  readonly config: () => Config;
  /** What the file says that waits for the next start of the supervisor, in plain words. */
  readonly notes: () => readonly string[];
  /** Why the file is not in force although this supervisor began with it: the list of before stands in. undefined: it is. */
  readonly refusal: () => unknown;
  /** While the list of before stands in: looks whether the file was mended, and takes it over. Costs nothing otherwise. */
  followMending(): Promise<void>;
  /** The file as it is now, not taken over, and which keys of its `server` differ. Throws AppError when the list is invalid. */
  peek(): Promise<{ readonly next: Config; readonly serverKeys: readonly string[] }>;
  /** Throws AppError when the list is invalid; nothing is changed then. `force`: a file with a secret may have changed, the list itself not. */
  reload(force?: boolean): Promise<void>;
  /** As `reload(true)`; `look` sees what is about to be in force, and which keys of its `server` differ, just before it is. */
  take<T>(look: Look<T>): Promise<T>;
}

type Look<T> = (next: Config, serverKeys: readonly string[]) => T;

export interface CurrentListOptions {
  readonly readText: () => Promise<string | undefined>;
  readonly readList: () => Promise<Config>;
  readonly onChange: (config: Config) => void;
  readonly onRefused?: (error: unknown) => void;
  /** The list that was last in force. */
  readonly readLast?: () => Promise<Config | undefined>;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
}

/** A variable or a referenced file that was mended changes nothing in the list's own text. */
const lookAgainMs = 30_000;

export async function openCurrentList(options: CurrentListOptions): Promise<CurrentList> {
  let refusal: unknown;
  let text = await options.readText().catch(() => undefined);
  let config = await options.readList().catch(async (error: unknown) => {
    const last = await options.readLast?.();
    if (last === undefined) throw error;
    refusal = error;
    return last;
  });
  let tried = { text, at: options.monotonic() };
  if (refusal !== undefined) text = undefined;
  const { server } = config;
  let pending: readonly string[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  async function read(force: boolean, look?: Look<unknown>): Promise<void> {
    if (!force && refusal === undefined && (await options.readText()) === text) return;
    const { text: newText, config: next } = await readWhole(options, config);
    refusal = undefined;
    // Jobs that play on with their old definition still print its passwords.
    const secrets = [...new Set([...next.secrets, ...config.secrets])];
    const changed = { ...next, server, secrets };
    const isSame = newText === text && isDeepStrictEqual(changed.streams, config.streams);
    text = newText;
    pending = changedParts(server, next.server);
    look?.(next, pending);
    if (isSame) return;
    config = changed;
    options.onChange(config);
  }

  /** One at a time, or the older of two readings could be the one that stays. */
  function reload(force = false, look?: Look<unknown>): Promise<void> {
    const done = turn.then(() => read(force, look));
    turn = done.catch((error: unknown) => options.onRefused?.(error));
    return done;
  }

  return {
    config: () => config,
    refusal: () => refusal,
    notes: () => [
      ...(refusal === undefined
        ? []
        : [
            `${config.path} cannot be used (${refusal instanceof Error ? refusal.message : 'no answer'}): the list that was in force before stands in until it is mended; see iptv validate`,
          ]),
      ...(pending.length === 0
        ? []
        : [
            `server.${pending.join(', server.')} of ${config.path} changed: this takes effect after iptv down and iptv up; until then the old value holds`,
          ]),
    ],
    async followMending() {
      if (refusal === undefined) return;
      const now = await options.readText().catch(() => undefined);
      if (now === tried.text && options.monotonic() - tried.at < lookAgainMs) return;
      tried = { text: now, at: options.monotonic() };
      await reload().catch(() => undefined);
    },
    async peek() {
      const { config: next } = await readWhole(options, config);
      return { next, serverKeys: changedParts(server, next.server) };
    },
    reload: (force) => reload(force),
    async take<T>(look: Look<T>) {
      let seen: T | undefined;
      await reload(true, (next, keys) => (seen = look(next, keys)));
      return seen as T;
    },
  };
}

/**
 * nginx, the running jobs and the supervisor must agree on ports and folders, so none of them changes while they run:
 * an nginx that came back on other ports would be one that no job and no health question finds.
 */
function changedParts(before: ServerConfig, after: ServerConfig): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof ServerConfig)[]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}
