// What real ffmpeg binaries said of themselves: 5.1 of Debian 12 and 7.1 of Debian 13.

import { readFileSync } from 'node:fs';
import type { FfmpegFacts } from '../../src/core/facts.ts';
import { parseFfmpegFacts, type FfmpegAnswer } from '../../src/observe/ffmpeg-facts.ts';

export type FfmpegVersion = '5.1' | '7.1';

export function recordedFacts(version: FfmpegVersion, options: { readonly canWriteText?: boolean } = {}): FfmpegFacts {
  const answer = (name: string): FfmpegAnswer => ({ stdout: fixture(`${version}/${name}.txt`), succeeded: true });
  return parseFfmpegFacts('/usr/bin/ffmpeg', {
    version: answer('version'),
    protocols: answer('protocols'),
    formats: answer('formats'),
    encoders: answer('encoders'),
    filters: answer('filters'),
    options: answer('options'),
    text: { stdout: '', succeeded: options.canWriteText ?? true },
  });
}

export interface RecordedFailure {
  readonly name: string;
  readonly code: number;
  readonly lines: readonly string[];
}

export function recordedFailures(version: FfmpegVersion): readonly RecordedFailure[] {
  return JSON.parse(fixture(`failures-${version}.json`)) as RecordedFailure[];
}

function fixture(path: string): string {
  return readFileSync(new URL(`../fixtures/ffmpeg/${path}`, import.meta.url), 'utf8');
}
