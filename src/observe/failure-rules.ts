// The table from ffmpeg's error texts to causes; texts measured on 5.1 and 7.1.

export type FailureCause =
  /** 401, 403. */
  | 'auth'
  /** 404, 410, a file that is not there, a stream that the RTMP server does not have. */
  | 'not-found'
  | 'rate-limited'
  /** Another 4xx. */
  | 'rejected'
  | 'upstream-5xx'
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'reset'
  /** The source came to a proper end, which a live source never does. */
  | 'ended'
  | 'not-media'
  | 'hls-stale'
  /** The source points at something that ffmpeg may not open. */
  | 'blocked'
  | 'codec'
  /** What encodes the picture: a device that went, a driver that refuses. */
  | 'encoder'
  /** Neither leg could be written. */
  | 'output'
  | 'permission'
  | 'read-only'
  | 'disk-full'
  | 'config'
  /** Another process runs this stream's job. */
  | 'lock-held'
  | 'killed'
  | 'crashed'
  | 'unknown';

export type RetryPace = 'fast' | 'normal' | 'slow' | 'never';

export interface FailureRule {
  readonly cause: FailureCause;
  readonly pattern: RegExp;
  readonly retry: RetryPace;
  /** Plain words; the groups are the pattern's. */
  readonly say: (...groups: readonly string[]) => string;
}

function rule(cause: FailureCause, retry: RetryPace, pattern: RegExp, say: FailureRule['say'] | string): FailureRule {
  return { cause, pattern, retry, say: typeof say === 'string' ? () => say : say };
}

