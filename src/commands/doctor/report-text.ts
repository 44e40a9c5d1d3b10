// The report for people: grouped, a symbol and a word for each check, and for each problem what, evidence, why and a command.

import type { CheckResult, Finding, FindingStatus } from '../../diagnose/check.ts';
import { isProblem } from '../../diagnose/check.ts';
import { checkGroups, type DoctorCheck } from '../../diagnose/doctor-check.ts';
import { wrap } from '../../ui/help.ts';
import type { Sink } from '../../ui/streams.ts';
import { createTheme, type Theme } from '../../ui/theme.ts';
import { plural } from '../../ui/time.ts';
import type { Mended } from './mend.ts';
import type { Examined } from './report-document.ts';
import { consequences, rootCauses } from './verdict.ts';

export interface ReportLook {
  readonly onlyProblems: boolean;
  /** undefined: nothing was to be mended. */
  readonly fixes: readonly Mended[] | undefined;
}

const words: Readonly<Record<FindingStatus, string>> = { pass: 'ok', warn: 'warning', fail: 'FAILED', error: 'BROKEN', skip: 'skipped' };
const symbols: Readonly<Record<FindingStatus, string>> = { pass: '✓', warn: '!', fail: '✗', error: '✗', skip: '–' };

export function renderReport(examined: Examined, sink: Sink, look: ReportLook): string {
  if (!sink.isTerminal) return machineLines(examined, look);
  const theme = createTheme(sink.hasColor);
  const { report, selection } = examined;
  const width = Math.max(...report.checks.map((check) => check.id.length));
  const groupOf = new Map(selection.checks.map((check) => [check.id, check.group]));
  const blocks = checkGroups.flatMap((group) => {
    const lines = report.checks
      .filter((check) => groupOf.get(check.id) === group && (!look.onlyProblems || check.findings.some(isRoot)))
      .flatMap((check) => checkLines(check, { width, theme, columns: sink.columns, look }));
    return lines.length === 0 ? [] : [`${theme.strong(group)}\n${lines.join('\n')}`];
  });
  const text = `${[...blocks, summary(examined, theme, look)].join('\n\n')}\n`;
  // What was said above has left the window by now: the causes once more, where the eye is.
  const scrolled = !look.onlyProblems && text.split('\n').length > sink.rows;
  return scrolled ? text + recap(examined, theme, sink.columns) : text;
}

function recap({ report }: Examined, theme: Theme, columns: number): string {
  const roots = rootCauses(report);
  const broken = roots.filter(({ finding }) => finding.status !== 'warn');
  const told = broken.length > 0 ? broken : roots;
  const lines = told.slice(0, mostRecalled).flatMap(({ check, finding }) => {
    const head = `${painter(finding.status, theme)(symbols[finding.status])} ${theme.strong(check.id)}: `;
    const margin = ' '.repeat(check.id.length + 4);
    return [
      ...wrap(finding.what, Math.max(30, columns - margin.length)).map((line, at) => (at === 0 ? head : margin) + line),
      ...(finding.next === undefined ? [] : [`  ${theme.strong('next:')} ${theme.command(finding.next)}`]),
    ];
  });
  if (told.length > mostRecalled) lines.push(`… ${told.length - mostRecalled} more: iptv doctor --only problems`);
  return lines.map((line) => `${line}\n`).join('');
}

const mostRecalled = 3;

interface Drawing {
  readonly width: number;
  readonly theme: Theme;
  readonly columns: number;
  readonly look: ReportLook;
}

function checkLines(check: CheckResult, drawing: Drawing): readonly string[] {
  const { width, theme, columns, look } = drawing;
  const hanging = ' '.repeat(width + 15);
  const shown = look.onlyProblems ? check.findings.filter(isRoot) : check.findings.filter((finding) => worthALine(finding, check));
  return shown.flatMap((finding, index) => {
    const status = finding.rootCause === undefined ? finding.status : 'skip';
    const paint = painter(status, theme);
    const name = index === 0 ? check.id.padEnd(width) : ' '.repeat(width);
    const text = finding.rootCause === undefined ? headline(finding) : `because of ${finding.rootCause}: ${finding.what}`;
    const head = `  ${paint(symbols[status])} ${theme.strong(name)}  ${paint(words[status].padEnd(7))}  `;
    const lines = wrap(text, Math.max(30, columns - hanging.length)).map((line, at) => {
      const shownLine = status === 'skip' ? theme.dim(line) : line;
      return at === 0 ? head + shownLine : hanging + shownLine;
    });
    return [...lines, ...(isRoot(finding) ? details(finding, drawing) : [])];
  });
}

