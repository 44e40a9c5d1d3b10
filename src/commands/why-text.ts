// The story of a stream for people: how it is, what repeats with advice, then the interruptions, newest first.

import type { Chapter, WhyReport } from '../diagnose/why/why.ts';
import type { Sink } from '../ui/streams.ts';
import { createTheme, type Theme } from '../ui/theme.ts';
import { formatClock, formatDay, formatDuration, plural } from '../ui/time.ts';

const mostChapters = 12;

export function renderWhy(report: WhyReport, sink: Sink, look: { readonly evidence: boolean }): string {
  const theme = createTheme(sink.hasColor);
  const lines = [(report.isWell ? theme.good : theme.bad)(`${report.now}.`), figures(report)];
  for (const { what, advice, evidence } of report.insights) {
    lines.push('', theme.strong(`- ${withStop(what)}`), `  ${theme.command('do:')} ${withStop(advice)}`);
    if (look.evidence) lines.push(...evidence.map((line) => theme.dim(`  | ${line}`)));
  }
  if (report.story.length > 0) {
    lines.push('', 'What happened, newest first:');
    for (const chapter of report.story.slice(0, mostChapters)) lines.push(...chapterLines(chapter, look.evidence, theme));
    const left = report.story.length - mostChapters;
    if (left > 0) lines.push(theme.dim(`  and ${left} more; iptv events ${report.stream} shows all`));
  }
  const [order] = report.orders;
  if (order !== undefined) lines.push('', theme.dim(`Last order: ${order.message}, ${when(order.at)}.`));
  return `${lines.join('\n')}\n`;
}

function figures({ figures: found, period }: WhyReport): string {
  const span = formatDuration((Date.parse(period.to) - Date.parse(period.from)) / 1000);
  if (found.interruptions === 0) return `No interruption in the last ${span}.`;
  const longest = found.interruptions === 1 ? '' : `, the longest ${formatDuration(found.longestSeconds)}`;
  const each = found.betweenSeconds === null ? '' : `, one every ${formatDuration(found.betweenSeconds)}`;
  return `In the last ${span}: ${plural(found.interruptions, 'interruption')}, ${formatDuration(found.offAirSeconds)} in all${longest}${each}.`;
}

function chapterLines(chapter: Chapter, withEvidence: boolean, theme: Theme): readonly string[] {
  const span = chapter.to === null ? `since ${when(chapter.from)}` : spanOf(chapter.from, chapter.to);
  const often = chapter.count === 1 ? '' : `${chapter.count} times: `;
  const facts = [
    ...(chapter.offAirSeconds > 0 ? [formatDuration(chapter.offAirSeconds)] : []),
    ...(chapter.failures > 0 ? [plural(chapter.failures, 'failed job')] : []),
  ];
  const end = chapter.to === null ? 'it goes on' : chapter.outcome;
  const after = [...chapter.actions, ...(end === null ? [] : [end])].join('; ');
  return [
    `  ${theme.dim(span)}  ${often}${chapter.message}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`,
    ...(after === '' ? [] : [theme.dim(`      -> ${after}`)]),
    ...(withEvidence
      ? [...chapter.evidence.map((line) => theme.dim(`      | ${line}`)), ...chapter.explained.map((line) => `      = ${line}`)]
      : []),
  ];
}

function spanOf(from: string, to: string): string {
  const sameDay = formatDay(Date.parse(from)) === formatDay(Date.parse(to));
  const end = sameDay ? formatClock(Date.parse(to)) : when(to);
  return Date.parse(to) - Date.parse(from) < 1000 ? when(from) : `${when(from)} - ${end}`;
}

function when(at: string): string {
  return `${formatDay(Date.parse(at))} ${formatClock(Date.parse(at))}`;
}

function withStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
