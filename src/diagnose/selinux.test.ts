import { describe, expect, it } from 'vitest';

import { resolveEndpoints } from '../core/endpoints.ts';
import type { DoctorContext } from './context.ts';
import type { DoctorFacts } from './doctor-facts.ts';
import { permissionsCheck } from './checks/permissions.ts';
import { shellWords, type Argv } from './place.ts';
import { judgeLabel } from './selinux.ts';

const backend = 'system_u:system_r:container_t:s0:c123,c456';
const origin = 'system_u:system_r:container_t:s0:c7,c890';
const both = [
  { name: 'backend', label: backend },
  { name: 'nginx-rtmp', label: origin },
];

describe('judgeLabel', () => {
  it.each<[string, string, string | undefined]>([
    ['a named volume', 'system_u:object_r:container_file_t:s0 /tmp/hls', undefined],
    ['a folder of the host, mounted with :z', 'unconfined_u:object_r:container_file_t:s0 /tmp/hls', undefined],
    ['the older name', 'system_u:object_r:svirt_sandbox_file_t:s0 /tmp/hls', undefined],
    ['a folder of the host, as it is', 'unconfined_u:object_r:user_tmp_t:s0 /tmp/hls', 'user_tmp_t'],
    ['a folder that may only be read', 'system_u:object_r:container_ro_file_t:s0 /tmp/hls', 'container_ro_file_t'],
    [
      ':Z, which is private to the one that was started last',
      'system_u:object_r:container_file_t:s0:c123,c456 /tmp/hls',
      'than nginx-rtmp',
    ],
    ['categories of nobody', 'system_u:object_r:container_file_t:s0:c1,c2 /tmp/hls', 'than backend and nginx-rtmp'],
    ['no label', '? /tmp/hls', undefined],
    ['no answer', '', undefined],
  ])('%s', (_what, listed, expected) => {
    const why = judgeLabel(listed, both)?.why;
    if (expected === undefined) expect(why).toBeUndefined();
    else expect(why).toContain(expected);
  });

  it('is silent where the engine confines nobody', () => {
    const free = both.map(({ name }) => ({ name, label: '' }));
    expect(judgeLabel('unconfined_u:object_r:user_tmp_t:s0 /tmp/hls', free)).toBeUndefined();
    expect(judgeLabel('unconfined_u:object_r:user_tmp_t:s0 /tmp/hls', [])).toBeUndefined();
  });

  it('knows ranges of categories', () => {
    const all = [{ name: 'backend', label: 'system_u:system_r:container_t:s0-s0:c0.c1023' }];
    expect(judgeLabel('system_u:object_r:container_file_t:s0:c5,c1000 /tmp/hls', all)).toBeUndefined();
  });
});

/** No machine of the tests has SELinux: what the kernel, ls(1) and Docker print on one that has it, through the whole check. */
describe('the check of permissions under SELinux', () => {
  const server = { hlsDirectory: '/tmp/hls', permissions: 'compat', ports: { rtmp: 1935, http: 8000, publicHttp: 8088 } };

  async function codes(enforce: string | undefined, label: string): Promise<readonly string[]> {
    const context = {
      runtime: 'docker',
      config: { server },
      endpoints: resolveEndpoints(server as never, 'docker'),
      ports: { files: { readText: async (path: string) => (path === '/sys/fs/selinux/enforce' ? enforce : undefined) } },
      places: {
        backend: {
          unreachable: undefined,
          describe: shellWords,
          run: async (argv: Argv) => ({ stdout: argv.join(' ') === 'ls -dZ /tmp/hls' ? `${label} /tmp/hls\n` : '', exitCode: 0 }),
        },
      },
    } as unknown as DoctorContext;
    const identity = { uid: 0, gid: 0, groups: [], umask: 0o022 };
    const facts = {
      folders: async () => ({ backend: { self: { name: '', mode: 0o777, uid: 65_534, gid: 65_534 }, entries: [] }, origin: undefined }),
      processes: async () => ({ jobs: [], nginx: [], supervisor: identity }),
      containers: async () => ({ backend: { raw: { ProcessLabel: backend } }, origin: { raw: { ProcessLabel: origin } } }),
    } as unknown as DoctorFacts;
    return (await permissionsCheck.run(context, facts)).map(({ status, code }) => `${status} ${code}`);
  }

  it('names a label that keeps containers out', async () => {
    expect(await codes('1\n', 'unconfined_u:object_r:default_t:s0')).toEqual(['warn selinux-label']);
  });

  it('is well with the right label, where SELinux only tells, and where there is none', async () => {
    expect(await codes('1\n', 'system_u:object_r:container_file_t:s0')).toEqual(['pass ok']);
    expect(await codes('0\n', 'unconfined_u:object_r:default_t:s0')).toEqual(['pass ok']);
    expect(await codes(undefined, 'unconfined_u:object_r:default_t:s0')).toEqual(['pass ok']);
  });
});
