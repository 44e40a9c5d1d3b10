// Every fault, in the order of its number.

import type { Fault } from '../fault.ts';
import { bootFaults } from './boot.ts';
import { failoverFaults } from './failover.ts';
import { houseFaults } from './house.ts';
import { jobFaults } from './job.ts';
import { nginxFaults } from './nginx.ts';
import { programFaults } from './program.ts';
import { sourceFaults } from './source.ts';
import { supervisorFaults } from './supervisor.ts';
import { volumeFaults } from './volume.ts';

const number = (id: string): number => Number.parseInt(id, 10);

export const faults: readonly Fault[] = [
  ...nginxFaults,
  ...sourceFaults,
  ...volumeFaults,
  ...jobFaults,
  ...programFaults,
  ...supervisorFaults,
  ...houseFaults,
  ...failoverFaults,
  ...bootFaults,
].toSorted((one, other) => number(one.id) - number(other.id) || one.id.localeCompare(other.id));
