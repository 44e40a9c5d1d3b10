// Installs what the product needs from the distribution, as `iptv` itself would; says nothing when all is there.

import { AppError } from '../../src/core/errors.ts';
import { createPorts } from '../../src/platform/ports.ts';
import { installPrerequisites } from '../../src/stack/setup.ts';

try {
  await installPrerequisites({ ports: createPorts(), isRoot: process.getuid?.() === 0, say: (line) => console.error(line) });
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(
    [
      `error: ${error.message}`,
      ...error.evidence.map((line) => `  ${line}`),
      ...(error.next === undefined ? [] : [`next: ${error.next}`]),
    ].join('\n'),
  );
  process.exitCode = error.exitCode;
}
