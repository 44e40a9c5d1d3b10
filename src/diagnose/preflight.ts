// What must be right before the stack comes up: the checks of `iptv up`.

import { AppError } from '../core/errors.ts';
import type { Check, Report } from './check.ts';
import { configSecretsCheck } from './checks/config-secrets.ts';
import { ffmpegCheck } from './checks/ffmpeg.ts';
import { hlsDirectoryCheck } from './checks/hls-directory.ts';
import { nginxCheck } from './checks/nginx.ts';
import { portsCheck } from './checks/ports.ts';
import type { CheckContext } from './context.ts';
import { createFacts } from './facts.ts';
import { runChecks } from './runner.ts';

/** In the order in which their problems are told. */
export const preflightChecks: readonly Check[] = [ffmpegCheck, nginxCheck, portsCheck, hlsDirectoryCheck, configSecretsCheck];

export function preflight(context: CheckContext): Promise<Report> {
  return runChecks(preflightChecks, context, createFacts(context));
}

/** The first problem that stands in the way, the others named below it; undefined when nothing does. */
export function reportError(report: Report): AppError | undefined {
  const [first, ...others] = report.checks
    .flatMap((check) => check.findings)
    .filter((finding) => finding.status === 'fail' || finding.status === 'error');
  if (first === undefined) return undefined;
  return new AppError({
    exitCode: first.exitCode,
    code: first.code,
    message: first.what,
    evidence: [...first.evidence, ...(first.why === '' ? [] : [first.why]), ...others.map((finding) => `also: ${finding.what}`)],
    ...(first.next === undefined ? {} : { next: first.next }),
  });
}

/** One line a problem that does not stand in the way, for people. */
export function reportWarnings(report: Report): readonly string[] {
  return report.checks
    .flatMap((check) => check.findings)
    .filter((finding) => finding.status === 'warn')
    .map((finding) => (finding.next === undefined ? finding.what : `${finding.what} (${finding.next})`));
}
