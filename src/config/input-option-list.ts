// The allow-list of extra ffmpeg input options: harmless ones only, nothing that names files, protocols or outputs.

import type { SourceKind } from '../core/config.ts';
import { accept, describeValue, quote, refuse } from './checked.ts';
import type { Checked } from './checked.ts';
import { hasControlCharacters } from './value-types.ts';
import { parseByteSize, parseDuration } from './values.ts';

export interface InputOption {
  /** ffmpeg ends with "Option not found" when the protocol or demuxer does not have it. */
  readonly kinds: readonly SourceKind[];
  /** Answers the value as ffmpeg takes it. */
  readonly check: (value: unknown) => Checked<string>;
  readonly secret?: true;
}

const every: readonly SourceKind[] = ['hls', 'http-ts', 'rtmp', 'rtsp', 'srt', 'udp', 'rtp', 'file'];
const http: readonly SourceKind[] = ['hls', 'http-ts'];
const datagram: readonly SourceKind[] = ['udp', 'rtp'];

const count = whole(0, 1_000_000);
const bytes = sized('a number of bytes such as 65536, 64Ki or 5M', parseByteSize, 1);
/** A bare number stays what ffmpeg takes it for; with a unit it is converted. */
const microseconds = timed('microseconds', 1000);
const milliseconds = timed('milliseconds', 1);
const address = word('an IP address', /^[0-9a-f:.]+$/i);
const addresses = word('IP addresses with commas between', /^[0-9a-f:.]+(?:,[0-9a-f:.]+)*$/i);
const extensions = word('file extensions with commas between, such as ts,m4s', /^[a-z0-9]+(?:,[a-z0-9]+)*$/i);
const plainText = word('text without spaces', /^\S+$/);

export const inputOptions: ReadonlyMap<string, InputOption> = new Map<string, InputOption>([
  ...group(every, {
    probesize: bytes,
    analyzeduration: microseconds,
    fflags: flags(['genpts', 'igndts', 'ignidx', 'discardcorrupt', 'nobuffer', 'nofillin', 'noparse', 'sortdts', 'fastseek']),
    err_detect: flags(['crccheck', 'bitstream', 'buffer', 'explode', 'ignore_err', 'careful', 'compliant', 'aggressive']),
    fpsprobesize: count,
    max_delay: microseconds,
    max_probe_packets: count,
    max_ts_probe: count,
    thread_queue_size: whole(1, 1_000_000),
    use_wallclock_as_timestamps: toggle(),
    correct_ts_overflow: toggle(),
  }),
  ...group(http, { seekable: toggle('-1'), multiple_requests: toggle(), icy: toggle(), short_seek_size: bytes, tls_verify: toggle() }),
  ...group(['hls'], {
    live_start_index: whole(-10_000, 10_000),
    prefer_x_start: toggle(),
    max_reload: count,
    m3u8_hold_counters: count,
    seg_max_retry: count,
    http_persistent: toggle(),
    http_multiple: toggle('-1'),
    http_seekable: toggle('-1'),
    allowed_extensions: extensions,
    allowed_segment_extensions: extensions,
    extension_picky: toggle(),
  }),
  ...group(['rtmp'], {
    rtmp_app: plainText,
    rtmp_playpath: plainText,
    rtmp_pageurl: plainText,
    rtmp_swfurl: plainText,
    rtmp_tcurl: plainText,
    rtmp_buffer: milliseconds,
    rtmp_live: word('any, live or recorded', /^(?:any|live|recorded)$/),
    tcp_nodelay: toggle(),
  }),
  ...group(['rtsp'], {
    rtsp_flags: flags(['filter_src', 'prefer_tcp', 'satip_raw']),
    allowed_media_types: flags(['video', 'audio', 'data', 'subtitle']),
    reorder_queue_size: count,
    min_port: whole(1, 65_535),
    max_port: whole(1, 65_535),
  }),
  ...group(['srt'], {
    latency: microseconds,
    rcvlatency: microseconds,
    peerlatency: microseconds,
    tlpktdrop: toggle(),
    connect_timeout: milliseconds,
    lossmaxttl: count,
    maxbw: bytes,
    recv_buffer_size: bytes,
    rcvbuf: bytes,
    mss: whole(76, 1500),
    ffs: count,
    payload_size: whole(188, 1456),
    enforced_encryption: toggle(),
    pbkeylen: word('16, 24 or 32', /^(?:16|24|32)$/),
  }),
  ...group(['srt'], { passphrase: plainText, streamid: plainText }, { secret: true }),
  ...group(datagram, { localaddr: address, sources: addresses, block: addresses }),
  ...group([...datagram, 'srt'], { pkt_size: whole(188, 65_535) }),
  ...group([...datagram, 'rtsp'], { buffer_size: bytes }),
  ...group(['udp'], { fifo_size: count, overrun_nonfatal: toggle(), reuse: toggle() }),
  ...group(['http-ts', 'srt', 'udp', 'file'], { scan_all_pmts: toggle(), merge_pmt_versions: toggle(), skip_unknown_pmt: toggle() }),
]);

