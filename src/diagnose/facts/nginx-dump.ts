// nginx's whole configuration as nginx reads it, got without changing anything on disk.

import type { RunResult } from '../../core/ports.ts';
import { parseNginxDump, type Directive } from '../../observe/nginx-directives.ts';
import type { DoctorContext } from '../context.ts';
import { lastWords } from '../last-words.ts';
import { shellWords } from '../place.ts';

export type NginxDump =
  | { readonly state: 'ok'; readonly text: string; readonly tree: readonly Directive[]; readonly command: string }
  /** nginx refuses it; the lines say why. */
  | { readonly state: 'refused'; readonly evidence: readonly string[]; readonly command: string }
  /** There is none, or nobody to ask. */
  | { readonly state: 'none'; readonly why: string };

const askTimeoutMs = 10_000;

/** What `nginx -T` would create, or give to another user, when it runs as root. */
const touching =
  /^(\s*(?:pid|lock_file|hls_path|dash_path|record_path|(?:client_body|proxy|fastcgi|uwsgi|scgi)_temp_path|proxy_cache_path)\s+)("[^"]*"|'[^']*'|[^\s;"']+)/gm;

export async function readNginxDump(context: DoctorContext): Promise<NginxDump> {
  return context.runtime === 'docker' ? dumpInContainer(context) : dumpCopy(context);
}

/** The copy comes on stdin; relative paths in it are below the folder that goes afterwards. */
const script = `d=$(mktemp -d) && cd "$d" && cat >nginx.conf && nginx -T -q -p "$d" -c "$d/nginx.conf" -e stderr
code=$?
cd / && rm -rf "$d"
exit $code`;
const inContainer = '/etc/nginx/nginx.conf';

/** Also in its own container: as root `nginx -T` gives the HLS folder to its worker, and so would mend what is to be found. */
async function dumpInContainer({ places }: DoctorContext): Promise<NginxDump> {
  const { origin } = places;
  if (origin.unreachable !== undefined) return { state: 'none', why: origin.unreachable };
  const text = await origin.readText(inContainer);
  if (text === undefined) return { state: 'none', why: `there is no ${inContainer} in ${origin.name}` };
  const { copy, restore } = harmlessCopy(text, (index) => `iptv-doctor-${index}`);
  const result = await origin.run(['sh', '-c', script], { timeoutMs: askTimeoutMs, input: copy });
  return read(result, origin.describe(['nginx', '-T']), (dump) => restore(dump.replace(/\/[\w./-]*\/tmp\.\w+\/nginx\.conf/g, inContainer)));
}

/** The same configuration with other paths for what nginx would touch. */
function harmlessCopy(
  text: string,
  standIn: (index: number) => string,
): { readonly copy: string; readonly restore: (dump: string) => string } {
  const stand = new Map<string, string>();
  const copy = text.replace(touching, (_whole, head: string, value: string) => {
    const path = value.replace(/^["']|["']$/g, '');
    const known = stand.get(path) ?? standIn(stand.size);
    stand.set(path, known);
    return `${head}"${known}"`;
  });
  const restore = (dump: string): string => [...stand].reduce((back, [path, known]) => back.replaceAll(`"${known}"`, `"${path}"`), dump);
  return { copy, restore };
}

/** On this host nginx is shown a copy in which everything it would touch lies in a folder that goes afterwards. */
async function dumpCopy(context: DoctorContext): Promise<NginxDump> {
  const { ports, paths, tools, places } = context;
  const original = `${paths.nginx}/nginx.conf`;
  const text = await ports.files.readText(original);
  if (text === undefined) return { state: 'none', why: `there is no ${original} yet` };
  if (tools?.nginx === undefined) return { state: 'none', why: 'nginx was not found' };
  const folder = `${context.scratchDirectory}/doctor-nginx-${ports.process.pid}`;
  const command = shellWords(['cat', original]);
  const harmless = harmlessCopy(text, (index) => `${folder}/${index}`);
  const copy = harmless.copy.replace(/^(\s*include\s+)(?!["']?\/)["']?([^\s;"']+)["']?/gm, `$1"${paths.nginx}/$2"`);
  try {
    await ports.files.makeDirectory(folder, 0o700);
    await ports.files.writeAtomic(`${folder}/nginx.conf`, copy, 0o600);
    const argv = ['-T', '-q', '-p', folder, '-c', `${folder}/nginx.conf`, '-e', 'stderr'];
    const result = await ports.process.run(tools.nginx, argv, { timeoutMs: askTimeoutMs, cwd: '/' });
    return read(result, command, (dump) => harmless.restore(dump.replaceAll(`${folder}/nginx.conf`, original)));
  } finally {
    await places.backend.run(['rm', '-rf', folder]);
  }
}

function read(result: RunResult, command: string, restore: (text: string) => string): NginxDump {
  if (result.exitCode === 0) {
    const text = restore(result.stdout);
    return { state: 'ok', text, tree: parseNginxDump(text), command };
  }
  const stated = result.stderr.split('\n').filter((line) => line.includes('[emerg]'));
  return { state: 'refused', evidence: (stated.length > 0 ? stated.slice(0, 3) : lastWords(result, 3)).map(restore), command };
}
