// Every check of `iptv doctor` on one line: causes come before what follows from them.

import { endpointCheck } from './checks/endpoint.ts';
import { originCheck } from './checks/origin.ts';
import { statCheck } from './checks/stat.ts';
import { supervisorCheck } from './checks/supervisor.ts';
import type { DoctorCheck } from './doctor-check.ts';

export const doctorChecks: readonly DoctorCheck[] = [supervisorCheck, originCheck, statCheck, endpointCheck];