function group(
  kinds: readonly SourceKind[],
  checks: Readonly<Record<string, InputOption['check']>>,
  more: { readonly secret?: true } = {},
): readonly (readonly [string, InputOption])[] {
  return Object.entries(checks).map(([name, check]) => [name, { kinds, check, ...more }] as const);
}

function whole(min: number, max: number): InputOption['check'] {
  return (value) => {
    const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
    if (Number.isInteger(number) && Number(number) >= min && Number(number) <= max) return accept(String(number));
    return refuse(`expected a whole number from ${min} to ${max}`, { found: describeValue(value) });
  };
}

function sized(what: string, parse: (value: string | number) => number | undefined, min: number): InputOption['check'] {
  return (value) => {
    const number = typeof value === 'string' || typeof value === 'number' ? parse(value) : undefined;
    return number === undefined || number < min ? refuse(`expected ${what}`, { found: describeValue(value) }) : accept(String(number));
  };
}

function timed(unit: string, perMillisecond: number): InputOption['check'] {
  const parse = (value: string | number): number | undefined => {
    const bare = typeof value === 'number' ? value : /^\d+$/.test(value) ? Number(value) : undefined;
    if (bare !== undefined) return Number.isSafeInteger(bare) && bare >= 0 ? bare : undefined;
    const parsed = parseDuration(value);
    return parsed === undefined ? undefined : parsed * perMillisecond;
  };
  return sized(`a whole number of ${unit} or a duration with its unit, such as 3s`, parse, 0);
}

function toggle(automatic?: '-1'): InputOption['check'] {
  return (value) => {
    const word = String(value);
    if (word === 'true' || word === '1') return accept('1');
    if (word === 'false' || word === '0') return accept('0');
    if (automatic !== undefined && (word === 'auto' || word === automatic)) return accept(automatic);
    return refuse(`expected true or false${automatic === undefined ? '' : ' or auto'}`, { found: describeValue(value) });
  };
}

function flags(words: readonly string[]): InputOption['check'] {
  return (value) => {
    const parts = typeof value === 'string' ? value.split(/[+-]/) : [];
    const names = parts[0] === '' ? parts.slice(1) : parts;
    if (typeof value !== 'string' || names.length === 0) return refuse('expected flags such as +a-b', { found: describeValue(value) });
    const unknown = names.find((name) => !words.includes(name));
    return unknown === undefined
      ? accept(value)
      : refuse(`only these flags are let through: ${words.join(', ')}`, { found: quote(unknown) });
  };
}

function word(what: string, pattern: RegExp): InputOption['check'] {
  return (value) => {
    const asText = typeof value === 'number' ? String(value) : value;
    if (typeof asText === 'string' && asText.length <= 1024 && pattern.test(asText) && !hasControlCharacters(asText)) return accept(asText);
    return refuse(`expected ${what}`, typeof value === 'string' ? {} : { found: describeValue(value) });
  };
}
