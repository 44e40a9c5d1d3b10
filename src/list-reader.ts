// Reads streams.yaml in a short-lived process of its own: YAML, schema and program runner cost 35 MB that the supervisor need not hold.

import type { Config } from './core/config.ts';
import { AppError, type AppErrorDetails } from './core/errors.ts';
import { ExitCode } from './core/exit-codes.ts';

/** Message of the child: the list, or why there is none. Goes over the IPC channel, since the list holds secrets. */
export type ListAnswer = { readonly config: Config } | { readonly error: AppErrorDetails };

const limitMs = 60_000;

export function readListInChild(bin: string, configPath: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const { fork } = process.getBuiltinModule('node:child_process');
  return new Promise((resolve, reject) => {
    const child = fork(bin, ['read-list', '--config', configPath], {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      timeout: limitMs,
    });
    let answer: ListAnswer | undefined;
    child.once('message', (message) => (answer = message as ListAnswer));
    child.once('error', reject);
    // Not `exit`, which may come before the answer has been read from the channel.
    child.once('close', (code, signal) => {
      if (answer === undefined) reject(noAnswer(configPath, signal ?? `code ${code}`));
      else if ('config' in answer) resolve(answer.config);
      else reject(new AppError(answer.error));
    });
  });
}

function noAnswer(configPath: string, how: string): AppError {
  return new AppError({
    exitCode: ExitCode.bug,
    code: 'list-reader-died',
    message: `the process that reads ${configPath} ended without an answer (${how})`,
  });
}

/** What an error is made of, for the other side of the channel. */
export function errorDetails(error: AppError): AppErrorDetails {
  const { exitCode, code, message, evidence, next, location, diagnostics } = error;
  return {
    exitCode,
    code,
    message,
    evidence,
    diagnostics,
    ...(next === undefined ? {} : { next }),
    ...(location === undefined ? {} : { location }),
  };
}
