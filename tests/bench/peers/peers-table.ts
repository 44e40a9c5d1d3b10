// The comparison as rows: medians of each, and ratios to iptv in the same run.

import { median, pairRatios, round } from '../numbers.ts';
import { peerNames, type PeerName } from './peer.ts';
import type { PeerSamples, PeersReport } from './run-peers.ts';

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** null: never, within the time that was waited; absent: it has no such thing. */
  readonly values: Partial<Record<PeerName, number | string | null>>;
  /** Times iptv's; median of the pairs of each round where there are rounds. Above 1: it takes more than iptv. */
  readonly ratios: Partial<Record<PeerName, number>>;
}

export function rowsOf({ samples }: PeersReport): readonly Row[] {
  const timed = (name: string, of: (own: PeerSamples) => readonly (number | null)[]): Row => {
    const values: Row['values'] = {};
    const ratios: Row['ratios'] = {};
    const base = samples.iptv === undefined ? [] : of(samples.iptv);
    for (const peer of peerNames) {
      const own = samples[peer] === undefined ? [] : of(samples[peer]);
      if (own.length === 0) continue;
      const known = own.filter((value) => value !== null);
      // Half of them and more: the median is one of those that never came.
      values[peer] = known.length * 2 > own.length ? round(median(known), 0) : null;
      const pairs = own.flatMap((value, at) => {
        const mine = base[at];
        return value === null || mine === null || mine === undefined ? [] : [[value, mine] as const];
      });
      if (peer !== 'iptv' && values[peer] !== null && pairs.length > 0) {
        ratios[peer] = round(
          median(
            pairRatios(
              pairs.map(([value]) => value),
              pairs.map(([, mine]) => mine),
            ),
          ),
          2,
        );
      }
    }
    return { name, unit: 'ms', values, ratios };
  };
  const counts = samples.iptv?.costs.map(({ channels }) => channels) ?? [];
  const cost = (name: string, unit: string, channels: number, of: (cost: PeerSamples['costs'][number]) => number): Row => {
    const values: Partial<Record<PeerName, number>> = {};
    const ratios: Row['ratios'] = {};
    for (const peer of peerNames) {
      const found = samples[peer]?.costs.find((one) => one.channels === channels);
      if (found !== undefined) values[peer] = round(of(found), unit === '%' ? 3 : 2);
      const mine = values.iptv;
      const own = values[peer];
      if (peer !== 'iptv' && own !== undefined && mine !== undefined && mine > 0) ratios[peer] = round(own / mine, 2);
    }
    return { name, unit, values, ratios };
  };
  const loss = (name: string, of: (loss: NonNullable<PeerSamples['loss']>) => string | number): Row => {
    const values: Row['values'] = {};
    for (const peer of peerNames) {
      const found = samples[peer]?.loss;
      if (found !== undefined && found !== null) values[peer] = of(found);
    }
    return { name, unit: '', values, ratios: {} };
  };
  const word = (is: boolean): string => (is ? 'yes' : 'no');
  return [
    timed('asking for the status', (own) => own.statusMs),
    timed('start to playable', (own) => own.startMs),
    timed('new picture after SIGKILL', (own) => own.afterKillMs),
    timed('new picture after SIGSTOP', (own) => own.afterStopMs),
    ...counts.flatMap((count) => [
      cost(`manager's memory, ${count} channels`, 'MB', count, (one) => one.residentMb),
      cost(`manager's memory per channel, ${count}`, 'MB', count, (one) => one.residentMb / count),
      cost(`manager's CPU per channel, ${count}`, '%', count, (one) => one.cpuPercent / count),
    ]),
    loss('job survives the manager', (one) => word(one.jobSurvives)),
    loss('manager comes back by itself', (one) => word(one.comesBack)),
    loss('writers of the stream afterwards', (one) => one.writers),
  ];
}

export function renderRows(rows: readonly Row[], report: PeersReport): string {
  const peers = peerNames.filter((name) => report.samples[name] !== undefined);
  const cell = (row: Row, peer: PeerName): string => {
    const value = row.values[peer];
    if (value === undefined) return '-';
    if (value === null) return `never (${report.waitedSeconds} s)`;
    const ratio = row.ratios[peer];
    return `${value}${row.unit === '' ? '' : ` ${row.unit}`}${ratio === undefined ? '' : ` (x${ratio})`}`;
  };
  const table = [['', ...peers], ...rows.map((row) => [row.name, ...peers.map((peer) => cell(row, peer))])];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const text = table.map((line) =>
    line
      .map((part, column) => part.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const versions = peers.map((peer) => `${peer} ${report.samples[peer]?.version ?? ''}`.trim()).join(', ');
  return [...text, '', `(x…): times iptv's in the same run. ${versions}`, ...report.notes, ''].join('\n');
}
