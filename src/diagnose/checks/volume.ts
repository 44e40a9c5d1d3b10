// Is the same volume mounted in both containers at the same path, and can it be written?

import { cannotTell, fail, pass, skip, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import type { ContainerFact } from '../facts/containers.ts';
import type { Place } from '../place.ts';

export const volumeCheck: DoctorCheck = {
  id: 'volume',
  title: 'HLS volume',
  group: 'HLS folder',
  layer: 'volume',
  severity: 'error',
  dependsOn: [],
  about: 'Both containers have the same volume mounted at the HLS folder; locally, the file system below it can be written.',
  finds: {
    'volume-missing': 'a container has no volume at the HLS folder',
    'volume-differs': 'the two containers have different volumes there',
    'volume-read-only': 'it is mounted so that nobody can write',
  },
  async run(context, facts) {
    if (context.runtime === 'docker' && context.inside !== true) return compareContainers(context, facts);
    const mount = await mountOf(context.places.backend, context.endpoints.hlsDirectory);
    if (mount === undefined) return [skip('the kernel does not tell what is mounted where')];
    if (context.inside === true && mount.point !== context.endpoints.hlsDirectory)
      return [missing(context, 'backend', [`mounted at ${mount.point}`])];
    const readOnly = readOnlyFindings(context, context.places.backend, mount);
    return readOnly.length > 0 ? readOnly : [pass(`${mount.type} mounted at ${mount.point}`, [mount.options])];
  },
};

async function compareContainers(context: DoctorContext, facts: DoctorFacts): Promise<readonly Finding[]> {
  const path = context.endpoints.hlsDirectory;
  // The engine's word against the kernel's: a remount inside the container is not in `docker inspect`.
  const kernel = Promise.all(
    [context.places.backend, context.places.origin].map(async (place) => {
      const mount = await mountOf(place, path);
      return mount === undefined ? [] : readOnlyFindings(context, place, mount);
    }),
  );
  const { backend, origin } = await facts.containers();
  if (backend === undefined || origin === undefined) return [cannotTell('not both containers are there')];
  const mountIn = (container: ContainerFact) => container.mounts.find(({ destination }) => destination === path);
  const sides = [
    ['backend', mountIn(backend)],
    ['nginx-rtmp', mountIn(origin)],
  ] as const;
  const absent = sides.flatMap(([service, mount]) => (mount === undefined ? [missing(context, service, evidenceOf(sides))] : []));
  if (absent.length > 0) return absent;
  const [mine, theirs] = [sides[0][1], sides[1][1]];
  if (mine?.type !== theirs?.type || mine?.source !== theirs?.source) {
    return [
      fail({
        code: 'volume-differs',
        what: `the containers have different volumes at ${path}`,
        evidence: evidenceOf(sides),
        why: 'what ffmpeg writes, nginx does not serve',
        next: 'iptv down && iptv up',
      }),
    ];
  }
  const closed = sides.flatMap(([service, mount]) => (mount?.writable === false ? [readOnlyMount(context, service, path)] : []));
  if (closed.length > 0) return closed;
  const seen = (await kernel).flat();
  if (seen.length > 0) return seen;
  const folders = await facts.folders();
  const same = folders.backend?.self.inode === folders.origin?.self.inode && folders.backend?.self.device === folders.origin?.self.device;
  if (folders.backend !== undefined && folders.origin !== undefined && !same) {
    return [
      fail({
        code: 'volume-differs',
        what: `${path} is not the same folder in both containers`,
        evidence: [`backend: inode ${folders.backend.self.inode}`, `nginx-rtmp: inode ${folders.origin.self.inode}`],
        why: 'something else was mounted over the volume: what ffmpeg writes, nginx does not serve',
        next: 'iptv down && iptv up',
      }),
    ];
  }
  return [pass(`both containers have the volume ${mine?.source ?? ''} at ${path}`)];
}

type Sides = readonly (readonly [string, ContainerFact['mounts'][number] | undefined])[];

function evidenceOf(sides: Sides): readonly string[] {
  return sides.map(([service, mount]) => `${service}: ${mount === undefined ? 'nothing mounted' : `${mount.type} ${mount.source}`}`);
}

function missing(context: DoctorContext, service: string, evidence: readonly string[]): Finding {
  const path = context.endpoints.hlsDirectory;
  return fail({
    code: 'volume-missing',
    what: `${service} has no volume at ${path}`,
    evidence,
    why: 'it writes into its own file system, which the other container does not see',
    next: `docker compose -p ${context.project ?? 'iptv'} exec ${service} sh -c 'mount | grep hls'`,
  });
}

interface Mount {
  readonly point: string;
  readonly type: string;
  readonly options: string;
}

/** proc_pid_mountinfo(5): the mount whose point is the longest prefix of the path. */
async function mountOf(place: Place, path: string): Promise<Mount | undefined> {
  const text = await place.readText('/proc/self/mountinfo');
  let best: Mount | undefined;
  for (const line of (text ?? '').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4]?.replaceAll(String.raw`\040`, ' ');
    if (point === undefined || !(path === point || path.startsWith(point === '/' ? '/' : `${point}/`))) continue;
    // Of two mounts at one point the later one lies on top.
    if (best !== undefined && best.point.length > point.length) continue;
    const superOptions = after.split(' ')[2] ?? '';
    best = { point, type: after.split(' ')[0] ?? '', options: `${before.split(' ')[5] ?? ''},${superOptions}` };
  }
  return best;
}

function readOnlyFindings(context: DoctorContext, place: Place, mount: Mount): readonly Finding[] {
  return mount.options.split(',').includes('ro') ? [readOnlyMount(context, place.name, mount.point)] : [];
}

function readOnlyMount(context: DoctorContext, where: string, point: string): Finding {
  return fail({
    code: 'volume-read-only',
    what: `${point} is mounted read-only in ${where}`,
    evidence: [`mount options of ${point}: ro`],
    why: 'neither playlist nor segment can be written',
    next: context.runtime === 'docker' ? 'iptv down && iptv up' : `findmnt -T ${context.endpoints.hlsDirectory}`,
  });
}
