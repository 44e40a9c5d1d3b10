// How nginx answers over HTTP: its health page and the RTMP status.

import { parseRtmpStat, type RtmpStat } from '../../observe/rtmp-stat.ts';
import type { DoctorContext } from '../context.ts';

/** `silent`: it takes the connection and says nothing. `refused`: nobody takes it. */
export type OriginHealth = 'answers' | 'silent' | 'refused' | 'other';

const askTimeoutMs = 3000;

/** Asked twice before it counts as silent: a machine under load may be late once. */
export async function readHealth(context: DoctorContext): Promise<OriginHealth> {
  const { net } = context.ports;
  const url = `${context.originUrl}/healthz`;
  const ask = () => net.get(url, { timeoutMs: askTimeoutMs });
  const { hostname, port } = new URL(url);
  const accepts = (): Promise<boolean> => net.canConnect(hostname, Number(port === '' ? 80 : port), askTimeoutMs);
  let answer = await ask();
  if (answer === undefined && !(await accepts())) return 'refused';
  answer ??= await ask();
  if (answer === undefined) return (await accepts()) ? 'silent' : 'refused';
  return answer.status === 200 && answer.body.startsWith('ok') ? 'answers' : 'other';
}

export interface StatAnswer {
  readonly url: string;
  /** HTTP status; undefined when nothing answered. */
  readonly status: number | undefined;
  /** undefined when what came is not the document. */
  readonly stat: RtmpStat | undefined;
}

export async function readStat(context: DoctorContext): Promise<StatAnswer> {
  const url = `${context.originUrl}/stat`;
  const answer = await context.ports.net.get(url, { timeoutMs: askTimeoutMs });
  return { url, status: answer?.status, stat: answer === undefined ? undefined : parseRtmpStat(answer.body) };
}
