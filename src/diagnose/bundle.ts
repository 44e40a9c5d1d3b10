// What goes into a support archive besides the findings: configuration, logs, versions, and what the parts say of themselves.

import { fileIdsOf } from '../core/ladder.ts';
import { legPlaylistName } from '../core/ids.ts';
import type { BundleFile } from './bundle-redact.ts';
import { shownEnvironment } from './bundle-redact.ts';
import { onDockerHost, type DoctorContext } from './context.ts';
import { createDoctorFacts } from './doctor-facts.ts';
import type { Argv, FolderListing, Place } from './place.ts';

/** Of each log: enough for a day of a calm stream and minutes of a noisy one. */
const logBytes = 512 * 1024;
const mostPlaylists = 50;
const askTimeoutMs = 15_000;

export async function collectFiles(
  context: DoctorContext,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly BundleFile[]> {
  const facts = createDoctorFacts(context);
  const [status, dump, stat, folders, containers] = await Promise.all([
    facts.status(),
    facts.nginxDump(),
    context.ports.net.get(`${context.originUrl}/stat`, { timeoutMs: 5000 }),
    facts.folders(),
    facts.containers(),
  ]);
  const parts = await Promise.all([
    listFile(context),
    versions(context),
    logs(context),
    system(context),
    playlists(context, folders.backend),
    engineLogs(context),
  ]);
  const inspected = [containers.backend, containers.origin].filter((fact) => fact !== undefined);
  return [
    { path: 'environment.txt', text: shownEnvironment(environment) },
    { path: 'status.json', text: status === undefined ? 'no supervisor answers\n' : json(status) },
    { path: 'nginx/nginx-T.conf', text: dump.state === 'ok' ? dump.text : json(dump) },
    { path: 'nginx/stat.xml', text: stat?.body ?? 'nothing answers\n' },
    { path: 'hls.txt', text: listingText(folders.backend) },
    ...parts.flat(),
    ...(inspected.length === 0 ? [] : [{ path: 'docker/inspect.json', text: json(inspected.map(({ raw }) => withoutValues(raw))) }]),
  ];
}

/** A list that cannot be read may hold secrets nobody has recognised. */
async function listFile({ ports, config, listProblem }: DoctorContext): Promise<readonly BundleFile[]> {
  if (listProblem !== undefined) return [{ path: 'streams.yaml', text: `left out, because it cannot be read:\n${listProblem.message}\n` }];
  const text = await ports.files.readText(config.path).catch(() => undefined);
  return [{ path: 'streams.yaml', text: text ?? 'not readable\n' }];
}

async function versions(context: DoctorContext): Promise<readonly BundleFile[]> {
  const { places, tools, runtime } = context;
  const local = runtime === 'local';
  const said = await Promise.all([
    ask(places.backend, [local ? (tools?.ffmpeg ?? 'ffmpeg') : 'ffmpeg', '-version']),
    ask(places.origin, [local ? (tools?.nginx ?? 'nginx') : 'nginx', '-V']),
    ask(places.backend, ['uname', '-a']),
    ask(places.backend, ['cat', '/etc/os-release']),
    ...(onDockerHost(context) ? [['version'], ['compose', 'version'], ['info']].map((argv) => askHost(context, 'docker', argv)) : []),
  ]);
  return [{ path: 'versions.txt', text: `iptv ${context.version}, ${runtime}\n\n${said.join('\n')}` }];
}

async function logs({ places, paths, runtime }: DoctorContext): Promise<readonly BundleFile[]> {
  const folder = runtime === 'docker' ? '/var/lib/iptv/logs' : paths.logs;
  const events = runtime === 'docker' ? `/var/lib/iptv/${paths.events.split('/').at(-1) ?? ''}` : paths.events;
  const names = (await places.backend.folder(folder))?.entries.filter(({ type }) => type === 'f').map(({ name }) => name) ?? [];
  const wanted = [...names.filter((name) => name.endsWith('.log')).map((name) => [`logs/${name}`, `${folder}/${name}`] as const)];
  return Promise.all(
    [...wanted, ['events.jsonl', events] as const].map(async ([path, file]) => {
      const { stdout } = await places.backend.run(['tail', '-c', String(logBytes), file], { timeoutMs: askTimeoutMs });
      return { path, text: stdout };
    }),
  );
}

async function system(context: DoctorContext): Promise<readonly BundleFile[]> {
  const { places, config } = context;
  const each = async (place: Place): Promise<string> => {
    const said = await Promise.all([
      ask(place, ['id']),
      ask(place, ['date', '--iso-8601=ns']),
      ask(place, ['df', '-h', config.server.hlsDirectory]),
      ask(place, ['df', '-i', config.server.hlsDirectory]),
      ask(place, ['ls', '-ld', config.server.hlsDirectory]),
      ask(place, ['cat', '/proc/mounts']),
      ask(place, ['cat', '/proc/meminfo']),
      ask(place, ['cat', '/proc/loadavg']),
    ]);
    return `== ${place.name} ==\n${said.join('\n')}`;
  };
  const both = context.runtime === 'local' ? [places.backend] : [places.backend, places.origin];
  return [{ path: 'system.txt', text: (await Promise.all(both.map(each))).join('\n') }];
}

async function playlists(context: DoctorContext, folder: FolderListing | undefined): Promise<readonly BundleFile[]> {
  const { hlsDirectory } = context.config.server;
  const there = new Set(folder?.entries.map(({ name }) => name));
  const names = context.config.streams
    .flatMap(fileIdsOf)
    .flatMap((id) => [legPlaylistName(id, 'primary'), legPlaylistName(id, 'backup')])
    .filter((name) => there.has(name))
    .slice(0, mostPlaylists);
  return Promise.all(
    names.map(async (name) => ({
      path: `playlists/${name}`,
      text: (await context.places.backend.readText(`${hlsDirectory}/${name}`)) ?? '',
    })),
  );
}

async function engineLogs(context: DoctorContext): Promise<readonly BundleFile[]> {
  const { backend, origin } = context.containers;
  const named = [['backend', backend] as const, ['nginx-rtmp', origin] as const].filter(([, id]) => id !== undefined);
  return Promise.all(
    named.map(async ([service, id]) => ({
      path: `docker/${service}.log`,
      text: await askHost(context, 'docker', ['logs', '--timestamps', '--tail', '2000', id ?? '']),
    })),
  );
}

/** Whatever a variable of a container is called, its value may be a password: only names stay. */
function withoutValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutValues);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'Env' && Array.isArray(inner)
        ? shownEnvironment(Object.fromEntries(inner.map(pair)))
            .split('\n')
            .slice(0, -1)
        : withoutValues(inner),
    ]),
  );
}

function pair(entry: unknown): readonly [string, string] {
  const text = String(entry);
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

async function ask(place: Place, argv: Argv): Promise<string> {
  const { stdout, stderr, exitCode } = await place.run(argv, { timeoutMs: askTimeoutMs });
  return `$ ${argv.join(' ')}\n${stdout}${stderr}${exitCode === 0 ? '' : `(code ${exitCode ?? 'none'})\n`}`;
}

async function askHost({ ports }: DoctorContext, file: string, argv: readonly string[]): Promise<string> {
  const { stdout, stderr } = await ports.process.run(file, argv, { timeoutMs: askTimeoutMs });
  return `$ ${[file, ...argv].join(' ')}\n${stdout}${stderr}`;
}

function listingText(folder: FolderListing | undefined): string {
  if (folder === undefined) return 'there is no HLS folder\n';
  const lines = folder.entries.map(
    ({ name, size, mtimeMs, mode, uid, gid }) =>
      `${mode.toString(8).padStart(4)} ${uid}:${gid} ${String(size).padStart(10)} ${new Date(mtimeMs).toISOString()} ${name}`,
  );
  return `${lines.sort().join('\n')}\n`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
