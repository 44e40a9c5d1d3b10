// Whose file is it? Maps names in the HLS folder to the stream and leg that own them.

import { bridgePlaylistName, channelPlaylistName, isStreamId, type LegName } from '../core/ids.ts';

export type LegFile =
  | {
      readonly kind: 'segment';
      readonly id: string;
      readonly leg: LegName;
      /** nginx's `hls_fragment_naming system` puts the time into the name. */ readonly startedAtMs: number | undefined;
    }
  | { readonly kind: 'playlist'; readonly id: string; readonly leg: LegName | 'channel' }
  | { readonly kind: 'temporary'; readonly id: string };

/** Milliseconds since the epoch have 13 digits from 2001 to 2286. */
const epochDigits = 13;
const temporaryEndings = ['.bak', '.tmp'];

/**
 * undefined: not one of ours. Streams that are in no list any more are recognised by the two spellings that nobody
 * else uses by chance, `stream_<id>_<n>.ts` and `<id>-<13 digits>.ts`; playlists only of known ids (the caller
 * learns further ids from segments and playlists' contents).
 */
export function classifyLegFile(name: string, knownIds: ReadonlySet<string>): LegFile | undefined {
  const slash = name.indexOf('/');
  if (slash >= 0) return classifyChannelFile(name.slice(0, slash), name.slice(slash + 1), knownIds);
  for (const ending of temporaryEndings) {
    if (!name.endsWith(ending)) continue;
    // Hidden: of our own, beside the file that it becomes.
    const owner = classifyLegFile(name.slice(name.startsWith('.') ? 1 : 0, -ending.length), knownIds);
    return owner === undefined ? undefined : { kind: 'temporary', id: owner.id };
  }
  if (name.endsWith('.m3u8')) return classifyPlaylist(name.slice(0, -5), knownIds);
  if (name.endsWith('.ts')) return classifySegment(name.slice(0, -3), knownIds);
  if (name.endsWith('.vtt')) return classifySubtitles(name);
  return undefined;
}

const channelTemporary = `.${channelPlaylistName}.tmp`;

/** ffmpeg writes the playlist of a bridge beside its name first; of a bridge that plays both are younger than any limit. */
const passing: readonly string[] = [channelTemporary, bridgePlaylistName, `${bridgePlaylistName}.tmp`];

/** What a channel's own folder holds of ours, slates apart. */
export function isChannelFile(name: string): boolean {
  return name === channelPlaylistName || passing.includes(name);
}

function classifyChannelFile(id: string, name: string, knownIds: ReadonlySet<string>): LegFile | undefined {
  if (!knownIds.has(id) || !isChannelFile(name)) return undefined;
  return name === channelPlaylistName ? { kind: 'playlist', id, leg: 'channel' } : { kind: 'temporary', id };
}

function classifyPlaylist(stem: string, knownIds: ReadonlySet<string>): LegFile | undefined {
  const backupOf = stem.startsWith('stream_') ? stem.slice(7) : undefined;
  if (backupOf !== undefined && knownIds.has(backupOf)) return { kind: 'playlist', id: backupOf, leg: 'backup' };
  return knownIds.has(stem) ? { kind: 'playlist', id: stem, leg: 'primary' } : undefined;
}

/** The number is what follows the last separator; ids may hold separators and digits themselves. */
function classifySegment(stem: string, knownIds: ReadonlySet<string>): LegFile | undefined {
  let at = stem.length;
  while (at > 0 && isDigit(stem.charCodeAt(at - 1))) at -= 1;
  const digits = stem.length - at;
  const separator = stem[at - 1];
  const owner = stem.slice(0, Math.max(0, at - 1));
  if (digits === 0 || digits > 15 || (separator !== '-' && separator !== '_')) return undefined;

  const backupOf = separator === '_' && owner.startsWith('stream_') ? owner.slice(7) : undefined;
  if (backupOf !== undefined && isStreamId(backupOf) && (knownIds.has(backupOf) || !knownIds.has(owner))) {
    return { kind: 'segment', id: backupOf, leg: 'backup', startedAtMs: undefined };
  }
  const timed = separator === '-' && digits === epochDigits;
  if (!isStreamId(owner) || !(timed || knownIds.has(owner))) return undefined;
  return { kind: 'segment', id: owner, leg: 'primary', startedAtMs: timed ? Number(stem.slice(at)) : undefined };
}

/** `<id>_sub1_<n>.vtt`, which nobody else uses by chance; written when it is listed, and read by nobody but players. */
function classifySubtitles(name: string): LegFile | undefined {
  const [, id = ''] = /^([a-z0-9_-]+_sub[1-8])_\d{1,15}\.vtt$/.exec(name) ?? [];
  return isStreamId(id) ? { kind: 'segment', id, leg: 'primary', startedAtMs: undefined } : undefined;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