/** These tell the cause by themselves; the first that matches a line counts. */
export const tellingRules: readonly FailureRule[] = [
  rule('auth', 'slow', /(?:Server returned|HTTP error|failed:) ?401/, 'the source asks for a login (401 Unauthorized)'),
  rule('auth', 'slow', /(?:Server returned|HTTP error|failed:) ?403/, 'the source answered 403 Forbidden (access denied)'),
  rule('rate-limited', 'slow', /(?:Server returned|HTTP error) 429/, 'the source says that it is asked too often (429 Too Many Requests)'),
  rule(
    'not-found',
    'slow',
    /(?:Server returned|HTTP error|failed:) ?(404|410)/,
    (code) => `the source answered ${code} ${code === '410' ? 'Gone' : 'Not Found'}`,
  ),
  rule('upstream-5xx', 'normal', /HTTP error (5\d\d)(?: ([\w ]+))?|Server returned (5XX)/, (code, name) =>
    code === ''
      ? "the source's server reports an error of its own (5xx)"
      : `the source's server reports an error of its own (${`${code} ${name}`.trim()})`,
  ),
  rule('rejected', 'slow', /HTTP error (4\d\d)(?: ([\w ]+))?/, (code, name) => `the source answered ${`${code} ${name}`.trim()}`),
  rule('rejected', 'slow', /failed: (4\d\d) ?([\w ]*)/, (code, name) => `the source answered ${`${code} ${name}`.trim()}`),
  rule('dns', 'normal', /Failed to resolve hostname ([^:\s]+)/, (host) => `the name ${host} cannot be resolved (DNS)`),
  rule(
    'refused',
    'normal',
    /Connection to \w+:\/\/([^\s?]+)\S* failed: Connection refused/,
    (host) => `nobody listens at ${host} (connection refused)`,
  ),
  rule('refused', 'normal', /Connection refused/, 'the source refuses the connection: nobody listens there'),
  rule('unreachable', 'normal', /No route to host|Network is unreachable|Network unreachable/, "there is no way to the source's network"),
  rule('tls', 'slow', /certificate|TLS packet|TLS handshake|SSL routines|gnutls/i, 'no secure connection to the source (TLS)'),
  rule(
    'timeout',
    'normal',
    /Connection timed out|Operation timed out|Cannot read RTMP handshake response/,
    'the source does not answer, or went silent (timed out)',
  ),
  rule(
    'blocked',
    'slow',
    /not in allowed_(?:segment_)?extensions|not on whitelist|is not a common multimedia extension|Refusing to/,
    'the source points at something that must not be opened',
  ),
  rule('hls-stale', 'normal', /Error when loading first segment/, 'the playlist is there, but its segments cannot be loaded'),
  rule('hls-stale', 'normal', /Failed to reload playlist/, 'the playlist cannot be loaded any more'),
  rule(
    'config',
    'never',
    /Unrecognized option '?([\w-]+)|Option ([\w-]+) not found/,
    (first, second) => `this ffmpeg does not know the option -${first === '' ? second : first}`,
  ),
  rule('config', 'never', /Unknown (encoder|decoder|input format) '?([\w-]+)/, (what, name) => `this ffmpeg has no ${what} ${name}`),
  rule('config', 'never', /Protocol not found/, 'this ffmpeg cannot speak the protocol of the source'),
  rule('config', 'never', /matches no streams/, 'the source has neither a picture nor a sound'),
  rule(
    'config',
    'never',
    /No such filter|Error parsing (?:a )?filter|Cannot find a valid font|Error splitting the argument list/,
    'this ffmpeg cannot run the planned command',
  ),
  rule('config', 'never', /failed to execute (\S+?):? /, (program) => `${program} cannot be started`),
  rule(
    'codec',
    'never',
    /codec '?([\w-]+)'? not compatible with (?:flv|FLV)|Tag .* incompatible with output codec id|incorrect codec parameters/,
    (name) => (name === '' ? 'RTMP cannot carry what the source sends' : `RTMP cannot carry ${name}`),
  ),
  // 5.1 and 7.1 in their own words, then the encoders' (nvenc.c, vaapi_encode.c, qsvenc.c, hwcontext_vaapi.c).
  rule(
    'encoder',
    'normal',
    /Video encoding failed|Error (?:submitting|encoding) (?:a )?video frame|Error while opening encoder|EncodePicture failed|OpenEncodeSessionEx failed|Failed to end picture encode|Error initializing an internal MFX session|No VA display found/,
    'what encodes the picture failed; it is tried before the next start, and another encoder is used where it does not work any more',
  ),
  rule('permission', 'never', /Permission denied/, 'permission denied'),
  rule('read-only', 'slow', /Read-only file system/, 'the file system is read-only'),
  rule('disk-full', 'slow', /No space left on device/, 'the disk is full'),
  rule('not-found', 'slow', /No such file or directory/, 'the source file does not exist'),
  rule('not-media', 'slow', /Is a directory/, 'the source is a folder, not a media file'),
  rule('reset', 'fast', /Connection reset by peer|Broken pipe/, 'the source cut the connection'),
  rule('reset', 'fast', /Stream ends prematurely|Error during demuxing/, 'the source broke off in the middle'),
];

/** These say little; they count when nothing better is there. `address` is the source's scheme as far as the lines show it. */
export const vagueRules: readonly (FailureRule & { readonly scheme?: RegExp })[] = [
  // 5.1 reports a silent RTSP server so.
  { ...rule('timeout', 'normal', /Invalid data found/, 'the RTSP server does not answer as it should, or not at all'), scheme: /^rtsps?$/ },
  rule(
    'not-media',
    'slow',
    /Invalid data found/,
    'the source sends no media that ffmpeg understands (a web page, a login form, an empty file)',
  ),
  { ...rule('timeout', 'normal', /Input\/output error/, 'nothing arrives from the source (timed out)'), scheme: /^(?:udp|rtp)$/ },
  {
    ...rule('not-found', 'slow', /Input\/output error/, 'the RTMP server has no such stream, or does not want to send it'),
    scheme: /^rtmp/,
  },
  rule('reset', 'normal', /Input\/output error/, 'reading from the source failed'),
  rule('reset', 'normal', /Will reconnect at .*error=([^.]+)/, (reason) => `the connection to the source broke (${reason.toLowerCase()})`),
  rule('rejected', 'slow', /Server returned 4XX/, 'the source refuses the request (4xx)'),
  rule('ended', 'fast', /End of file/, 'the source ended'),
];

/** For the case that both legs failed: what the output side said. */
export const outputRules: readonly FailureRule[] = [
  rule('output', 'normal', /Already publishing/, 'nginx-rtmp still holds an earlier publisher of this name'),
  rule('output', 'normal', /Connection refused/, 'nginx-rtmp is not there, and the backup leg cannot be written either'),
  rule('disk-full', 'slow', /No space left on device/, 'the disk is full'),
  rule('read-only', 'slow', /Read-only file system/, 'the HLS directory is read-only'),
  rule('permission', 'never', /Permission denied/, 'the HLS directory is not writable for ffmpeg'),
  rule('output', 'normal', /All tee outputs failed|Could not write header|Error opening output/, 'neither leg can be written'),
];
