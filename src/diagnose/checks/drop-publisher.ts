// Ends one publisher in nginx, through its control door, which is open to where jobs run and to nobody else.

import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import type { DoctorContext } from '../context.ts';

export async function dropPublisher(context: DoctorContext, application: string, name: string): Promise<void> {
  const path = `/control/drop/publisher?app=${encodeURIComponent(application)}&name=${encodeURIComponent(name)}`;
  const { origin } = context.places;
  const dropped =
    context.runtime === 'docker' && origin.unreachable === undefined
      ? (await origin.run(['curl', '-sS', '-f', '-m', '5', `http://127.0.0.1:${context.config.server.ports.http}${path}`])).stdout
      : ((await context.ports.net.get(`${context.originUrl}${path}`, { timeoutMs: 5000 }))?.body ?? '');
  // nginx answers with the number of publishers it has dropped.
  if (Number(dropped.trim()) >= 1) return;
  throw new AppError({
    exitCode: ExitCode.tryAgain,
    code: 'fix-failed',
    message: `nginx did not drop the publisher of ${name}`,
    evidence: [dropped.trim()],
  });
}
