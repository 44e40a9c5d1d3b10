// The addresses of one stream's sources that are resolved at the start: asked for, held for their time, put into the plan.

import type { SourceConfig, StreamConfig } from '../core/config.ts';
import type { EventSink } from '../core/events.ts';
import type { Ports } from '../core/ports.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { hashText } from '../core/state-paths.ts';
import { addressSecrets, shownAddress, type ResolvedAddress } from './resolved-address.ts';
import { resolveAddress } from './resolver.ts';

interface Held {
  readonly address: ResolvedAddress;
  /** Wall clock, so that it outlives the supervisor. */
  readonly at: number;
  readonly expiresAt: number | null;
}

export interface SavedAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly userAgent?: string;
  readonly at: number;
  readonly expiresAt: number | null;
}

export interface SourceAddresses {
  /** Makes sure that the source has an address that holds; rejects with AppError `resolve-failed` or `resolve-refused`. */
  ready(source: SourceConfig, why: 'start' | 'probe'): Promise<void>;
  /** Asks now; true when the address is another one. */
  renew(source: SourceConfig): Promise<boolean>;
  forget(source: SourceConfig): void;
  /** The source with its address in place. */
  applied(source: SourceConfig): SourceConfig;
  /** The stream with the present address of its source at `index`; the same object while nothing changes. */
  appliedTo(stream: StreamConfig, index: number): StreamConfig;
  /** Wall clock at which a new one should be asked for; undefined when it need not. */
  renewAt(source: SourceConfig): number | undefined;
  held(source: SourceConfig): { readonly at: number; readonly expiresAt: number | null } | undefined;
  save(): Readonly<Record<string, SavedAddress>>;
}

/** Share of its time after which an address is renewed: early enough for a second try. */
const renewShare = 0.8;

export function createSourceAddresses(options: {
  readonly id: string;
  readonly ports: Pick<Ports, 'process' | 'net' | 'clock'>;
  readonly events: EventSink;
  readonly learnSecrets: (key: string, values: readonly string[]) => void;
  readonly saved: Readonly<Record<string, SavedAddress>>;
  readonly onChange: () => void;
}): SourceAddresses {
  const { id, ports, events } = options;
  const held = new Map<string, Held>();
  const applied = new WeakMap<StreamConfig, { readonly index: number; readonly held: Held | undefined; readonly stream: StreamConfig }>();
  for (const [key, saved] of Object.entries(options.saved)) {
    const { url, headers, userAgent, at, expiresAt } = saved;
    if (typeof url !== 'string' || typeof at !== 'number') continue;
    keep(key, { address: { url, headers: headers ?? {}, userAgent, ttlMs: undefined }, at, expiresAt: expiresAt ?? null });
  }

  function keep(key: string, next: Held): void {
    options.learnSecrets(`${id} ${key}`, addressSecrets(next.address));
    held.set(key, next);
  }

  async function ask(source: SourceConfig, cause: string): Promise<boolean> {
    const { resolve } = source;
    const key = keyOf(source);
    if (resolve === undefined) return false;
    const before = held.get(key);
    let address: ResolvedAddress;
    try {
      address = await resolveAddress(ports, source, resolve);
    } catch (error) {
      const { code, message, evidence } = error instanceof AppError ? error : bug(error);
      events.record({ stream: id, kind: 'source-resolved', cause: code, message, evidence, outcome: 'failed', data: { reason: cause } });
      throw error;
    }
    const at = ports.clock.now();
    const ttlMs = address.ttlMs ?? resolve.ttlMs;
    keep(key, { address, at, expiresAt: ttlMs === undefined ? null : at + ttlMs });
    const isNew = before?.address.url !== address.url;
    const holds = ttlMs === undefined ? '' : `, holds for ${Math.round(ttlMs / 1000)} s`;
    events.record({
      stream: id,
      kind: 'source-resolved',
      cause,
      message: `${resolve.display} gave ${isNew ? 'an' : 'the same'} address at ${shownAddress(address.url)}${holds}`,
      action: cause === 'refused' ? 'the source is tried again with it before a failure is counted' : null,
      outcome: isNew ? 'new' : 'same',
      data: { ttlSeconds: ttlMs === undefined ? null : Math.round(ttlMs / 1000) },
    });
    options.onChange();
    return isNew || JSON.stringify(before?.address.headers) !== JSON.stringify(address.headers);
  }

  /** Forgotten because it was refused, to be told as such when the next one is asked for. */
  const refused = new Set<string>();

  function isOver(entry: Held): boolean {
    return entry.expiresAt !== null && ports.clock.now() >= entry.expiresAt;
  }

  function put(source: SourceConfig, entry: Held | undefined): SourceConfig {
    if (source.resolve === undefined || entry === undefined) return source;
    const { url, headers, userAgent } = entry.address;
    const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
    const kept = Object.entries(source.headers).filter(([name]) => !names.has(name.toLowerCase()));
    return {
      ...source,
      url,
      display: `${source.display}: ${shownAddress(url)}`,
      headers: { ...Object.fromEntries(kept), ...headers },
      ...(userAgent === undefined ? {} : { userAgent }),
    };
  }

  return {
    async ready(source, why) {
      if (source.resolve === undefined) return;
      const entry = held.get(keyOf(source));
      if (entry !== undefined && !isOver(entry)) return;
      const wasRefused = refused.delete(keyOf(source));
      await ask(source, wasRefused ? 'refused' : entry === undefined ? why : 'expired');
    },
    renew: (source) => ask(source, 'renewed'),
    forget(source) {
      if (held.delete(keyOf(source))) refused.add(keyOf(source));
    },
    applied: (source) => put(source, held.get(keyOf(source))),
    appliedTo(stream, index) {
      const source = stream.sources[index];
      if (source?.resolve === undefined) return stream;
      const entry = held.get(keyOf(source));
      const known = applied.get(stream);
      if (known !== undefined && known.index === index && known.held === entry) return known.stream;
      const result = { ...stream, sources: stream.sources.map((each, at) => (at === index ? put(each, entry) : each)) };
      applied.set(stream, { index, held: entry, stream: result });
      return result;
    },
    renewAt(source) {
      const entry = held.get(keyOf(source));
      if (source.resolve?.renew !== 'restart' || entry === undefined || entry.expiresAt === null) return undefined;
      return entry.at + (entry.expiresAt - entry.at) * renewShare;
    },
    held: (source) => held.get(keyOf(source)),
    save: () =>
      Object.fromEntries(
        [...held].map(([key, { address, at, expiresAt }]) => [
          key,
          {
            url: address.url,
            headers: address.headers,
            at,
            expiresAt,
            ...(address.userAgent === undefined ? {} : { userAgent: address.userAgent }),
          },
        ]),
      ),
  };
}

/** Two resolvers may be shown alike: the same program with other words. */
function keyOf(source: SourceConfig): string {
  return `${source.display} ${hashText(JSON.stringify(source.resolve))}`;
}

function bug(error: unknown): AppError {
  return new AppError({ exitCode: ExitCode.bug, code: 'bug', message: String(error) });
}
