// No false alarm: `iptv doctor` again and again on a stack that is well, while the machine is busy.

import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';

import { askDoctor, expectRoots, rootsOf } from '../helpers/doctor.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { createStack } from '../helpers/stack.ts';

const rounds = 20;

it.skipIf(!hasNginxRtmp)(`finds no problem in ${rounds} runs in a row under load`, { timeout: 600_000 }, async () => {
  const streams = ['news', 'sport', 'films'].map((id) => `  - { id: ${id}, source: "test:?size=160x90&fps=10" }`).join('\n');
  const stack = await createStack({ streams });
  const load = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  try {
    expect(await stack.iptv('up', '--start')).toMatchObject({ code: 0 });
    await expectRoots(stack.iptv, []);
    const alarms: unknown[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const report = await askDoctor(stack.iptv);
      if (rootsOf(report).length > 0)
        alarms.push({
          round,
          roots: report.rootCauses,
          findings: report.checks.flatMap(({ findings }) => findings.filter(({ status }) => status !== 'pass' && status !== 'skip')),
        });
    }
    expect(alarms).toEqual([]);
  } finally {
    load.kill('SIGKILL');
    await stack.close();
  }
});
