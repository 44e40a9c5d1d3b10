// The process port: run, start, signal and look up real processes.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { ProcessPort } from '../core/ports.ts';
import { errnoOf } from './os-errors.ts';
import { findMarkedProcesses, groupMembers, isAlive, readProcess } from './proc.ts';
import { runProgram } from './run-program.ts';
import { readUsage, readVitals } from './proc-vitals.ts';
import { startDaemon } from './start-daemon.ts';

export function createProcessPort(): ProcessPort {
  return {
    pid: process.pid,
    run: runProgram,
    startDaemon,
    signalGroup: (pid, startTime, signal) => isStill(pid, startTime) && (sendSignal(-pid, signal) || sendSignal(pid, signal)),
    signal: (pid, startTime, signal) => isStill(pid, startTime) && sendSignal(pid, signal),
    inspect: readProcess,
    vitals: readVitals,
    usage: readUsage,
    groupMembers,
    findMarked: findMarkedProcesses,
  };
}

/** True while the pid names the same living process. kill(2) reads -1 as "everything" and pid 1 is init, hence the bound. */
function isStill(pid: number, startTime: string): boolean {
  const info = Number.isInteger(pid) && pid > 1 ? readProcess(pid) : undefined;
  return isAlive(info) && info.startTime === startTime;
}

/** False when there is no such process or group. */
function sendSignal(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
    throw new AppError({
      exitCode: ExitCode.permission,
      code: 'signal-forbidden',
      message: `cannot signal process ${Math.abs(target)}: it belongs to another user`,
      cause: error,
    });
  }
}
