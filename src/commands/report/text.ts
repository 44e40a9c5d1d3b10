// The report as tables for people and as tab-separated rows for pipes.

import type { Figures, ProviderReport, Report, StreamReport } from '../../observe/report.ts';
import type { Sink } from '../../ui/streams.ts';
import { renderTable, type Column } from '../../ui/table.ts';
import { createTheme } from '../../ui/theme.ts';
import { formatDuration, plural } from '../../ui/time.ts';

/** Never rounded up to 100 %: a short outage is one all the same. */
export function formatShare(share: number | null): string {
  if (share === null) return '-';
  if (share === 1) return '100 %';
  const digits = share > 0.99 ? 3 : 1;
  return `${(Math.floor(share * 100 * 10 ** digits) / 10 ** digits).toFixed(digits)} %`;
}

export function formatCauses(causes: Readonly<Record<string, number>>): string {
  return Object.entries(causes)
    .map(([cause, count]) => `${cause} ${count}`)
    .join(', ');
}

const duration = (seconds: number | null): string => (seconds === null ? '-' : formatDuration(seconds));
const number = (value: number | null): string => (value === null ? '' : String(value));

function columnsOf<Row extends Figures>(first: readonly Column<Row>[]): readonly Column<Row>[] {
  const right = { align: 'right' } as const;
  return [
    ...first,
    { title: 'AVAIL', ...right, human: (row) => formatShare(row.availability), machine: (row) => number(row.availability) },
    { title: 'OUT', ...right, human: (row) => String(row.outages), machine: (row) => String(row.outages) },
    { title: 'DOWN', ...right, human: (row) => duration(row.downSeconds), machine: (row) => String(row.downSeconds) },
    { title: 'MTBF', ...right, human: (row) => duration(row.mtbfSeconds), machine: (row) => number(row.mtbfSeconds) },
    { title: 'MTTR', ...right, human: (row) => duration(row.mttrSeconds), machine: (row) => number(row.mttrSeconds) },
    { title: 'SLATE', ...right, human: (row) => duration(row.slateSeconds), machine: (row) => String(row.slateSeconds) },
    { title: 'RST', ...right, human: (row) => String(row.restarts), machine: (row) => String(row.restarts) },
    {
      title: 'ORDERED',
      ...right,
      leaveOut: true,
      human: (row) => duration(row.orderedSeconds),
      machine: (row) => String(row.orderedSeconds),
    },
  ];
}

/** Off a terminal: `stream` or `provider`, the name, and the figures in seconds; causes last. */
export function renderReport(report: Report, sink: Sink): string {
  const theme = createTheme(sink.hasColor);
  const look = { wide: false, styleTitle: theme.dim };
  const causes = <Row extends Figures>(): Column<Row> => ({
    title: 'RESTARTS BY CAUSE',
    leaveOut: true,
    human: (row) => formatCauses(row.restartsByCause),
    machine: (row) => formatCauses(row.restartsByCause),
  });
  const kind = <Row>(word: string): Column<Row>[] => (sink.isTerminal ? [] : [{ title: '', human: () => '', machine: () => word }]);
  const streams = columnsOf<StreamReport>([
    ...kind<StreamReport>('stream'),
    { title: 'STREAM', shrink: true, human: (row) => row.id, machine: (row) => row.id },
  ]);
  const providers = columnsOf<ProviderReport>([
    ...kind<ProviderReport>('provider'),
    { title: 'PROVIDER', shrink: true, human: (row) => row.provider, machine: (row) => row.provider },
  ]);
  const tables = [
    report.streams.length === 0 ? '' : renderTable([...streams, causes()], report.streams, sink, look),
    report.providers.length === 0 ? '' : renderTable([...providers, causes()], report.providers, sink, look),
  ].filter((text) => text !== '');
  if (!sink.isTerminal) return tables.join('');
  const head = `${day(report.knownSince)} to ${day(report.until)} UTC`;
  if (report.streams.length === 0) return `${head}: no stream was ordered to run\n`;
  const { total } = report;
  const sum = `${formatShare(total.availability)} available, ${plural(total.outages, 'outage')}, ${plural(total.restarts, 'restart')}`;
  const all = formatCauses(total.restartsByCause);
  return `${theme.strong(head)}\n${sum}\n\n${tables.join('\n')}${all === '' ? '' : `\nrestarts: ${all}\n`}`;
}

export function day(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
