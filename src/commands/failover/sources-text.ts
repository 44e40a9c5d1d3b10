// A stream's sources as a table, with what the table has no room for below it.

import type { FailoverReport, ProbeReport, SourceReport } from '../../core/failover.ts';
import type { Sink } from '../../ui/streams.ts';
import { renderTable, type Column } from '../../ui/table.ts';
import { createTheme, type Theme } from '../../ui/theme.ts';
import { formatDuration, plural } from '../../ui/time.ts';

const symbols: Readonly<Record<SourceReport['condition'], string>> = {
  'on-air': '●',
  starting: '◐',
  ready: '○',
  resting: '↻',
  barred: '✗',
};

export function renderSources(report: FailoverReport, sink: Sink, nowMs: number): string {
  const theme = createTheme(sink.hasColor);
  const table = renderTable(columnsFor(theme, nowMs), report.sources, sink, { wide: false, styleTitle: theme.dim });
  if (!sink.isTerminal) return table;
  const remarks = [
    ...(report.forced === null
      ? []
      : [`source ${report.forced + 1} was chosen by hand; iptv failover ${report.id} --auto gives the choice back`]),
    ...(report.waitsFor === null ? [] : [`waits for a connection of provider ${report.waitsFor}`]),
    ...report.sources.flatMap((source) => failBackRemark(source)),
    ...report.sources.flatMap((source) => failureRemark(source, theme)),
    ...report.providers.map(({ name, inUse, limit, waiting }) => {
      const used =
        limit === null ? `${plural(inUse, 'connection')} in use, no limit set` : `${inUse} of ${plural(limit, 'connection')} in use`;
      return `provider ${name}: ${used}${waiting === 0 ? '' : `, ${plural(waiting, 'stream')} waiting`}`;
    }),
  ];
  return remarks.length === 0 ? table : `${table}\n${remarks.join('\n')}\n`;
}

function columnsFor(theme: Theme, nowMs: number): readonly Column<SourceReport>[] {
  const ago = (at: string | null): string => (at === null ? '-' : `${formatDuration((nowMs - Date.parse(at)) / 1000)} ago`);
  return [
    { title: '#', align: 'right', human: ({ index }) => String(index + 1), machine: ({ index }) => String(index + 1) },
    { title: 'CONDITION', human: (source) => paint(source, theme), machine: ({ condition }) => condition },
    {
      title: 'RESTS',
      align: 'right',
      human: ({ restSeconds }) => (restSeconds === null ? '-' : formatDuration(restSeconds)),
      machine: ({ restSeconds }) => (restSeconds === null ? '' : String(restSeconds)),
    },
    { title: 'FAILURES', align: 'right', human: ({ failures }) => String(failures), machine: ({ failures }) => String(failures) },
    {
      title: 'LAST GOOD',
      align: 'right',
      human: ({ condition, lastGoodAt }) => (condition === 'on-air' ? 'now' : ago(lastGoodAt)),
      machine: ({ lastGoodAt }) => lastGoodAt ?? '',
    },
    { title: 'LAST CAUSE', human: ({ lastFailure }) => lastFailure?.cause ?? '-', machine: ({ lastFailure }) => lastFailure?.cause ?? '' },
    { title: 'PROVIDER', human: ({ provider }) => provider ?? '-', machine: ({ provider }) => provider ?? '', leaveOut: true },
    { title: 'SOURCE', human: ({ url }) => url, machine: ({ url }) => url, shrink: true },
  ];
}

function paint({ condition }: SourceReport, theme: Theme): string {
  const text = `${symbols[condition]} ${condition}`;
  if (condition === 'on-air') return theme.good(text);
  if (condition === 'barred') return theme.bad(text);
  return condition === 'ready' ? text : theme.warning(text);
}

function failBackRemark({ index, failBack }: SourceReport): readonly string[] {
  if (failBack === null) return [];
  const name = `source ${index + 1}`;
  if (failBack.withoutConnection)
    return [`${name} is not looked at: its provider has no free connection; it is tried again when the present source fails`];
  const looks = `next look in ${formatDuration(failBack.nextProbeSeconds)}`;
  if (failBack.goodSeconds === 0)
    return [`${name} is taken back when it has been good for ${formatDuration(failBack.neededSeconds)}; ${looks}`];
  return [`${name} has been good for ${formatDuration(failBack.goodSeconds)} of ${formatDuration(failBack.neededSeconds)}; ${looks}`];
}

function failureRemark({ index, lastFailure }: SourceReport, theme: Theme): readonly string[] {
  return lastFailure === null ? [] : [theme.dim(`source ${index + 1}, ${lastFailure.at}: ${lastFailure.message}`)];
}

const results: Readonly<Record<ProbeReport['result'], string>> = {
  good: '✓ good',
  bad: '✗ bad',
  'on-air': '● on air',
  'no-connection': '○ not asked',
};

export function renderProbes(sources: readonly SourceReport[], found: readonly ProbeReport[], sink: Sink): string {
  const theme = createTheme(sink.hasColor);
  const urlOf = (index: number): string => sources.find((source) => source.index === index)?.url ?? '';
  const columns: readonly Column<ProbeReport>[] = [
    { title: '#', align: 'right', human: ({ index }) => String(index + 1), machine: ({ index }) => String(index + 1) },
    {
      title: 'RESULT',
      human: ({ result }) =>
        result === 'bad' ? theme.bad(results[result]) : result === 'good' ? theme.good(results[result]) : results[result],
      machine: ({ result }) => result,
    },
    {
      title: 'CARRIES',
      human: ({ video, audio }) => [video, audio].filter((codec) => codec !== null).join(' + ') || '-',
      machine: ({ video, audio }) => [video ?? '', audio ?? ''].join(','),
    },
    { title: 'SOURCE', human: ({ index }) => urlOf(index), machine: ({ index }) => urlOf(index), shrink: true },
    { title: 'WHAT', human: ({ message }) => message, machine: ({ message }) => message },
  ];
  return renderTable(columns, found, sink, { wide: true, styleTitle: theme.dim });
}
