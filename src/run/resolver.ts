// Asks for a source's address: a program without a shell, or one HTTP request; bounded in time and size.

import type { ResolveConfig, SourceConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { Ports } from '../core/ports.ts';
import { redactText } from '../core/redact.ts';
import { readAnswer, type ResolvedAddress } from './resolved-address.ts';

const longestAnswer = 64 * 1024;

/**
 * Rejects with AppError `resolve-failed` (nothing usable came) or `resolve-refused` (it was told no). Evidence holds what the
 * resolver said of its own trouble; never what it answered.
 */
export async function resolveAddress(
  ports: Pick<Ports, 'process' | 'net'>,
  source: SourceConfig,
  resolve: ResolveConfig,
): Promise<ResolvedAddress> {
  const text = 'command' in resolve ? await runCommand(ports, resolve) : await ask(ports, resolve);
  const answer = readAnswer(text, source.kind, 'field' in resolve ? resolve.field : undefined);
  if (answer.ok) return answer.address;
  throw failed('resolve-failed', resolve, `${answer.problem}`, []);
}

async function runCommand({ process }: Pick<Ports, 'process'>, resolve: ResolveConfig & { command: readonly string[] }): Promise<string> {
  const [file = '', ...argv] = resolve.command;
  const { exitCode, signal, stdout, stderr, timedOut, missing } = await process.run(file, argv, {
    timeoutMs: resolve.timeoutMs,
    inherit: 'bare',
    cwd: '/',
    maxOutputCharacters: longestAnswer,
  });
  const lines = stderr
    .split('\n')
    .map((line) => redactText(line.trim(), ownWords(argv)))
    .filter((line) => line !== '')
    .slice(-3);
  if (missing) throw failed('resolve-failed', resolve, 'the program was not found', []);
  if (timedOut) throw failed('resolve-failed', resolve, `no answer within ${resolve.timeoutMs / 1000} s`, lines);
  if (exitCode !== 0)
    throw failed(
      'resolve-failed',
      resolve,
      signal === undefined ? `it ended with exit code ${exitCode}` : `it was ended by ${signal}`,
      lines,
    );
  return stdout;
}

/** Programs repeat what they were called with, and that may be a password. */
function ownWords(argv: readonly string[]): readonly string[] {
  return argv.filter((word) => word.length >= 6 && !/^(?:-|\.?\/)/.test(word));
}

/** No redirect is followed: an answer with one is refused like any other status. */
async function ask(
  { net }: Pick<Ports, 'net'>,
  resolve: ResolveConfig & { url: string; headers: Readonly<Record<string, string>> },
): Promise<string> {
  const answer = await net.get(resolve.url, { timeoutMs: resolve.timeoutMs, headers: resolve.headers });
  if (answer === undefined) throw failed('resolve-failed', resolve, `no answer within ${resolve.timeoutMs / 1000} s`, []);
  if (answer.status === 200 && answer.body.length <= longestAnswer) return answer.body;
  if (answer.status === 200) throw failed('resolve-failed', resolve, `the answer is longer than ${longestAnswer} characters`, []);
  const cause = [401, 403, 404, 410, 429].includes(answer.status) ? 'resolve-refused' : 'resolve-failed';
  throw failed(cause, resolve, `it answered HTTP ${answer.status}`, []);
}

function failed(
  code: 'resolve-failed' | 'resolve-refused',
  { display }: ResolveConfig,
  problem: string,
  evidence: readonly string[],
): AppError {
  return new AppError({
    exitCode: ExitCode.unavailable,
    code,
    message: `the address of the source cannot be resolved by ${display}: ${problem}`,
    evidence,
  });
}
