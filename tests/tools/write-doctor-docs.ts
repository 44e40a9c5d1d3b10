// Writes docs/doctor.md: node tests/tools/write-doctor-docs.ts

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { doctorChecks } from '../../src/diagnose/doctor-checks.ts';
import { doctorDocs } from './doctor-docs.ts';

writeFileSync(join(import.meta.dirname, '../../docs/doctor.md'), doctorDocs(doctorChecks));
