// One look at a source within its provider's limit: never a connection more than allowed, none at all for what plays already.

import type { SourceConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import type { ProbeReport } from '../core/failover.ts';
import type { Providers } from './providers.ts';
import type { SourceAddresses } from './source-addresses.ts';
import type { ProbeAnswer, ProbeSource } from './source-probe.ts';

/** An expired address answers so. */
const renewable: ReadonlySet<string> = new Set(['auth', 'not-found', 'rejected']);

export async function lookAtSource(input: {
  readonly id: string;
  readonly index: number;
  readonly source: SourceConfig;
  readonly isOnAir: boolean;
  readonly providers: Pick<Providers, 'tryTake' | 'limit' | 'holders'>;
  readonly addresses: Pick<SourceAddresses, 'ready' | 'forget' | 'applied'>;
  readonly probe: ProbeSource;
}): Promise<ProbeReport> {
  const { id, index, source, providers } = input;
  const report = (result: ProbeReport['result'], message: string, more: Partial<ProbeReport> = {}): ProbeReport => ({
    index,
    result,
    cause: null,
    message,
    video: null,
    audio: null,
    facts: null,
    ...more,
  });
  if (input.isOnAir) return report('on-air', 'it plays: nothing needs to be asked');
  const lease = providers.tryTake(source.provider, `a look at ${id}`);
  if (lease === undefined) {
    const provider = source.provider ?? '';
    const held = providers.holders(provider).join(', ');
    return report('no-connection', `provider ${provider} has no free connection (${providers.limit(provider)} allowed, in use by ${held})`);
  }
  try {
    const answer = await ask(input);
    if (!answer.ok) return report('bad', answer.message, { cause: answer.cause });
    const { video, audio } = answer.facts ?? {};
    return report('good', 'it sends media', {
      video: video?.codec ?? null,
      audio: audio?.codec ?? null,
      facts: answer.facts ?? null,
    });
  } finally {
    lease.release(true);
  }
}

async function ask(input: {
  readonly source: SourceConfig;
  readonly addresses: Pick<SourceAddresses, 'ready' | 'forget' | 'applied'>;
  readonly probe: ProbeSource;
}): Promise<ProbeAnswer> {
  const { source, addresses, probe } = input;
  try {
    await addresses.ready(source, 'probe');
    const answer = await probe(addresses.applied(source));
    if (answer.ok || source.resolve === undefined || !renewable.has(answer.cause)) return answer;
    addresses.forget(source);
    await addresses.ready(source, 'probe');
    return await probe(addresses.applied(source));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ok: false, cause: error.code, message: error.message, evidence: error.evidence };
  }
}
