// The report as one HTML file that needs nothing else: tables and plots drawn here, light and dark, no script.

import type { Figures, Report, StreamReport } from '../../observe/report.ts';
import type { Span } from '../../observe/spans.ts';
import { formatDuration } from '../../ui/time.ts';
import { day, formatCauses, formatShare } from './text.ts';

const width = 720;
const rowHeight = 22;
const labelWidth = 150;
/** Narrower marks cannot be seen. */
const least = 1.5;
const ticks = 7;
/** A page with every outage of a bad week is no report. */
const mostOutages = 200;

const style = `
:root { color-scheme: light dark; --ink: #1c2127; --dim: #5d6673; --line: #d9dee5; --page: #fff; --up: #2f9e5b; --down: #d1383d; --slate: #e8a317; --start: #8fb7e8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --dim: #98a2b0; --line: #343b45; --page: #14171b; --up: #3fae6c; --down: #f0565b; --slate: #f0b73a; --start: #4d78ad; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .5rem; }
p, .dim { color: var(--dim); } .note { border-left: 3px solid var(--slate); padding-left: .7rem; }
.sums { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.2rem 0; } .sums b { display: block; font-size: 1.6rem; line-height: 1.2; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--dim); font-weight: 500; } th:first-child, td:first-child, .left { text-align: left; } td.left { white-space: normal; min-width: 11rem; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; } svg text { fill: var(--ink); } svg .axis { fill: var(--dim); }
.grid { stroke: var(--line); } .up { fill: var(--up); } .down { fill: var(--down); } .slate { fill: var(--slate); } .start { fill: var(--start); } .off { fill: var(--line); }
.key span::before { content: ''; display: inline-block; width: .8em; height: .8em; margin: 0 .4em 0 0; background: var(--c); } .key span { margin-right: 1.2em; }
`;

