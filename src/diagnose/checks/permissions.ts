// Mode, owner, groups and umask: may both HLS writers write here, read each other's files, and remove old ones?

import { cannotTell, fail, pass, skip, warn, type Finding } from '../check.ts';
import { asRoot, onDockerHost, type DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import type { Identity } from '../facts/processes.ts';
import { identityOf } from '../facts/processes.ts';
import { judgeLabel } from '../selinux.ts';
import type { FolderListing, Place, PlaceEntry } from '../place.ts';

const sticky = 0o1000;

/** One of the two HLS writers. */
interface Writer {
  readonly name: string;
  readonly identity: Identity;
}

export const permissionsCheck: DoctorCheck = {
  id: 'permissions',
  title: 'permissions',
  group: 'HLS folder',
  layer: 'volume',
  severity: 'error',
  dependsOn: [],
  about: 'Mode and owner of the HLS folder and of what leads to it, users, groups and umask of both writers, and SELinux where it is on.',
  finds: {
    'folder-closed': 'one of the writers may not write in the HLS folder',
    'parent-closed': "nginx's worker may not pass through a folder above it",
    'files-closed': "nginx's worker may not read files in it",
    'folder-mode': 'both can write, but the mode is not what streams.yaml asks for',
    'folder-open': 'everybody can write although permissions are hardened',
    'folder-sticky': 'old segments of the other writer cannot be removed',
    'selinux-label': 'SELinux keeps containers out of the folder',
  },
  async run(context, facts) {
    const { backend } = context.places;
    if (backend.unreachable !== undefined) return [cannotTell(backend.unreachable)];
    const folder = (await facts.folders()).backend;
    if (folder === undefined) return [skip('there is no HLS folder')];
    const writers = await writersOf(context, facts);
    const problems = [
      ...(await parentFindings(context, writers.at(-1))),
      ...folderFindings(context, folder, writers),
      ...fileFindings(context, folder, writers),
      ...(await labelFindings(context, facts)),
    ];
    if (problems.length > 0) return problems;
    return [
      pass(`mode ${octal(folder.self.mode)}, owner ${folder.self.uid}:${folder.self.gid}, both sides may write`, writers.map(describe)),
    ];
  },
};

/** The backend first, nginx's worker last. */
async function writersOf(context: DoctorContext, facts: DoctorFacts): Promise<readonly Writer[]> {
  const { supervisor, nginx } = await facts.processes();
  const worker = nginx?.find(({ title }) => title.startsWith('worker process'))?.identity;
  const { places } = context;
  const backend = supervisor ?? (await ownIdentity(places.backend));
  // Locally nobody runs yet, or inside the backend container: the user that the place stands for.
  const origin = worker ?? (context.runtime === 'local' ? await ownIdentity(places.origin) : undefined);
  return [
    ...(backend === undefined ? [] : [{ name: 'the backend', identity: backend }]),
    ...(origin === undefined ? [] : [{ name: "nginx's worker", identity: origin }]),
  ];
}

async function ownIdentity(place: Place): Promise<Identity | undefined> {
  const text = (await place.readText('/proc/self/status')) ?? '';
  return identityOf(
    new Map(text.split('\n').map((line) => [line.slice(0, Math.max(0, line.indexOf(':'))), line.slice(line.indexOf(':') + 1).trim()])),
  );
}

function may(identity: Identity, entry: Pick<PlaceEntry, 'mode' | 'uid' | 'gid'>, bits: number): boolean {
  if (identity.uid === 0) return true;
  const shift = identity.uid === entry.uid ? 6 : identity.gid === entry.gid || identity.groups.includes(entry.gid) ? 3 : 0;
  return ((entry.mode >> shift) & bits) === bits;
}

/** A home folder of mode 700 is the usual case. The backend may be closed out as well, but then says so itself. */
async function parentFindings(context: DoctorContext, writer: Writer | undefined): Promise<readonly Finding[]> {
  if (writer === undefined || context.runtime === 'docker') return [];
  const parts = context.endpoints.hlsDirectory.split('/').slice(1, -1);
  for (let count = 1; count <= parts.length; count += 1) {
    const path = `/${parts.slice(0, count).join('/')}`;
    const stat = await context.ports.files.stat(path).catch(() => undefined);
    if (stat === undefined || may(writer.identity, stat, 1)) continue;
    return [
      fail({
        code: 'parent-closed',
        what: `${writer.name} may not pass through ${path} to the HLS folder`,
        evidence: [`${path}: mode ${octal(stat.mode)}, owner ${stat.uid}:${stat.gid}`, describe(writer)],
        why: 'it can neither write the primary leg nor serve the backup leg',
        next: asRoot(context, `chmod o+x ${path}`),
      }),
    ];
  }
  return [];
}

function folderFindings(context: DoctorContext, { self }: FolderListing, writers: readonly Writer[]): readonly Finding[] {
  const { permissions } = context.config.server;
  const wanted = permissions === 'compat' ? 0o777 : 0o2775;
  const directory = context.endpoints.hlsDirectory;
  const evidence = [`${directory}: mode ${octal(self.mode)}, owner ${self.uid}:${self.gid}`, ...writers.map(describe)];
  const fix = { action: `chmod ${octal(wanted)} ${directory}`, apply: () => changeMode(context, wanted) };
  const next = context.places.backend.describe(['chmod', octal(wanted), directory]);
  const shut = writers.filter(({ identity }) => !may(identity, self, 7));
  if (shut.length > 0) {
    return [
      fail({
        code: 'folder-closed',
        what: `${shut.map(({ name }) => name).join(' and ')} may not write in ${directory}`,
        evidence,
        why: shut.some(({ name }) => name.startsWith('nginx')) ? 'the primary leg is not written' : 'the backup leg is not written',
        next,
        fix,
      }),
    ];
  }
  const open = permissions === 'hardened' && (self.mode & 0o002) !== 0;
  const stuck = (self.mode & sticky) !== 0 && writers[0] !== undefined && ![0, self.uid].includes(writers[0].identity.uid);
  return [
    ...((self.mode & wanted) === wanted
      ? []
      : [
          warn({
            code: 'folder-mode',
            what: `${directory} has mode ${octal(self.mode)} instead of ${octal(wanted)}`,
            evidence,
            why: `permissions: ${permissions}`,
            next,
            fix,
          }),
        ]),
    ...(open
      ? [
          warn({
            code: 'folder-open',
            what: `${directory} is writable for everybody although permissions are hardened`,
            evidence,
            next,
            fix,
          }),
        ]
      : []),
    ...(stuck
      ? [
          fail({
            code: 'folder-sticky',
            what: `${directory} has the sticky bit: the backend cannot remove old segments of nginx`,
            evidence,
            next: context.places.backend.describe(['chmod', '-t', directory]),
            fix,
          }),
        ]
      : []),
  ];
}

/** Only root and the owner may; who else asks is refused by chmod itself, and that is told. */
async function changeMode({ places, endpoints }: DoctorContext, mode: number): Promise<void> {
  const result = await places.backend.run(['chmod', octal(mode), endpoints.hlsDirectory]);
  if (result.exitCode !== 0) await places.origin.run(['chmod', octal(mode), endpoints.hlsDirectory]);
}

function fileFindings(context: DoctorContext, folder: FolderListing, writers: readonly Writer[]): readonly Finding[] {
  const worker = writers.find(({ name }) => name.startsWith('nginx'));
  if (worker === undefined) return [];
  const media = folder.entries.filter(({ name, type }) => type === 'f' && /\.(?:m3u8|ts|m4s|mp4)$/.test(name));
  const closed = media.filter((entry) => !may(worker.identity, entry, 4));
  const first = closed[0];
  if (first === undefined) return [];
  const umasks = writers.flatMap(({ name, identity }) =>
    identity.umask === undefined ? [] : [`umask of ${name}: ${octal(identity.umask).padStart(4, '0')}`],
  );
  return [
    fail({
      code: 'files-closed',
      what: `${closed.length} playlists and segments are closed to ${worker.name}`,
      evidence: [`${first.name}: mode ${octal(first.mode)}, owner ${first.uid}:${first.gid}`, describe(worker), ...umasks],
      why: 'viewers get 403 for them',
      next: `chmod o+r ${context.endpoints.hlsDirectory}/*`,
      fix: {
        action: `chmod o+r the ${closed.length} closed files in ${context.endpoints.hlsDirectory}`,
        apply: async () =>
          void (await context.places.backend.run([
            'chmod',
            'o+r',
            '--',
            ...closed.map(({ name }) => `${context.endpoints.hlsDirectory}/${name}`),
          ])),
      },
    }),
  ];
}

/** Compose relabels no named volume; a folder of the host that was mounted by hand needs a label for containers. */
async function labelFindings(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const { places, endpoints, ports } = context;
  if (!onDockerHost(context)) return [];
  if ((await ports.files.readText('/sys/fs/selinux/enforce').catch(() => undefined))?.trim() !== '1') return [];
  const [{ stdout }, containers] = await Promise.all([places.backend.run(['ls', '-dZ', endpoints.hlsDirectory]), facts.containers()]);
  const processes = Object.entries(containers).flatMap(([name, fact]) => {
    const label = fact?.raw['ProcessLabel'];
    return typeof label === 'string' ? [{ name: name === 'origin' ? 'nginx-rtmp' : name, label }] : [];
  });
  const shut = judgeLabel(stdout, processes);
  if (shut === undefined) return [];
  return [
    warn({
      code: 'selinux-label',
      what: `SELinux is enforcing, and ${shut.why}`,
      evidence: [stdout.trim(), ...processes.map(({ name, label }) => `${name}: ${label === '' ? 'not confined' : label}`)],
      why: 'writes are denied although every mode allows them',
      next: 'ausearch -m avc -ts recent',
    }),
  ];
}

function describe({ name, identity }: Writer): string {
  const others = identity.groups.filter((group) => group !== identity.gid);
  return `${name}: uid ${identity.uid}, gid ${identity.gid}${others.length > 0 ? `, groups ${others.join(' ')}` : ''}`;
}

function octal(mode: number): string {
  return mode.toString(8);
}
