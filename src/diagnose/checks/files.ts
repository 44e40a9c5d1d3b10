// What lies in the HLS folder: fresh, stale, empty or orphaned, in both spellings of names.

import { legPlaylistName, type LegName } from '../../core/ids.ts';
import type { StreamStatus } from '../../core/status.ts';
import { parseMediaPlaylist } from '../../playlist/media-playlist.ts';
import { cannotTell, fail, pass, skip, warn, type Finding } from '../check.ts';
import { asRoot, onDockerHost, type DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { FolderListing, Place, PlaceEntry } from '../place.ts';
import { staleFiles } from './stale-files.ts';

/** A machine under load is late; a leg that stands still is late for ever. */
const leastStaleMs = 15_000;
const staleSegments = 5;

export const filesCheck: DoctorCheck = {
  id: 'files',
  title: 'HLS files',
  group: 'HLS folder',
  layer: 'volume',
  severity: 'error',
  dependsOn: [],
  about: 'The HLS folder of each side: both legs of every running stream are fresh, what playlists list is there, nothing is left over.',
  finds: {
    'folder-missing': 'there is no HLS folder',
    'leg-missing': 'a running stream has no playlist in one leg',
    'leg-stale': 'a leg of a running stream stands still',
    'playlist-empty': 'a playlist is an empty file',
    'segments-gone': 'a playlist lists segments that are not there',
    'files-left': 'old files that no playlist lists',
  },
  async run(context, facts) {
    const { backend } = context.places;
    if (backend.unreachable !== undefined) return [cannotTell(backend.unreachable)];
    const { backend: folder, origin } = await facts.folders();
    if (folder === undefined) return [await missingFolder(context, backend)];
    const theirs = onDockerHost(context) && context.places.origin.unreachable === undefined ? context.places.origin : undefined;
    if (theirs !== undefined && origin === undefined) return [await missingFolder(context, theirs)];
    const [status, playlists] = await Promise.all([facts.status(), facts.playlists()]);
    const running = (status?.streams ?? []).filter((stream) => stream.state === 'running');
    const nowMs = context.ports.clock.now();
    const problems = [
      ...running.flatMap((stream) => legFindings(context, stream, { folder, playlists, nowMs })),
      ...leftFindings(context, folder, playlists, nowMs),
    ];
    if (problems.length > 0) return problems;
    const shownIn = ({ entries }: FolderListing): string => {
      const count = (ending: string): number => entries.filter(({ name }) => name.endsWith(ending)).length;
      return `${count('.m3u8')} playlists and ${count('.ts')} segments`;
    };
    return [
      pass(
        `${shownIn(folder)}, both legs of ${running.length} running ${running.length === 1 ? 'stream' : 'streams'} are fresh`,
        theirs === undefined || origin === undefined ? [] : [`seen from ${theirs.name}: ${shownIn(origin)}`],
      ),
    ];
  },
};

/** A dangling link and a folder that may not be entered look the same from here. */
async function missingFolder(context: DoctorContext, place: Place): Promise<Finding> {
  const { endpoints, config } = context;
  const directory = endpoints.hlsDirectory;
  const mode = config.server.permissions === 'compat' ? '777' : '2775';
  const seen = await place.run(['ls', '-ld', directory]);
  if (place !== context.places.backend && seen.exitCode !== 0 && !seen.stderr.includes('No such file'))
    return cannotTell(`${place.name} does not tell what is in ${directory}`);
  if (seen.exitCode === 0) return skip(`${directory} cannot be read: ${seen.stdout.trim()}`);
  const argv = ['install', '-d', '-m', mode, directory] as const;
  return fail({
    code: 'folder-missing',
    what: `there is no HLS folder ${directory}${context.runtime === 'docker' ? ` in ${place.name}` : ''}`,
    evidence: [seen.stderr.trim()],
    why: 'neither leg can be written, and viewers get 404',
    next: context.runtime === 'local' ? asRoot(context, place.describe(argv)) : place.describe(argv),
    // `iptv up` makes it.
    consequenceOf: ['docker', 'volume', 'supervisor/supervisor-down'],
    fix: { action: place.describe(argv), apply: async () => void (await place.run(argv)) },
  });
}

interface Look {
  readonly folder: FolderListing;
  readonly playlists: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

const explaining = [
  'docker',
  'supervisor',
  'nginx',
  'ports',
  'volume',
  'permissions',
  'write',
  'disk',
  'config',
  'paths',
  'ffmpeg',
  'sources',
  'stat',
  'streams',
];

function legFindings(context: DoctorContext, stream: StreamStatus, look: Look): readonly Finding[] {
  const configured = context.config.streams.find(({ id }) => id === stream.id);
  const limitMs = Math.max(
    leastStaleMs,
    staleSegments * 1000 * Math.max(configured?.output.segmentSeconds ?? 0, context.config.server.segmentSeconds),
  );
  if ((stream.uptimeSeconds ?? 0) * 1000 < limitMs) return [];
  // Video that is forced through as it is may be one that RTMP cannot carry: then there is no primary leg, and that was said at the start.
  const legs: readonly LegName[] = configured?.output.video === 'copy' ? ['backup'] : ['primary', 'backup'];
  const found = legs.flatMap((leg) => legFinding(context, stream, leg, limitMs, look) ?? []);
  // One leg is spare: while the other plays, viewers see nothing of it.
  return found.length < legs.length ? found.map((finding) => ({ ...finding, status: 'warn' as const })) : found;
}

function legFinding(context: DoctorContext, stream: StreamStatus, leg: LegName, limitMs: number, look: Look): Finding | undefined {
  const name = legPlaylistName(stream.renditions?.[0]?.id ?? stream.id, leg);
  const entry = look.folder.entries.find((one) => one.name === name);
  const writer = leg === 'primary' ? 'nginx-rtmp' : 'ffmpeg';
  const next = `iptv logs ${stream.id}`;
  const shared = { subject: stream.id, next, consequenceOf: explaining };
  if (entry === undefined) {
    return fail({
      ...shared,
      code: 'leg-missing',
      what: `the ${leg} leg of ${stream.id} has no playlist`,
      evidence: [`no ${name} in ${context.endpoints.hlsDirectory}`],
      why: `${writer} writes it`,
    });
  }
  if (entry.size === 0) {
    return fail({
      ...shared,
      code: 'playlist-empty',
      what: `${name} is an empty file`,
      evidence: [shown(entry, look.nowMs)],
      why: 'a full disk looks like this: ffmpeg does not say it',
      next: context.places.backend.describe(['df', '-h', context.endpoints.hlsDirectory]),
    });
  }
  const age = look.nowMs - entry.mtimeMs;
  if (age > limitMs) {
    return fail({
      ...shared,
      code: 'leg-stale',
      what: `the ${leg} leg of ${stream.id} stands still for ${Math.round(age / 1000)} s`,
      evidence: [shown(entry, look.nowMs)],
      why: `${writer} writes it; viewers of this leg see a picture that stops`,
    });
  }
  const gone = absentSegments(look, name);
  if (gone.length === 0) return undefined;
  return fail({
    ...shared,
    code: 'segments-gone',
    what: `${name} lists ${gone.length} segments that are not there`,
    evidence: gone.slice(0, 3),
    why: 'viewers get 404 in the middle of the picture; somebody else tidies this folder',
  });
}

/** The folder was listed before the playlist was read: what comes after the last segment that was seen is younger than that look. */
function absentSegments({ folder, playlists }: Look, name: string): readonly string[] {
  const playlist = parseMediaPlaylist(playlists.get(name) ?? '');
  if (playlist === undefined) return [];
  const there = new Set(folder.entries.map((one) => one.name));
  const listed = playlist.segments.map(({ uri }) => uri.slice(uri.lastIndexOf('/') + 1));
  const lastSeen = listed.findLastIndex((uri) => there.has(uri));
  return listed.slice(0, lastSeen + 1).filter((uri) => !there.has(uri));
}

function leftFindings(context: DoctorContext, folder: FolderListing, playlists: Look['playlists'], nowMs: number): readonly Finding[] {
  const left = staleFiles({ entries: folder.entries, playlists, nowMs, config: context.config });
  if (left.length === 0) return [];
  const directory = context.endpoints.hlsDirectory;
  const bytes = left.reduce((sum, { size }) => sum + size, 0);
  return [
    warn({
      code: 'files-left',
      what: `${left.length} old files that no playlist lists lie in ${directory} (${Math.ceil(bytes / 1e6)} MB)`,
      evidence: left.slice(0, 4).map((entry) => shown(entry, nowMs)),
      why: 'of streams that are no longer in the list, or of another program; the supervisor removes only what is surely its own',
      next: context.places.backend.describe(['ls', '-la', directory]),
      consequenceOf: ['supervisor'],
      fix: {
        action: `remove the ${left.length} old files from ${directory}`,
        apply: async () => void (await context.places.backend.run(['rm', '-f', '--', ...left.map(({ name }) => `${directory}/${name}`)])),
      },
    }),
  ];
}

function shown({ name, size, mtimeMs, mode }: PlaceEntry, nowMs: number): string {
  return `${name}: ${size} bytes, mode ${mode.toString(8)}, ${Math.round((nowMs - mtimeMs) / 1000)} s old`;
}
