// Tells why a job ended from its last lines and the way it ended, in plain words, with the right pace for the next try.

import { splitFfmpegLine, type FfmpegLine } from './ffmpeg-line.ts';
import { outputRules, tellingRules, vagueRules, type FailureCause, type FailureRule, type RetryPace } from './failure-rules.ts';

export type { FailureCause, RetryPace };

export interface FailureClass {
  readonly cause: FailureCause;
  /** Such as "the source answered 403 Forbidden (access denied)". */
  readonly message: string;
  readonly retry: RetryPace;
  /** The lines that say so, oldest first. */
  readonly evidence: readonly string[];
}

const linesThatCount = 40;
/** When ffmpeg ends with 0 an old warning was survived; only fresh ones can be the cause. */
const freshWarnings = 12;
const mostEvidence = 3;

export function classifyFailure(
  lines: readonly string[],
  exit: { readonly code?: number | undefined; readonly signal?: string | undefined },
): FailureClass {
  const kept = lines.map(splitFfmpegLine).filter(isMeaningful).slice(-linesThatCount);
  const bySignal = classifySignal(kept, exit);
  if (bySignal !== undefined) return bySignal;
  const { source, output } = separate(kept);
  const last = { code: exit.code, scheme: schemeOf(source) };
  // 0 means nothing for a live source: mid-stream failures end with it as well.
  return byTelling(source, last) ?? byVague(source, last) ?? byOutput(output) ?? byExit(source, exit.code);
}

function isMeaningful({ text }: FfmpegLine): boolean {
  return (
    text.trim() !== '' &&
    !/^Opening '|^Skip \('#EXT|^\s*Last message repeated|^ffmpeg stats and -progress|^frame=|^size=|^video:|^Error opening input files:/.test(
      text,
    )
  );
}

