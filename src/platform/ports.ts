// Builds the real ports; only main.ts calls this.

import type { Ports } from '../core/ports.ts';
import { createClockPort } from './clock.ts';
import { createFilesPort } from './files.ts';
import { createNetPort } from './net.ts';
import { createProcessPort } from './process.ts';
import { runLean } from './run-lean.ts';
import { runProgram } from './run-program.ts';

/** `stays`: a process for weeks, without a terminal, in which memory counts. */
export function createPorts({ stays = false } = {}): Ports {
  return {
    process: createProcessPort(stays ? runLean : runProgram),
    files: createFilesPort(),
    clock: createClockPort(),
    net: createNetPort(),
  };
}
