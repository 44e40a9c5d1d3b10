// Is there an nginx, and does its rtmp module load?

import { fail, pass, type Check, type Finding } from '../check.ts';
import { lastWords } from '../last-words.ts';
import type { CheckContext } from '../context.ts';

const loadTimeoutMs = 10_000;

export const nginxCheck: Check = {
  id: 'nginx',
  title: 'nginx with the rtmp module',
  layer: 'host',
  severity: 'error',
  dependsOn: [],
  notHere: (context) => (context.runtime === 'docker' ? 'it has a container of its own' : undefined),
  async run(context) {
    const nginx = context.tools?.nginx;
    if (nginx === undefined)
      return [
        fail({ code: 'nginx-missing', what: 'nginx was not found', evidence: ['packages: nginx libnginx-mod-rtmp'], next: 'iptv setup' }),
      ];
    return [await tryLoading(context, nginx, context.tools?.rtmpModule)];
  },
};

/**
 * `nginx -t` on the real configuration is no look but a change: as root it makes `hls_path` and gives it away. A bare
 * `rtmp {}` proves as much. Without a module file it is tried all the same: the module may be linked in.
 */
async function tryLoading(context: CheckContext, nginx: string, rtmpModule: string | undefined): Promise<Finding> {
  const { files, process } = context.ports;
  const base = `${context.scratchDirectory}/check-nginx-${process.pid}`;
  const load = rtmpModule === undefined ? '' : `load_module "${rtmpModule}";\n`;
  await files.makeDirectory(context.scratchDirectory, 0o755);
  await files.writeAtomic(`${base}.conf`, `${load}pid ${base}.pid;\nerror_log stderr warn;\nevents {}\nrtmp {}\n`);
  try {
    const result = await process.run(nginx, ['-t', '-p', context.scratchDirectory, '-c', `${base}.conf`], { timeoutMs: loadTimeoutMs });
    if (result.stderr.includes('syntax is ok'))
      return pass('nginx loads its rtmp module', [nginx, ...(rtmpModule === undefined ? ['module: linked in'] : [rtmpModule])]);
    const fatal = result.stderr
      .trim()
      .split('\n')
      .filter((line) => line.includes('[emerg]'))
      .slice(0, 2);
    return problem(nginx, rtmpModule, fatal.length > 0 ? fatal : lastWords(result, 3));
  } finally {
    await files.remove(`${base}.conf`);
    await files.remove(`${base}.pid`);
  }
}

function problem(nginx: string, rtmpModule: string | undefined, evidence: readonly string[]): Finding {
  const text = evidence.join('\n');
  if (text.includes('unknown directive "rtmp"')) {
    return fail({
      code: 'rtmp-module-missing',
      what: `${nginx} has no rtmp module`,
      evidence: [...evidence, 'package: libnginx-mod-rtmp'],
      why: 'without it nothing takes the RTMP streams and the primary HLS leg is missing',
      next: 'iptv setup',
    });
  }
  if (rtmpModule !== undefined && (text.includes('dlopen()') || text.includes('binary compatible'))) {
    return fail({
      code: 'rtmp-module-broken',
      what: `nginx cannot load its rtmp module ${rtmpModule}`,
      evidence,
      why: 'the module must be built for this very nginx',
      next: 'iptv setup',
    });
  }
  return fail({ code: 'nginx-broken', what: `${nginx} does not run`, evidence, next: `${nginx} -V` });
}
