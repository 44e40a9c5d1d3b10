// Every check of `iptv doctor` on one line: causes come before what follows from them.

import { clockCheck } from './checks/clock.ts';
import { configCheck } from './checks/config.ts';
import { corsCheck } from './checks/cors.ts';
import { diskCheck } from './checks/disk.ts';
import { dockerCheck } from './checks/docker.ts';
import { edgeCheck } from './checks/edge.ts';
import { endToEndCheck } from './checks/e2e.ts';
import { endpointCheck } from './checks/endpoint.ts';
import { filesCheck } from './checks/files.ts';
import { logsCheck } from './checks/logs.ts';
import { m3u8Check } from './checks/m3u8.ts';
import { mimeCheck } from './checks/mime.ts';
import { pathsCheck } from './checks/paths.ts';
import { permissionsCheck } from './checks/permissions.ts';
import { runningFfmpegCheck } from './checks/running-ffmpeg.ts';
import { runningNginxCheck } from './checks/running-nginx.ts';
import { runningPortsCheck } from './checks/running-ports.ts';
import { securityCheck } from './checks/security.ts';
import { sourcesCheck } from './checks/sources.ts';
import { statCheck } from './checks/stat.ts';
import { streamsCheck } from './checks/streams.ts';
import { supervisorCheck } from './checks/supervisor.ts';
import { volumeCheck } from './checks/volume.ts';
import { writeCheck } from './checks/write.ts';
import type { DoctorCheck } from './doctor-check.ts';

export const doctorChecks: readonly DoctorCheck[] = [
  dockerCheck,
  runningFfmpegCheck,
  runningPortsCheck,
  supervisorCheck,
  runningNginxCheck,
  configCheck,
  pathsCheck,
  volumeCheck,
  diskCheck,
  permissionsCheck,
  writeCheck,
  filesCheck,
  clockCheck,
  sourcesCheck,
  statCheck,
  endpointCheck,
  mimeCheck,
  m3u8Check,
  corsCheck,
  edgeCheck,
  streamsCheck,
  logsCheck,
  securityCheck,
  endToEndCheck,
];