/** What is well needs one line a check, however many things were looked at. */
function worthALine(finding: Finding, check: CheckResult): boolean {
  if (isProblem(finding)) return true;
  return !check.findings.some(isProblem) && check.findings.find((other) => other.status === check.status) === finding;
}

function headline(finding: Finding): string {
  return finding.status === 'skip' ? finding.why : finding.what;
}

function details(finding: Finding, { theme, columns }: Drawing): readonly string[] {
  const margin = '      ';
  const room = Math.max(40, columns - margin.length);
  return [
    ...finding.evidence.map((line) => margin + theme.dim(line)),
    ...(finding.why === '' ? [] : wrap(`why: ${finding.why}`, room).map((line) => margin + line)),
    ...(finding.next === undefined ? [] : [`${margin}${theme.strong('next:')} ${theme.command(finding.next)}`]),
    ...(finding.fix === undefined ? [] : [`${margin}${theme.strong('fix:')}  iptv doctor --fix  (${finding.fix.action})`]),
  ];
}

function painter(status: FindingStatus, theme: Theme): (text: string) => string {
  if (status === 'pass') return theme.good;
  if (status === 'warn') return theme.warning;
  return status === 'skip' ? theme.dim : theme.bad;
}

function summary(examined: Examined, theme: Theme, look: ReportLook): string {
  const { report } = examined;
  const roots = rootCauses(report);
  const failed = roots.filter(({ finding }) => finding.status !== 'warn').length;
  const warnings = roots.length - failed;
  const count = (status: FindingStatus): number => report.checks.filter((check) => check.status === status).length;
  const follow = consequences(report).length;
  const parts = [
    ...(failed > 0 ? [theme.bad(plural(failed, 'problem'))] : []),
    ...(warnings > 0 ? [theme.warning(plural(warnings, 'warning'))] : []),
    ...(roots.length === 0 ? [theme.good('no problem found')] : []),
    ...(follow > 0 ? [`${follow} more ${follow === 1 ? 'follows' : 'follow'} from ${failed + warnings === 1 ? 'it' : 'them'}`] : []),
    `${count('pass')} of ${plural(report.checks.length, 'check')} passed`,
    ...(count('skip') > 0 ? [`${count('skip')} skipped`] : []),
  ];
  const mended = look.fixes?.filter((fix) => fix.done).length ?? 0;
  const fixable = roots.filter(({ finding }) => finding.fix !== undefined).length;
  return [
    `${parts.join(', ')} (${examined.runtime}, ${(examined.tookMs / 1000).toFixed(1)} s)`,
    ...(look.fixes === undefined && fixable > 0 ? [`${plural(fixable, 'problem')} can be mended: iptv doctor --fix`] : []),
    ...(look.fixes?.length === 0 && fixable === 0 && roots.length > 0 ? ['--fix can mend none of it: see next'] : []),
    ...(mended > 0 ? [`${plural(mended, 'thing')} done`] : []),
  ].join('\n');
}

/** status, check, code, subject, what, next: one line a finding, tab-separated. */
function machineLines({ report }: Examined, look: ReportLook): string {
  return report.checks
    .flatMap((check) =>
      check.findings
        .filter((finding) => !look.onlyProblems || isRoot(finding))
        .map((finding) => {
          const status = finding.rootCause === undefined ? finding.status : 'consequence';
          const cells = [status, check.id, finding.code, finding.subject ?? '', headline(finding), finding.next ?? ''];
          return `${cells.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t')}\n`;
        }),
    )
    .join('');
}

function isRoot(finding: Finding): boolean {
  return isProblem(finding) && finding.rootCause === undefined;
}

export function renderCheckList(checks: readonly DoctorCheck[], sink: Sink): string {
  if (!sink.isTerminal) return checks.map((check) => `${check.id}\t${check.group}\t${check.about}\n`).join('');
  const theme = createTheme(sink.hasColor);
  const width = Math.max(...checks.map((check) => check.id.length));
  const blocks = checkGroups.flatMap((group) => {
    const lines = checks
      .filter((check) => check.group === group)
      .flatMap((check) => {
        const text = `${check.about}${check.onDemand === true ? ' Only when it is named, or with --all.' : ''}`;
        return wrap(text, Math.max(30, sink.columns - width - 4)).map(
          (line, index) => `  ${index === 0 ? theme.command(check.id.padEnd(width)) : ' '.repeat(width)}  ${line}`,
        );
      });
    return lines.length === 0 ? [] : [`${theme.strong(group)}\n${lines.join('\n')}`];
  });
  return `${blocks.join('\n\n')}\n`;
}
