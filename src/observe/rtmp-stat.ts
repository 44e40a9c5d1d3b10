// Reads nginx-rtmp's /stat: who publishes, how many bytes came in, who watches.

import { parseXml, XmlElement } from '@rgrove/parse-xml';

export interface RtmpStat {
  /** Of the rtmp module. */
  readonly version: string;
  readonly nginxVersion: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly applications: readonly RtmpApplication[];
}

export interface RtmpApplication {
  readonly name: string;
  readonly streams: readonly RtmpStream[];
}

export interface RtmpStream {
  readonly name: string;
  /** Somebody publishes now; a stream may also be listed for its waiting viewers only. */
  readonly publishing: boolean;
  readonly ageMs: number;
  readonly bytesIn: number;
  /** nginx measures over ten seconds and starts from 0. */
  readonly bitrateInBps: number;
  readonly bytesOut: number;
  /** The publisher counts as one. */
  readonly clients: number;
  /** Frames that nginx did not send to slow clients. */
  readonly dropped: number;
  readonly video?: { readonly codec: string; readonly width: number; readonly height: number; readonly fps: number };
  readonly audio?: { readonly codec: string; readonly sampleRate: number; readonly channels: number };
}

/** undefined when it is not the document, such as an error page. */
export function parseRtmpStat(text: string): RtmpStat | undefined {
  const root = readRoot(text);
  if (root?.name !== 'rtmp') return undefined;
  const server = child(root, 'server');
  return {
    version: textOf(root, 'nginx_rtmp_version'),
    nginxVersion: textOf(root, 'nginx_version'),
    pid: numberOf(root, 'pid'),
    uptimeSeconds: numberOf(root, 'uptime'),
    applications: children(server, 'application').map((application) => ({
      name: textOf(application, 'name'),
      streams: children(child(application, 'live'), 'stream').map(readStream),
    })),
  };
}

/** The stream of that name, in the application that jobs publish to. */
export function findRtmpStream(stat: RtmpStat, application: string, name: string): RtmpStream | undefined {
  return stat.applications.find((candidate) => candidate.name === application)?.streams.find((stream) => stream.name === name);
}

/** Names and client strings are the publishers' own, and nginx leaves control characters in them, which XML forbids. */
function readRoot(text: string): XmlElement | undefined {
  try {
    // oxlint-disable-next-line no-control-regex
    return parseXml(text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, ''), { ignoreUndefinedEntities: true }).root ?? undefined;
  } catch {
    return undefined;
  }
}

function readStream(stream: XmlElement): RtmpStream {
  const meta = child(stream, 'meta');
  const video = child(meta, 'video');
  const audio = child(meta, 'audio');
  // The elements are there but empty for a stream without sound or picture.
  const hasVideo = textOf(video, 'codec') !== '';
  const hasAudio = textOf(audio, 'codec') !== '';
  return {
    name: textOf(stream, 'name'),
    publishing: child(stream, 'publishing') !== undefined,
    ageMs: numberOf(stream, 'time'),
    bytesIn: numberOf(stream, 'bytes_in'),
    bitrateInBps: numberOf(stream, 'bw_in'),
    bytesOut: numberOf(stream, 'bytes_out'),
    clients: numberOf(stream, 'nclients'),
    dropped: children(stream, 'client').reduce((sum, client) => sum + numberOf(client, 'dropped'), 0),
    ...(hasVideo
      ? {
          video: {
            codec: textOf(video, 'codec'),
            width: numberOf(video, 'width'),
            height: numberOf(video, 'height'),
            fps: numberOf(video, 'frame_rate'),
          },
        }
      : {}),
    ...(hasAudio
      ? { audio: { codec: textOf(audio, 'codec'), sampleRate: numberOf(audio, 'sample_rate'), channels: numberOf(audio, 'channels') } }
      : {}),
  };
}

function children(parent: XmlElement | undefined, name: string): readonly XmlElement[] {
  return (parent?.children ?? []).filter((node): node is XmlElement => node instanceof XmlElement && node.name === name);
}

function child(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  return children(parent, name)[0];
}

function textOf(parent: XmlElement | undefined, name: string): string {
  return child(parent, name)?.text.trim() ?? '';
}

function numberOf(parent: XmlElement | undefined, name: string): number {
  const value = Number(textOf(parent, name));
  return Number.isFinite(value) ? value : 0;
}
