// Every check of `iptv doctor` on one line: causes come before what follows from them.

import { clockCheck } from './checks/clock.ts';
import { diskCheck } from './checks/disk.ts';
import { dockerCheck } from './checks/docker.ts';
import { endToEndCheck } from './checks/e2e.ts';
import { endpointCheck } from './checks/endpoint.ts';
import { logsCheck } from './checks/logs.ts';
import { originCheck } from './checks/origin.ts';
import { securityCheck } from './checks/security.ts';
import { sourcesCheck } from './checks/sources.ts';
import { statCheck } from './checks/stat.ts';
import { streamsCheck } from './checks/streams.ts';
import { supervisorCheck } from './checks/supervisor.ts';
import type { DoctorCheck } from './doctor-check.ts';

export const doctorChecks: readonly DoctorCheck[] = [
  dockerCheck,
  diskCheck,
  clockCheck,
  securityCheck,
  supervisorCheck,
  originCheck,
  statCheck,
  endpointCheck,
  endToEndCheck,
  sourcesCheck,
  streamsCheck,
  logsCheck,
];