/** The other leg's troubles go on beside the source's; they say nothing about why the job ended. */
function separate(lines: readonly FfmpegLine[]): { readonly source: readonly FfmpegLine[]; readonly output: readonly FfmpegLine[] } {
  const isOutput = lines.map(
    ({ components, text }) => /^(?:fifo|tee|out#\d.*)$/.test(components[0] ?? '') || /All tee outputs failed/.test(text),
  );
  const origin = lines
    .map(({ text }) => /Error opening rtmps?:\/\/(?:[^/@]*@)?([^/\s]+)/.exec(text)?.[1])
    .find((host) => host !== undefined);
  lines.forEach(({ components, text }, index) => {
    if (origin !== undefined && text.includes(`tcp://${origin}`)) isOutput[index] = true;
    // Writing HLS; what the hls demuxer says about reading has other words.
    if (components[0] === 'hls' && /\.(?:tmp|m3u8)'?(?::|$| to )|Failed to open file '\//.test(text)) isOutput[index] = true;
  });
  // "[tcp] refused", "[rtmp] cannot open", then "[fifo] error opening rtmp://...": the first two belong to the third.
  for (let index = lines.length - 2; index >= 0; index -= 1) {
    const helper = /^(?:tcp|tls|rtmps?|flv|aac_adtstoasc)$/.test(lines[index]?.components[0] ?? '');
    if (helper && isOutput[index + 1] === true) isOutput[index] = true;
  }
  return { source: lines.filter((_, index) => isOutput[index] !== true), output: lines.filter((_, index) => isOutput[index] === true) };
}

interface Ending {
  readonly code: number | undefined;
  readonly scheme: string;
}

/** `[error] udp://...: Input/output error` (5.1), `Error opening input file udp://....` (7.x), `Input #0, ..., from 'udp://...'`. */
function schemeOf(lines: readonly FfmpegLine[]): string {
  const named = lines
    .filter(({ level, components }) => components.length === 0 && level !== 'warning')
    .map(({ text }) => /\b([a-z]+):\/\//.exec(text)?.[1]);
  return named.findLast((scheme) => scheme !== undefined) ?? '';
}

/** What ffmpeg itself says at the end weighs most, then errors of its parts, then warnings. */
function byTelling(lines: readonly FfmpegLine[], last: Ending): FailureClass | undefined {
  const isVerdict = ({ level, components }: FfmpegLine): boolean =>
    (level === 'error' || level === undefined) && (components.length === 0 || components[0]?.startsWith('in#') === true);
  const isError = (line: FfmpegLine): boolean => line.level === 'error' && !isVerdict(line);
  const isWarning = (line: FfmpegLine): boolean => line.level === 'warning' && !line.text.startsWith('Will reconnect');
  const warnings = (last.code === 0 ? lines.slice(-freshWarnings) : lines).filter(isWarning);
  return (
    firstMatch(lines.filter(isVerdict), tellingRules, lines) ??
    firstMatch(lines.filter(isError), tellingRules, lines) ??
    firstMatch(warnings, tellingRules, lines)
  );
}

function byVague(lines: readonly FfmpegLine[], last: Ending): FailureClass | undefined {
  const rules = vagueRules.filter(({ scheme }) => scheme === undefined || scheme.test(last.scheme));
  return firstMatch(
    lines.filter(({ level }) => level !== 'info'),
    rules,
    lines,
  );
}

function byOutput(lines: readonly FfmpegLine[]): FailureClass | undefined {
  return lines.some(({ text }) => /All tee outputs failed/.test(text)) ? firstMatch(lines, outputRules, lines) : undefined;
}

/** Newest line first; the order of the rules decides within a line. */
function firstMatch(
  candidates: readonly FfmpegLine[],
  rules: readonly FailureRule[],
  all: readonly FfmpegLine[],
): FailureClass | undefined {
  for (const line of [...candidates].reverse()) {
    for (const { cause, retry, pattern, say } of rules) {
      const match = pattern.exec(line.text);
      if (match !== null)
        return { cause, retry, message: detailed(cause, rules, all) ?? words(say, match), evidence: evidenceFrom(all, line) };
    }
  }
  return undefined;
}

function words(say: FailureRule['say'], match: RegExpExecArray): string {
  return say(...match.slice(1).map((group: string | undefined) => group ?? ''));
}

/** Another line of the same cause may name the host or the status that the verdict leaves out. */
function detailed(cause: FailureCause, rules: readonly FailureRule[], all: readonly FfmpegLine[]): string | undefined {
  for (const line of [...all].reverse()) {
    for (const { cause: same, pattern, say } of rules) {
      const match = same === cause ? pattern.exec(line.text) : null;
      if (match?.slice(1, 2).some((group: string | undefined) => group !== undefined && group !== '') === true) return words(say, match);
    }
  }
  return undefined;
}

/** The telling line and the complaints around it, each once. */
function evidenceFrom(all: readonly FfmpegLine[], telling: FfmpegLine): readonly string[] {
  const complaints = all.filter(
    (line) => line === telling || ((line.level === 'error' || line.level === 'warning') && !line.text.startsWith('Will reconnect')),
  );
  const at = complaints.indexOf(telling);
  const around = [...new Set(complaints.slice(Math.max(0, at - mostEvidence + 1)).map(show))];
  const shown = show(telling);
  const tail = around.slice(-mostEvidence);
  return tail.includes(shown) ? tail : [shown, ...tail.slice(1)];
}

function show({ components, text }: FfmpegLine): string {
  const speaker = components.at(-1);
  return speaker === undefined ? text.trim() : `${speaker}: ${text.trim()}`;
}

const crashes = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

function classifySignal(
  lines: readonly FfmpegLine[],
  exit: { readonly code?: number | undefined; readonly signal?: string | undefined },
): FailureClass | undefined {
  const evidence = lines
    .filter(({ level }) => level === 'error')
    .slice(-mostEvidence)
    .map(show);
  // 128 + signal is how a shell or an init tells of it.
  const signal = exit.signal ?? { 137: 'SIGKILL', 139: 'SIGSEGV', 134: 'SIGABRT', 143: 'SIGTERM', 153: 'SIGXFSZ' }[exit.code ?? 0];
  if (signal !== undefined && crashes.has(signal))
    return { cause: 'crashed', message: `ffmpeg crashed (${signal})`, retry: 'normal', evidence };
  if (signal === 'SIGKILL')
    return { cause: 'killed', message: 'ffmpeg was killed (SIGKILL): out of memory, or by hand', retry: 'fast', evidence };
  if (signal === 'SIGXFSZ')
    return { cause: 'killed', message: 'ffmpeg wrote a file to its size limit (SIGXFSZ): a flood of messages', retry: 'normal', evidence };
  if (signal !== undefined) return { cause: 'killed', message: `ffmpeg was ended by ${signal}`, retry: 'fast', evidence };
  const told =
    exit.code === 255
      ? lines.map(({ text }) => /Exiting normally, received signal (\d+)/.exec(text)?.[1]).findLast((number) => number !== undefined)
      : undefined;
  return told === undefined
    ? undefined
    : { cause: 'killed', message: `somebody told ffmpeg to end (signal ${told})`, retry: 'fast', evidence };
}

function byExit(lines: readonly FfmpegLine[], code: number | undefined): FailureClass {
  const evidence = lines
    .filter(({ level }) => level === 'error')
    .slice(-mostEvidence)
    .map(show);
  if (code === 0) return { cause: 'ended', message: 'the source ended, or stood still until ffmpeg gave up', retry: 'fast', evidence };
  if (code === 75) return { cause: 'lock-held', message: "another process runs this stream's job", retry: 'normal', evidence };
  if (code === 126 || code === 127) return { cause: 'config', message: 'ffmpeg cannot be started', retry: 'never', evidence };
  const ending = code === undefined ? 'ffmpeg ended' : `ffmpeg ended with exit code ${code}`;
  return {
    cause: 'unknown',
    message:
      evidence.length === 0
        ? `${ending} and said nothing`
        : `${ending}: ${evidence.findLast((line) => !line.startsWith('Error opening input file')) ?? evidence.at(-1)}`,
    retry: 'normal',
    evidence,
  };
}
