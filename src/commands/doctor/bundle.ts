// `iptv doctor bundle`: a support archive with everything somebody far away needs, and no secret.

import { AppError } from '../../core/errors.ts';
import { ExitCode } from '../../core/exit-codes.ts';
import type { Ports } from '../../core/ports.ts';
import { collectFiles } from '../../diagnose/bundle.ts';
import { redactFiles, secretsOfEnvironment, type BundleFile } from '../../diagnose/bundle-redact.ts';
import type { DoctorContext } from '../../diagnose/context.ts';
import { runDoctor, selectChecks } from '../../diagnose/doctor.ts';
import { readContainers } from '../../diagnose/facts/containers.ts';
import { writeJson } from '../../ui/json.ts';
import { startSpinner } from '../../ui/spinner.ts';
import { formatInstant } from '../../ui/time.ts';
import type { Context } from '../context.ts';
import type { DoctorOptions } from '../doctor.ts';
import { planFor } from '../plan.ts';
import { openDoctor } from './open.ts';
import { reportDocument } from './report-document.ts';
import { renderReport } from './report-text.ts';

const tarTimeoutMs = 60_000;

export async function bundle(options: DoctorOptions, context: Context): Promise<ExitCode> {
  const { streams } = context;
  const ports = await context.ports();
  const stamp = formatInstant(context.now()).replace(/[:.]/g, '-');
  const path = absolute(context.cwd, options.output ?? `iptv-doctor-${stamp}.tar.gz`);
  const spinner = streams.animate ? await startSpinner(streams, 'looking around') : undefined;
  let files: readonly BundleFile[];
  try {
    files = await gather(options, context, ports);
    spinner?.update('packing');
    await pack(ports, files, path, `iptv-doctor-${stamp}`);
  } finally {
    spinner?.stop();
  }
  if (streams.json) writeJson(streams.out, { path, files: files.map((file) => file.path) });
  else if (!streams.quiet) streams.out.write(`${path}\n`);
  return ExitCode.ok;
}

async function gather(options: DoctorOptions, context: Context, ports: Ports): Promise<readonly BundleFile[]> {
  const begun = ports.clock.monotonic();
  const selection = selectChecks([], options.skip);
  const doctor = await openDoctor(context, await context.selectStack(options.runtime), selection.asked);
  const report = await runDoctor(selection.checks, doctor, { timeoutMs: options.timeoutMs });
  const { runtime, inside = false } = doctor;
  const examined = { report, selection, runtime, inside, tookMs: Math.round(ports.clock.monotonic() - begun) };
  const look = { onlyProblems: false, fixes: undefined };
  const page = { ...context.streams.out, isTerminal: true, hasColor: false, columns: 100 };
  const files: readonly BundleFile[] = [
    { path: 'findings.json', text: `${JSON.stringify(reportDocument(examined, undefined), undefined, 2)}\n` },
    { path: 'findings.txt', text: renderReport(examined, page, look) },
    ...(await plans(context, doctor)),
    ...(await collectFiles(doctor, context.env)),
  ];
  return redactFiles(files, await secretsOf(context, doctor));
}

/** What the list holds, what this environment holds, and what Docker was told for the containers. */
async function secretsOf(context: Context, doctor: DoctorContext): Promise<readonly string[]> {
  const { backend, origin } = await readContainers(doctor);
  const environments = [context.env, backend?.environment ?? {}, origin?.environment ?? {}];
  return [...doctor.config.secrets, ...environments.flatMap(secretsOfEnvironment)];
}

async function plans(context: Context, doctor: DoctorContext): Promise<readonly BundleFile[]> {
  const files: BundleFile[] = [];
  for (const stream of doctor.config.streams) {
    for (let number = 1; number <= stream.sources.length; number += 1) {
      const path = `plans/${stream.id}${stream.sources.length === 1 ? '' : `-${number}`}.json`;
      files.push({ path, text: await planText(context, doctor, stream.id, number) });
    }
  }
  return files;
}

async function planText(context: Context, doctor: DoctorContext, id: string, source: number): Promise<string> {
  if (doctor.project !== undefined) {
    const { stdout, stderr } = await doctor.places.backend.run(['iptv', 'plan', id, '--source', String(source), '--json'], {
      timeoutMs: 15_000,
    });
    return stdout === '' ? stderr : stdout;
  }
  const stream = doctor.config.streams.find((one) => one.id === id);
  if (stream === undefined) return '';
  try {
    const { plan } = await planFor(stream, { id, source, probe: false }, doctor.config, context);
    const { redactedArgv, notes, legs } = plan;
    return `${JSON.stringify({ id, source, argv: ['ffmpeg', ...redactedArgv], notes, legs }, undefined, 2)}\n`;
  } catch (error) {
    return `no plan: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}

/** The archive is made with the mode it keeps: nobody else may look into it, not even while it grows. */
async function pack(ports: Ports, files: readonly BundleFile[], path: string, name: string): Promise<void> {
  const folder = `${path}.${ports.process.pid}.tmp`;
  try {
    await ports.files.makeDirectory(`${folder}/${name}`, 0o700);
    for (const file of files) {
      const target = `${folder}/${name}/${file.path}`;
      await ports.files.makeDirectory(target.slice(0, target.lastIndexOf('/')), 0o700);
      await ports.files.writeAtomic(target, file.text, 0o600);
    }
    await ports.files.writeAtomic(path, '', 0o600);
    const result = await ports.process.run('tar', ['-czf', path, '-C', folder, name], { timeoutMs: tarTimeoutMs });
    if (result.exitCode === 0) return;
    await ports.files.remove(path);
    throw new AppError({
      exitCode: ExitCode.unavailable,
      code: 'tar-failed',
      message: result.missing ? 'there is no program tar' : 'tar could not write the archive',
      evidence: result.stderr
        .split('\n')
        .filter((line) => line !== '')
        .slice(-3),
      next: `ls -ld ${path}`,
    });
  } finally {
    await ports.process.run('rm', ['-rf', folder], { timeoutMs: tarTimeoutMs });
  }
}

function absolute(cwd: string, path: string): string {
  return path.startsWith('/') ? path : `${cwd}/${path}`;
}
