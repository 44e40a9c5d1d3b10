// What every source kind tells the planner: how to open it.

import type { SourceConfig } from '../../core/config.ts';
import type { Gate } from '../gate.ts';
import type { Step } from '../step.ts';

export interface InputContext {
  readonly streamId: string;
  readonly source: SourceConfig;
  readonly gate: Gate;
  readonly filters: ReadonlySet<string>;
  readonly withAudio: boolean;
}

export interface InputPlan {
  /** Options before `-i`, in order. */
  readonly options: readonly Step[];
  /** What follows `-i`, and its printable form. */
  readonly address: string;
  readonly shownAddress: string;
  readonly why: string;
  readonly notes: readonly string[];
}

export interface InputKind {
  /** Protocols (by URL scheme where it matters) and demuxers that the binary must have. */
  needs(source: SourceConfig): { readonly protocols: readonly string[]; readonly demuxers: readonly string[] };
  plan(context: InputContext): InputPlan;
}

export function schemeOf(url: string): string {
  return (/^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? 'file').toLowerCase();
}

export function microseconds(seconds: number): number {
  return Math.round(seconds * 1_000_000);
}

/** True when the URL itself sets a protocol option; ffmpeg then ignores ours, so it is not passed. */
export function urlSets(url: string, name: string): boolean {
  return new RegExp(`[?&]${name}=`).test(url);
}

/** The usual case: the URL as it is. */
export function byUrl(source: SourceConfig, options: readonly Step[], why: string, notes: readonly string[] = []): InputPlan {
  return { options, address: source.url, shownAddress: source.display, why, notes };
}
