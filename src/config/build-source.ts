// One source of the checked file as the rest of the program sees it: common settings merged in, its provider found.

import type { ProviderConfig, ResolveConfig, SourceConfig, SourceKind } from '../core/config.ts';
import { resolvePath } from './file-paths.ts';
import { mergeHeaders } from './headers.ts';
import type { Path } from './positions.ts';
import type { DefaultsEntry, ProvidersEntry, ResolveEntry, SourceEntry, StreamEntry } from './schema.ts';
import { kindsWith } from './source-checks.ts';
import { applyKind, placeholderUrl, readSource } from './sources.ts';
import { splitUrl } from './url-parts.ts';

export interface SourceContext {
  readonly folder: string;
  readonly displayOf: (path: Path) => string | undefined;
  readonly redact: (text: string) => string;
  readonly providers: ProvidersEntry;
}

export function buildProviders(entries: ProvidersEntry): readonly ProviderConfig[] {
  return Object.entries(entries).map(([name, entry]) => ({
    name,
    ...(entry.maxConnections === undefined ? {} : { maxConnections: entry.maxConnections }),
    releaseDelayMs: entry.releaseDelay ?? 3000,
  }));
}

export function buildSource(
  entry: SourceEntry,
  path: Path,
  stream: StreamEntry,
  defaults: DefaultsEntry,
  context: SourceContext,
): SourceConfig {
  const own = typeof entry === 'string' ? { url: entry } : entry;
  const resolve = own.resolve === undefined ? undefined : buildResolve(own.resolve, [...path, 'resolve'], context);
  const { kind, url } = addressOf(own, context.folder);
  const shown = context.displayOf(typeof entry === 'string' ? path : [...path, 'url']) ?? url;
  const name = own.provider ?? (resolve === undefined ? providerOf(url, context.providers) : undefined);
  const provider = name === undefined ? undefined : context.providers[name];
  // Common settings are for every source; a kind that has no use for one leaves it out.
  const use = <T>(key: keyof typeof kindsWith, value: T | undefined): T | undefined => (kindsWith[key].includes(kind) ? value : undefined);
  const userAgent = use('userAgent', own.userAgent ?? provider?.userAgent ?? stream.userAgent ?? defaults.userAgent);
  const referer = use('referer', own.referer ?? stream.referer ?? defaults.referer);
  const transport = use('transport', own.transport ?? stream.transport ?? defaults.transport);
  const reconnect = { ...defaults.reconnect, ...stream.reconnect, ...own.reconnect };
  return {
    kind,
    url,
    display: resolve === undefined ? context.redact(shown) : `${kind} from ${resolve.display}`,
    headers: use('headers', mergeHeaders(defaults.headers, stream.headers, provider?.headers, own.headers)) ?? {},
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(referer === undefined ? {} : { referer }),
    ...(transport === undefined ? {} : { transport }),
    ...(name === undefined ? {} : { provider: name }),
    ...(resolve === undefined ? {} : { resolve }),
    reconnect: {
      enabled: reconnect.enabled ?? true,
      maxDelaySeconds: (reconnect.maxDelay ?? 4000) / 1000,
      timeoutSeconds: (reconnect.timeout ?? 10_000) / 1000,
    },
    inputOptions: own.inputOptions ?? {},
  };
}

function addressOf(own: Exclude<SourceEntry, string>, folder: string): { readonly kind: SourceKind; readonly url: string } {
  if (own.resolve !== undefined && own.kind !== undefined) return { kind: own.kind, url: placeholderUrl(own.kind) };
  const read = readSource(own.url ?? '', folder);
  const address = read.ok ? applyKind(read.value, own.kind) : read;
  if (!address.ok) throw new Error(`unchecked source: ${address.problem.message}`);
  return address.value;
}

function buildResolve(entry: ResolveEntry, path: Path, context: SourceContext): ResolveConfig {
  const common = {
    timeoutMs: entry.timeout ?? 10_000,
    renew: entry.renew ?? ('off' as const),
    ...(entry.ttl === undefined ? {} : { ttlMs: entry.ttl }),
  };
  if (entry.command !== undefined) {
    const [program = '', ...words] = entry.command;
    const file = program.includes('/') ? resolvePath(context.folder, program) : program;
    return { ...common, display: context.redact(program), command: [file, ...words] };
  }
  const url = entry.url ?? '';
  return {
    ...common,
    display: context.redact(context.displayOf([...path, 'url']) ?? url),
    url,
    headers: entry.headers ?? {},
    ...(entry.field === undefined ? {} : { field: entry.field }),
  };
}

/** An exact name comes before a wild card. */
function providerOf(url: string, providers: ProvidersEntry): string | undefined {
  const parts = splitUrl(url);
  const host = parts.ok ? parts.value.host.toLowerCase() : '';
  if (host === '') return undefined;
  const fits = (matches: (pattern: string) => boolean): string | undefined =>
    Object.entries(providers).find(([, provider]) => provider.hosts?.some((pattern) => matches(pattern)))?.[0];
  return fits((pattern) => pattern === host) ?? fits((pattern) => pattern.startsWith('*.') && host.endsWith(pattern.slice(1)));
}
