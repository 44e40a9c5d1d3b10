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
}

export interface Check {
  /** Stable; users type it. */
  readonly id: string;
  readonly title: string;
  readonly layer: Layer;
  /** `warning`: what fails here does not make the whole run fail. */
  readonly severity: 'error' | 'warning';
  /** Checks that must not have failed for this one to make sense. */
  readonly dependsOn: readonly string[];
  /** Instead of the runner's own limit. */
  readonly timeoutMs?: number;
  /** Why there is nothing to check in this place; undefined: there is. */
  readonly notHere?: (context: CheckContext) => string | undefined;
  /** May throw: that is a finding too. */
  run(context: CheckContext, facts: Facts): Promise<readonly Finding[]>;
}

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly layer: Layer;
  /** The worst of its findings. */
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
  Pick<Finding, 'evidence' | 'why' | 'next' | 'fixable' | 'exitCode'>
>;

function finding(status: FindingStatus, details: Details): Finding {
  return { status, evidence: [], why: '', fixable: false, exitCode: ExitCode.unavailable, ...details };
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

export function skip(why: string): Finding {
  return finding('skip', { code: 'skipped', what: 'not checked', why });
}

export function broken(details: Details): Finding {
  return finding('error', details);
}
