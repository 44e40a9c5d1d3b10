// Builds the real ports; only main.ts calls this.

import type { Ports } from '../core/ports.ts';
import { createClockPort } from './clock.ts';
import { createFilesPort } from './files.ts';
import { createNetPort } from './net.ts';
import { createProcessPort } from './process.ts';

export function createPorts(): Ports {
  return { process: createProcessPort(), files: createFilesPort(), clock: createClockPort(), net: createNetPort() };
}
