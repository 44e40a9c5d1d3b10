// What an edited streams.yaml would do to what runs: the document of `iptv diff`.

export type ChangeAction = 'start' | 'stop' | 'restart' | 'none';

export interface StreamChange {
  readonly id: string;
  readonly action: ChangeAction;
  /** Plain words. */
  readonly reason: string;
  /** Keys as they are written in streams.yaml, such as `sources[0].url`; values are never shown: they may be secrets. */
  readonly changedKeys: readonly string[];
}

export interface ListDiff {
  readonly schemaVersion: 1;
  /** Path of the list. */
  readonly path: string;
  /** In the order of the list, removed streams last. */
  readonly changes: readonly StreamChange[];
  /** Keys of `server` that wait for `iptv down` and `iptv up`. */
  readonly server: readonly string[];
}

/** What is remembered of a definition that was applied: enough to say which key changed, not what it was. */
export interface AppliedDefinition {
  readonly enabled: boolean;
  /** Key as in streams.yaml -> fingerprint of its value. */
  readonly keys: Readonly<Record<string, string>>;
}