export function renderHtml(report: Report): string {
  const { total } = report;
  const sums: readonly (readonly [string, string])[] = [
    ['available', formatShare(total.availability)],
    ['outages', String(total.outages)],
    ['MTBF', duration(total.mtbfSeconds)],
    ['MTTR', duration(total.mttrSeconds)],
    ['slate', minutes(total.slateSeconds)],
    ['restarts', String(total.restarts)],
  ];
  const body = [
    `<h1>Channels from ${day(report.knownSince)} to ${day(report.until)} UTC</h1>`,
    ...report.notes.map((note) => `<p class="note">${escape(note)}</p>`),
    `<div class="sums">${sums.map(([name, value]) => `<div><b>${value}</b><span class="dim">${name}</span></div>`).join('')}</div>`,
    report.streams.length === 0 ? '<p>No stream was ordered to run in this time.</p>' : '',
    ...(report.streams.length === 0 ? [] : sections(report)),
    `<p>Availability: time with a live picture by the time ordered to run; the time from an order to the first segment counts neither way. An outage is a failed job, a bad verdict or a slate; what overlaps is one. Providers answer only for what their sources did.</p>`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>iptv report</title><style>${style}</style></head>
<body>
${body.filter((text) => text !== '').join('\n')}
</body></html>
`;
}

function sections(report: Report): readonly string[] {
  const outages = report.streams
    .flatMap((stream) => stream.outageList.map((outage) => ({ id: stream.id, ...outage })))
    .toSorted((left, right) => right.from.localeCompare(left.from));
  const key = [
    ['up', 'live'],
    ['slate', 'slate'],
    ['down', 'out'],
    ['start', 'starting'],
    ['line', 'not ordered'],
  ];
  return [
    '<h2>When</h2>',
    `<p class="key">${key.map(([color, word]) => `<span style="--c:var(--${color})">${word}</span>`).join('')}</p>`,
    timelines(report),
    '<h2>Channels</h2>',
    table(
      'Channel',
      report.streams.map((one) => [one.id, one] as const),
    ),
    ...(report.providers.length === 0
      ? []
      : [
          '<h2>Providers</h2>',
          table(
            'Provider',
            report.providers.map((one) => [`${one.provider} (${one.streams.length})`, one] as const),
          ),
        ]),
    ...(report.total.restarts === 0 ? [] : ['<h2>Restarts by cause</h2>', bars(report.total.restartsByCause)]),
    ...(outages.length === 0 ? [] : ['<h2>Outages</h2>', outageTable(outages.slice(0, mostOutages), outages.length)]),
  ];
}

function timelines(report: Report): string {
  const from = Date.parse(report.knownSince);
  const until = Date.parse(report.until);
  const x = (at: number): number => labelWidth + ((at - from) / Math.max(1, until - from)) * (width - labelWidth);
  const height = report.streams.length * rowHeight + 20;
  const bar = (spans: readonly Span[], kind: string, top: number): string =>
    spans
      .map(
        (span) =>
          `<rect class="${kind}" x="${x(span.from).toFixed(1)}" y="${top}" width="${Math.max(least, x(span.to) - x(span.from)).toFixed(1)}" height="14"/>`,
      )
      .join('');
  const row = (stream: StreamReport, at: number): string => {
    const top = at * rowHeight + 4;
    const { ordered, starting, down, slate } = stream.spans;
    return `<g><title>${escape(stream.id)}: ${formatShare(stream.availability)}</title><text x="0" y="${top + 11}">${escape(shorten(stream.id))}</text><rect class="off" x="${labelWidth}" y="${top}" width="${width - labelWidth}" height="14"/>${bar(ordered, 'up', top)}${bar(starting, 'start', top)}${bar(down, 'down', top)}${bar(slate, 'slate', top)}</g>`;
  };
  const axis = Array.from({ length: ticks }, (_, at) => from + ((until - from) * at) / ticks)
    .map(
      (at) =>
        `<line class="grid" x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="0" y2="${height - 16}"/><text class="axis" x="${x(at).toFixed(1)}" y="${height - 3}">${day(new Date(at).toISOString()).slice(5)}</text>`,
    )
    .join('');
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="When each channel was live, out, or showed its slate">${axis}${report.streams.map(row).join('')}</svg>`;
}

function bars(causes: Readonly<Record<string, number>>): string {
  const rows = Object.entries(causes);
  const most = Math.max(1, ...rows.map(([, count]) => count));
  const room = width - labelWidth - 60;
  const body = rows
    .map(([cause, count], at) => {
      const top = at * rowHeight + 4;
      const length = Math.max(least, (count / most) * room);
      return `<text x="0" y="${top + 11}">${escape(shorten(cause))}</text><rect class="start" x="${labelWidth}" y="${top}" width="${length.toFixed(1)}" height="14"/><text x="${(labelWidth + length + 6).toFixed(1)}" y="${top + 11}">${count}</text>`;
    })
    .join('');
  return `<svg viewBox="0 0 ${width} ${rows.length * rowHeight + 4}" role="img" aria-label="Restarts by cause">${body}</svg>`;
}

function table(title: string, rows: readonly (readonly [string, Figures])[]): string {
  const cells = rows.map(
    ([name, of]) =>
      `<tr><td>${escape(name)}</td><td>${formatShare(of.availability)}</td><td>${of.outages}</td><td>${duration(of.downSeconds)}</td><td>${duration(of.mtbfSeconds)}</td><td>${duration(of.mttrSeconds)}</td><td>${minutes(of.slateSeconds)}</td><td>${of.restarts}</td><td class="left">${escape(formatCauses(of.restartsByCause))}</td></tr>`,
  );
  return `<div class="wide"><table><tr><th>${title}</th><th>Available</th><th>Outages</th><th>Out</th><th>MTBF</th><th>MTTR</th><th>Slate</th><th>Restarts</th><th class="left">by cause</th></tr>${cells.join('')}</table></div>`;
}

function outageTable(rows: readonly (StreamReport['outageList'][number] & { readonly id: string })[], all: number): string {
  const cells = rows.map(
    ({ id, from, to, seconds, cause, provider }) =>
      `<tr><td>${escape(id)}</td><td>${from.slice(0, 19).replace('T', ' ')}</td><td>${to === null ? `${duration(seconds)}, still` : duration(seconds)}</td><td class="left">${escape(cause)}</td><td class="left">${escape(provider ?? '')}</td></tr>`,
  );
  const more = all > rows.length ? `<p>The newest ${rows.length} of ${all}; --json has them all.</p>` : '';
  return `<div class="wide"><table><tr><th>Channel</th><th>From (UTC)</th><th>Lasted</th><th class="left">Cause</th><th class="left">Provider</th></tr>${cells.join('')}</table></div>${more}`;
}

function duration(seconds: number | null): string {
  return seconds === null ? '-' : formatDuration(seconds);
}

function minutes(seconds: number): string {
  return `${(seconds / 60).toFixed(1)} min`;
}

function shorten(name: string): string {
  return name.length > 20 ? `${name.slice(0, 19)}…` : name;
}

/** Names come from a list and from servers: none may become markup. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`);
}
