// What a check is and what it finds: small values, so that one run can be shown in several ways.

import { ExitCode } from '../core/exit-codes.ts';
import type { CheckContext } from './context.ts';
import type { Facts } from './facts.ts';

/** Where on the way from source to viewer a problem sits; `host` and `config` come before that way. */
export type Layer = 'host' | 'config' | 'source' | 'job' | 'rtmp' | 'volume' | 'http' | 'playlist';

/** `error`: the check itself broke or took too long. */
export type FindingStatus = 'pass' | 'warn' | 'fail' | 'skip' | 'error';

export interface Finding {
  readonly status: FindingStatus;
  /** Stable machine word, such as `port-in-use`. */
  readonly code: string;
  /** One line: what is the case. */
  readonly what: string;
  /** A few lines that prove it. */
  readonly evidence: readonly string[];
  /** Why it matters or how it comes about; empty when `what` says it all. */
  readonly why: string;
  /** One command to run next. */
  readonly next?: string;
  /** iptv can put it right by itself. */
  readonly fixable: boolean;
  /** How a command ends that cannot go on because of it. */
  readonly exitCode: ExitCode;
  /** Id of the stream, or the container, it is about; absent: the whole stack. The trouble of one stream explains nothing of another. */
  readonly subject?: string;
  /**
   * What would explain it, when that was found as well: a check (`nginx`) or one finding of it (`nginx/nginx-hung`). The
   * cause must be about the same subject or about the whole stack, and not be milder than what it explains.
   */
  readonly consequenceOf?: readonly string[];
  /** Filled in by the runner: the finding (`check/code`) that explains this one. Absent: a problem here is a root cause. */
  readonly rootCause?: string;
  readonly fix?: Fix;
}

/** Puts one thing right. It must never touch a stream that is well. */
export interface Fix {
  /** What is going to be done, as a command or in words; equal actions of several findings are done once. */
  readonly action: string;
  /** Throws AppError when it is refused. */
  readonly apply: () => Promise<void>;
}

export interface Check<C extends CheckContext = CheckContext, F extends Facts = Facts> {
  /** Stable; users type it. */
  readonly id: string;
  readonly title: string;
  readonly layer: Layer;
  /** `warning`: what fails here does not make the whole run fail. */
  readonly severity: 'error' | 'warning';
  /** Checks that must not have failed for this one to make sense. */
  readonly dependsOn: readonly string[];
  /** Instead of the runner's own limit. */
  readonly timeoutMs?: number | ((context: C) => number);
  /** Why there is nothing to check in this place; undefined: there is. */
  readonly notHere?: (context: C) => string | undefined;
  /** May throw: that is a finding too. */
  run(context: C, facts: F): Promise<readonly Finding[]>;
}

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly layer: Layer;
  /** The worst of its findings that are root causes; `skip` when all its problems are explained by another check. */
  readonly status: FindingStatus;
  readonly findings: readonly Finding[];
  readonly ms: number;
}

export interface Report {
  readonly status: FindingStatus;
  /** In the order of the list of checks. */
  readonly checks: readonly CheckResult[];
}

type Details = { readonly code: string; readonly what: string } & Partial<
  Pick<Finding, 'evidence' | 'why' | 'next' | 'fixable' | 'exitCode' | 'subject' | 'consequenceOf' | 'fix'>
>;

function finding(status: FindingStatus, details: Details): Finding {
  return { status, evidence: [], why: '', fixable: details.fix !== undefined, exitCode: ExitCode.unavailable, ...details };
}

export function pass(what: string, evidence: readonly string[] = []): Finding {
  return finding('pass', { code: 'ok', what, evidence });
}

export function warn(details: Details): Finding {
  return finding('warn', details);
}

export function fail(details: Details): Finding {
  return finding('fail', details);
}

/** Not looked at because of something that another check tells. */
export function skip(why: string): Finding {
  return finding('skip', { code: 'skipped', what: 'not checked', why });
}

/** There is nothing of the kind in this place. */
export function notHere(why: string): Finding {
  return finding('skip', { code: 'not-here', what: 'nothing to check', why });
}

/** Something needed is missing, so nobody knows; a run that ends like this without a problem exits with 69. */
export function cannotTell(why: string, next?: string): Finding {
  return finding('skip', { code: 'cannot-tell', what: 'could not be checked', why, ...(next === undefined ? {} : { next }) });
}

export function broken(details: Details): Finding {
  return finding('error', details);
}

export function isProblem(finding: Finding): boolean {
  return finding.status === 'fail' || finding.status === 'error' || finding.status === 'warn';
}
