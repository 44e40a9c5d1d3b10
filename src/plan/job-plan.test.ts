import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordedFacts } from '../../tests/helpers/ffmpeg-fixtures.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import type { OutputConfig, SourceConfig, SourceKind } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { Endpoints, JobPlan } from '../core/job-plan.ts';
import { planJob, type JobPlanInput } from './job-plan.ts';

const endpoints: Endpoints = {
  rtmpUrl: 'rtmp://127.0.0.1:1935/live',
  hlsUrl: 'http://127.0.0.1:8088/hls',
  publicHlsUrl: 'http://localhost:8088/hls',
  statUrl: 'http://127.0.0.1:8088/stat',
  healthUrl: 'http://127.0.0.1:8088/healthz',
  hlsDirectory: '/tmp/hls',
};
const ffmpeg5 = recordedFacts('5.1');
const ffmpeg7 = recordedFacts('7.1');

function plan(source: SourceConfig, more: Partial<JobPlanInput> & { output?: Partial<OutputConfig> } = {}): JobPlan {
  const { output, ...input } = more;
  return planJob({
    stream: streamOf(source, output),
    sourceIndex: 0,
    endpoints,
    ffmpeg: ffmpeg5,
    source: undefined,
    startNumber: undefined,
    secrets: [],
    ...input,
  });
}

const start = '-hide_banner -nostdin -nostats -loglevel +level+info -progress pipe:3 -stats_period 1';
const reconnect =
  '-rw_timeout 10000000 -reconnect 1 -reconnect_streamed 1 -reconnect_on_network_error 1 -reconnect_on_http_error 5xx,429 -reconnect_delay_max 4';
const httpOnly = '-protocol_whitelist http,https,tcp,tls,crypto,httpproxy,data';
const packets = '-fflags +genpts+discardcorrupt -analyzeduration 3000000 -probesize 3000000';
const maps = '-map 0:V:0? -map 0:a:0? -dn -sn';
const copy = '-c:v copy -tag:v 7 -c:a copy -tag:a 10';
const fifo =
  'onfail=ignore:use_fifo=1:fifo_options=attempt_recovery=1\\\\:recover_any_error=1\\\\:recovery_wait_time=1\\\\:drop_pkts_on_overflow=1\\\\:restart_with_keyframe=1\\\\:queue_size=600';
const flvCopied = `[f=flv:bsfs/a=aac_adtstoasc:${fifo}:flvflags=no_duration_filesize+aac_seq_header_detect:rw_timeout=5000000]rtmp://127.0.0.1:1935/live/news`;
const flvEncoded = `[f=flv:${fifo}:flvflags=no_duration_filesize:rw_timeout=5000000]rtmp://127.0.0.1:1935/live/news`;
const hlsFlags = 'delete_segments+append_list+temp_file+omit_endlist+program_date_time+independent_segments';
const hlsLeg = `[f=hls:onfail=ignore:ignore_io_errors=1:hls_time=2:hls_list_size=10:hls_delete_threshold=11:hls_flags=${hlsFlags}:hls_segment_filename=/tmp/hls/stream_news_%d.ts]/tmp/hls/stream_news.m3u8`;
const bothCopied = `${maps} ${copy} -f tee ${flvCopied}|${hlsLeg}`;
const aac = '-c:a aac -b:a 128k -ar 44100 -ac 2 -af aresample=async=1 -flags:a +global_header';
const x264 = '-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p';

describe('planJob: source description -> command line', () => {
  it.each<[string, SourceConfig, string]>([
    [
      'hls',
      sourceOf('hls', 'https://tv.example/news.m3u8'),
      `${start} ${httpOnly} ${reconnect} -m3u8_hold_counters 15 -max_reload 3 -live_start_index -3 ${packets} -i https://tv.example/news.m3u8 ${bothCopied}`,
    ],
    [
      'http-ts',
      sourceOf('http-ts', 'http://tv.example/news.ts'),
      `${start} ${httpOnly} ${reconnect} ${packets} -i http://tv.example/news.ts ${bothCopied}`,
    ],
    [
      'http-ts with identity',
      sourceOf('http-ts', 'http://tv.example/news.ts', {
        userAgent: 'VLC/3',
        referer: 'http://tv.example/',
        headers: { Accept: '*/*', 'X-Id': '7\r\nEvil: 1' },
      }),
      `${start} ${httpOnly} ${reconnect} -user_agent VLC/3 -referer http://tv.example/ -headers Accept: */*\r\nX-Id: 7 Evil: 1\r\n ${packets} -i http://tv.example/news.ts ${bothCopied}`,
    ],
    [
      'http-ts without reconnects, other times',
      sourceOf('http-ts', 'http://tv.example/news.ts', { reconnect: { enabled: false, maxDelaySeconds: 9, timeoutSeconds: 2.5 } }),
      `${start} ${httpOnly} -rw_timeout 2500000 ${packets} -i http://tv.example/news.ts ${bothCopied}`,
    ],
    [
      'rtmp',
      sourceOf('rtmp', 'rtmp://tv.example/live/news'),
      `${start} -protocol_whitelist rtmp,rtmps,rtmpt,rtmpts,ffrtmphttp,http,https,tcp,tls -rw_timeout 10000000 -analyzeduration 3000000 -probesize 3000000 -i rtmp://tv.example/live/news ${bothCopied}`,
    ],
    [
      'rtsp',
      sourceOf('rtsp', 'rtsp://cam.example/1'),
      `${start} -protocol_whitelist rtsp,rtp,rtcp,udp,tcp,tls -rtsp_transport tcp -timeout 10000000 -fflags +genpts -analyzeduration 3000000 -probesize 3000000 -i rtsp://cam.example/1 ${bothCopied}`,
    ],
    [
      'rtsp over udp',
      sourceOf('rtsp', 'rtsp://cam.example/1', { transport: 'udp', userAgent: 'x' }),
      `${start} -protocol_whitelist rtsp,rtp,rtcp,udp,tcp,tls -rtsp_transport udp -timeout 10000000 -user_agent x -fflags +genpts -analyzeduration 3000000 -probesize 3000000 -i rtsp://cam.example/1 ${bothCopied}`,
    ],
    [
      'srt',
      sourceOf('srt', 'srt://tv.example:9000?mode=caller'),
      `${start} -protocol_whitelist srt -connect_timeout 3000 -timeout 10000000 -latency 200000 ${packets} -i srt://tv.example:9000?mode=caller ${bothCopied}`,
    ],
    [
      'srt with its own latency and time-outs',
      sourceOf('srt', 'srt://tv.example:9000?latency=80000&timeout=1&connect_timeout=2'),
      `${start} -protocol_whitelist srt ${packets} -i srt://tv.example:9000?latency=80000&timeout=1&connect_timeout=2 ${bothCopied}`,
    ],
    [
      'udp',
      sourceOf('udp', 'udp://@239.1.1.1:1234?localaddr=10.0.0.2'),
      `${start} -protocol_whitelist udp -timeout 10000000 -fifo_size 57344 -overrun_nonfatal 1 -buffer_size 8388608 ${packets} -i udp://@239.1.1.1:1234?localaddr=10.0.0.2 ${bothCopied}`,
    ],
    [
      'rtp',
      sourceOf('rtp', 'rtp://@239.1.1.1:5004'),
      `${start} -protocol_whitelist rtp,rtcp,udp -reorder_queue_size 500 -buffer_size 8388608 ${packets} -i rtp://@239.1.1.1:5004 ${bothCopied}`,
    ],
    [
      'file',
      sourceOf('file', '/srv/a b:c.ts'),
      `${start} -re -stream_loop -1 -protocol_whitelist file,crypto,data -fflags +genpts -i file:/srv/a b:c.ts ${bothCopied}`,
    ],
    [
      'test',
      sourceOf('test', 'test:?size=640x360&fps=25&tone=440'),
      `${start} -re -f lavfi -i smptehdbars=size=640x360:rate=25,drawtext=text='news  %{localtime}':fontsize=36:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=12:x=(w-text_w)/2:y=h*0.78[out0];sine=frequency=440:beep_factor=4:sample_rate=44100[out1]` +
        ` ${maps} -c:v libx264 -preset ultrafast -tune zerolatency -threads:v 1 -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0 -flags:v +global_header ${aac} -f tee ${flvEncoded}|${hlsLeg}`,
    ],
  ])('%s', (_, source, line) => {
    const made = plan(source);
    expect(made.argv.join(' ')).toBe(line);
    expect(made.legs).toEqual(['primary', 'backup']);
  });

  it.each<[string, SourceFacts, Partial<OutputConfig>, string]>([
    ['H.264 and AAC', { video: { codec: 'h264', fps: 25 }, audio: { codec: 'aac', profile: 'HE-AAC' } }, {}, bothCopied],
    [
      'MP2 sound',
      { video: { codec: 'h264' }, audio: { codec: 'mp2' } },
      {},
      `${maps} -c:v copy -tag:v 7 ${aac} -f tee ${flvEncoded}|${hlsLeg}`,
    ],
    [
      'AC-3 sound',
      { video: { codec: 'h264' }, audio: { codec: 'ac3' } },
      {},
      `${maps} -c:v copy -tag:v 7 ${aac} -f tee ${flvEncoded}|${hlsLeg}`,
    ],
    [
      'MP3 sound',
      { video: { codec: 'h264' }, audio: { codec: 'mp3' } },
      {},
      `${maps} -c:v copy -tag:v 7 ${aac} -f tee ${flvEncoded}|${hlsLeg}`,
    ],
    ['no sound', { video: { codec: 'h264' } }, {}, `-map 0:V:0? -dn -sn -c:v copy -tag:v 7 -f tee ${flvEncoded}|${hlsLeg}`],
    ['radio in AAC', { audio: { codec: 'aac' } }, {}, `-map 0:a:0? -dn -sn -c:a copy -tag:a 10 -f tee ${flvCopied}|${hlsLeg}`],
    ['radio in MP3', { audio: { codec: 'mp3' } }, {}, `-map 0:a:0? -dn -sn ${aac} -f tee ${flvEncoded}|${hlsLeg}`],
    [
      'HEVC, AAC stays',
      { video: { codec: 'hevc', fps: 50 }, audio: { codec: 'aac' } },
      {},
      `${maps} ${x264} -g 100 -keyint_min 100 -sc_threshold 0 -flags:v +global_header -c:a copy -tag:a 10 -f tee ${flvCopied.replace('queue_size=600', 'queue_size=1000')}|${hlsLeg}`,
    ],
    [
      'MPEG-2 of unknown rate',
      { video: { codec: 'mpeg2video' }, audio: { codec: 'mp2' } },
      {},
      `${maps} ${x264} -force_key_frames expr:isnan(prev_forced_t)+gte(t,prev_forced_t+2) -sc_threshold 0 -flags:v +global_header ${aac} -f tee ${flvEncoded}|${hlsLeg}`,
    ],
    [
      'encoding asked for',
      { video: { codec: 'h264', fps: 29.97 }, audio: { codec: 'aac' } },
      { video: 'transcode', audio: 'transcode' },
      `${maps} ${x264} -g 60 -keyint_min 60 -sc_threshold 0 -flags:v +global_header ${aac} -f tee ${flvEncoded}|${hlsLeg}`,
    ],
    [
      'sound not wanted',
      { video: { codec: 'h264' }, audio: { codec: 'aac' } },
      { audio: 'none' },
      `-map 0:V:0? -dn -sn -c:v copy -tag:v 7 -f tee ${flvEncoded}|${hlsLeg}`,
    ],
    [
      'HEVC to be copied',
      { video: { codec: 'hevc' }, audio: { codec: 'aac' } },
      { video: 'copy' },
      `${maps} -c:v copy -c:a copy -f tee ${hlsLeg}`,
    ],
    [
      'AC-3 to be copied',
      { video: { codec: 'h264' }, audio: { codec: 'ac3' } },
      { audio: 'copy' },
      `${maps} -c:v copy -c:a copy -f tee ${hlsLeg}`,
    ],
    [
      'VP9 to be copied, which no leg carries',
      { video: { codec: 'vp9', fps: 25 }, audio: { codec: 'opus' } },
      { video: 'copy' },
      `${maps} ${x264} -g 50 -keyint_min 50 -sc_threshold 0 -flags:v +global_header ${aac} -f tee ${flvEncoded}|${hlsLeg}`,
    ],
  ])('%s', (_, source, output, line) => {
    const made = plan(sourceOf('udp', 'udp://:1'), { source, output });
    expect(made.argv.join(' ').split('-i udp://:1 ')[1]).toBe(line);
  });
});

describe('planJob', () => {
  it('plans the same for an unknown source as for H.264 with AAC, so that learning it restarts nothing', () => {
    const source = sourceOf('http-ts', 'http://h/x.ts');
    const known: SourceFacts = {
      video: { codec: 'h264', width: 1280, height: 720, fps: 25 },
      audio: { codec: 'aac', sampleRate: 48_000, channels: 2 },
    };
    expect(plan(source, { source: known }).argv).toEqual(plan(source).argv);
    expect(plan(source)).toMatchObject({ video: 'copy', audio: 'copy', notes: [] });
  });

  it('says what it leaves out and what it encodes', () => {
    const made = plan(sourceOf('hls', 'http://h/x.m3u8'), { source: { video: { codec: 'hevc' }, audio: { codec: 'ac3' } } });
    expect(made.notes).toEqual([
      'video is encoded anew (nginx-rtmp carries H.264 only, the source is hevc): this costs far more CPU than copying',
      'audio is encoded anew (nginx-rtmp carries AAC only, the source is ac3)',
      'ffmpeg 5.1.9-0+deb12u1 has no -seg_max_retry for hls: left out (tries for a segment that cannot be loaded)',
    ]);
    expect(made).toMatchObject({ video: 'transcode', audio: 'transcode' });
  });

  it('leaves the primary leg out, and says so, for a copied codec that it cannot carry', () => {
    const made = plan(sourceOf('udp', 'udp://:1'), {
      source: { video: { codec: 'hevc' }, audio: { codec: 'aac' } },
      output: { video: 'copy' },
    });
    expect(made.legs).toEqual(['backup']);
    expect(made.notes[0]).toMatch(/nginx-rtmp cannot carry hevc.*only the backup leg/);
  });

  it('uses newer options where the binary has them', () => {
    const made = plan(sourceOf('hls', 'http://h/x.m3u8'), { ffmpeg: ffmpeg7 });
    expect(made.argv.join(' ')).toContain('-seg_max_retry 2');
    expect(made.notes).toEqual([]);
  });

  it('leaves out what a binary does not have', () => {
    const options = new Map(
      [...ffmpeg5.options].map(
        ([scope, names]) => [scope, new Set([...names].filter((name) => !/^reconnect_on|^stats_period/.test(name)))] as const,
      ),
    );
    const made = plan(sourceOf('http-ts', 'http://h/x.ts'), { ffmpeg: { ...ffmpeg5, options } });
    expect(made.argv.join(' ')).not.toMatch(/reconnect_on|stats_period/);
    expect(made.argv).toContain('-reconnect_streamed');
    expect(made.notes).toHaveLength(3);
  });

  it('starts the numbering only when told to', () => {
    const at = (startNumber: number | undefined): string => plan(sourceOf('udp', 'udp://:1'), { startNumber }).argv.at(-1) ?? '';
    expect(at(881_908_200)).toContain(':start_number=881908200:');
    expect(at(undefined)).not.toContain('start_number');
  });

  it('follows segment length and window', () => {
    const made = plan(sourceOf('test', 'test:?fps=50'), { output: { segmentSeconds: 4, windowSegments: 6 } });
    expect(made.argv.join(' ')).toContain('-g 200 -keyint_min 200');
    expect(made.argv.at(-1)).toContain('hls_time=4:hls_list_size=6:hls_delete_threshold=7');
  });

  it('takes another source of the list, counting on past its end', () => {
    const stream = { ...streamOf(sourceOf('udp', 'udp://:1')), sources: [sourceOf('udp', 'udp://:1'), sourceOf('udp', 'udp://:2')] };
    const urls = [0, 1, 2, 3].map((sourceIndex) =>
      planJob({ stream, sourceIndex, endpoints, ffmpeg: ffmpeg5, source: undefined, startNumber: undefined, secrets: [] }),
    );
    expect(urls.map((made) => [made.sourceIndex, made.argv[made.argv.indexOf('-i') + 1]])).toEqual([
      [0, 'udp://:1'],
      [1, 'udp://:2'],
      [0, 'udp://:1'],
      [1, 'udp://:2'],
    ]);
  });

  it('lets input options of streams.yaml win over its own', () => {
    const made = plan(sourceOf('hls', 'http://h/x.m3u8', { inputOptions: { probesize: '9', extension_picky: '0', fflags: '+igndts' } }));
    const text = made.argv.join(' ');
    expect(text).toContain('-probesize 9 -extension_picky 0 -fflags +igndts -i http://h/x.m3u8');
    expect(text).not.toContain('-probesize 3000000');
    expect(text).not.toContain('genpts');
  });

  it('says when a source has no place for headers', () => {
    const made = plan(sourceOf('udp', 'udp://:1', { headers: { A: 'b' }, userAgent: 'x', referer: 'y' }));
    expect(made.notes).toEqual(['headers, referer, user agent: not used, a udp source has no place for it']);
    expect(made.argv.join(' ')).not.toContain('-headers');
  });

  it('makes a test picture without text where there is no font', () => {
    const made = plan(sourceOf('test', 'test:'), { ffmpeg: recordedFacts('5.1', { canWriteText: false }) });
    expect(made.argv[made.argv.indexOf('-i') + 1]).toBe(
      'testsrc2=size=640x360:rate=25[out0];sine=frequency=440:beep_factor=4:sample_rate=44100[out1]',
    );
    expect(made.notes[0]).toContain('without a clock');
  });

  it('makes a silent test picture when sound is not wanted', () => {
    const made = plan(sourceOf('test', 'test:'), { output: { audio: 'none' } });
    expect(made.argv.join(' ')).not.toMatch(/sine|-c:a|0:a/);
    expect(made.audio).toBe('none');
  });

  it.each<[string, SourceConfig, Partial<FfmpegFacts>, RegExp]>([
    ['a protocol', sourceOf('srt', 'srt://h:1'), { protocols: new Set(['udp']) }, /lacks the protocol srt$/],
    ['TLS', sourceOf('hls', 'https://h/x.m3u8'), { protocols: new Set(['http']) }, /lacks the protocol https$/],
    ['a demuxer', sourceOf('rtsp', 'rtsp://h/x'), { demuxers: new Set(['hls']) }, /lacks the demuxer rtsp$/],
    ['the tee muxer', sourceOf('udp', 'udp://:1'), { muxers: new Set(['flv', 'hls', 'fifo']) }, /lacks the muxer tee$/],
    ['an encoder', sourceOf('test', 'test:'), { encoders: new Set(['aac']) }, /lacks the encoder libx264$/],
  ])('refuses when ffmpeg lacks %s', (_, source, lack, message) => {
    const attempt = (): JobPlan => plan(source, { ffmpeg: { ...ffmpeg5, ...lack } });
    expect(attempt).toThrow(AppError);
    expect(attempt).toThrow(message);
  });

  it('plans for a binary that was not asked', () => {
    const unknown: FfmpegFacts = {
      path: 'ffmpeg',
      version: 'unknown',
      protocols: new Set(),
      muxers: new Set(),
      demuxers: new Set(),
      encoders: new Set(),
      filters: new Set(),
      options: new Map(),
    };
    const made = plan(sourceOf('hls', 'http://h/x.m3u8'), { ffmpeg: unknown });
    expect(made.argv).toContain('-reconnect');
    expect(made.argv).not.toContain('-seg_max_retry');
  });

  it('keeps a hostile playlist away from local files, whatever the kind', () => {
    const urls: Readonly<Record<Exclude<SourceKind, 'test' | 'file'>, string>> = {
      hls: 'http://h/x',
      'http-ts': 'http://h/x',
      rtmp: 'rtmp://h/x/y',
      rtsp: 'rtsp://h/x',
      srt: 'srt://h:1',
      udp: 'udp://:1',
      rtp: 'rtp://:1',
    };
    for (const [kind, url] of Object.entries(urls)) {
      const { argv } = plan(sourceOf(kind as SourceKind, url));
      const allowed = (argv[argv.indexOf('-protocol_whitelist') + 1] ?? '').split(',');
      expect(argv.indexOf('-protocol_whitelist')).toBeLessThan(argv.indexOf('-i'));
      expect(allowed).not.toEqual(expect.arrayContaining(['file']));
      expect(allowed.some((name) => /file|concat|subfile|pipe|fd|cache/.test(name))).toBe(false);
    }
  });

  it('explains every argument: the steps are the redacted command line', () => {
    const made = plan(sourceOf('rtsp', 'rtsp://joe:hunter2@h/x'));
    expect(made.steps.flatMap((step) => step.args)).toEqual(made.redactedArgv);
    expect(made.redactedArgv).toHaveLength(made.argv.length);
    for (const step of made.steps) expect(step.why).not.toBe('');
    const tee = made.steps.at(-1);
    for (const word of ['bsfs/a', 'use_fifo', 'fifo_options', 'rw_timeout', 'ignore_io_errors', 'hls_delete_threshold', 'hls_flags'])
      expect(tee?.why).toContain(`\n  ${word}: `);
  });

  it('hides passphrases among the extra options, and header values of unknown meaning', () => {
    const srt = plan(sourceOf('srt', 'srt://h:1', { inputOptions: { passphrase: 'hunter2hunter2', streamid: '#!::u=joe', maxbw: '1' } }));
    expect(srt.redactedArgv.join(' ')).toContain('-passphrase *** -streamid *** -maxbw 1');
    expect(srt.argv).toContain('hunter2hunter2');
    const http = plan(sourceOf('http-ts', 'http://h/x.ts', { headers: { 'X-Provider': 'hunter2', Accept: '*/*' } }));
    expect(http.redactedArgv).toContain('X-Provider: ***\r\nAccept: */*\r\n');
    expect(http.argv).toContain('X-Provider: hunter2\r\nAccept: */*\r\n');
  });

  it('publishes with arguments where the RTMP URL has some, and hides them', () => {
    const made = plan(sourceOf('udp', 'udp://:1'), { endpoints: { ...endpoints, rtmpUrl: 'rtmp://h/live/?key=hunter2' } });
    expect(made.argv.at(-1)).toContain(']rtmp://h/live/news?key=hunter2|');
    expect(made.redactedArgv.at(-1)).toContain(']rtmp://h/live/news?key=***|');
    expect(made.steps.at(-1)?.why).not.toContain('hunter2');
  });
});

describe('what may be shown of a plan', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9._~!$'(){}\\:;,+-]{6,20}$/).map((text) => `S3c${text}`);
  const safeInUrl = fc.stringMatching(/^[A-Za-z0-9._~$-]{6,20}$/).map((text) => `S3c${text}`);

  it('never holds a credential, whatever its place', () => {
    fc.assert(
      fc.property(secret, safeInUrl, safeInUrl, (known, user, pass) => {
        const sources = [
          sourceOf('hls', `https://${user}:${pass}@h/x.m3u8?token=${pass}`),
          sourceOf('http-ts', `http://h:8080/live/${user}/${pass}/1.ts`),
          sourceOf('http-ts', `http://h:8080/${user}/${pass}/1`),
          sourceOf('http-ts', 'http://h/x.ts', {
            headers: { Authorization: `Bearer ${known}`, 'X-Whatever': known, Cookie: `a=${known}` },
          }),
          sourceOf('http-ts', 'http://h/x.ts', { userAgent: `agent ${known}`, referer: `http://h/?token=${pass}` }),
          sourceOf('rtsp', `rtsp://${user}:${pass}@h/x`),
          sourceOf('rtmp', `rtmp://h/live/x?key=${pass}`),
          sourceOf('srt', `srt://h:9?streamid=${user}&passphrase=${pass}`, { inputOptions: { passphrase: known } }),
        ];
        const withKey: Endpoints = { ...endpoints, rtmpUrl: `rtmp://h/live?auth=${known}` };
        for (const source of sources) {
          const made = plan(source, { secrets: [known], endpoints: withKey });
          const shown = JSON.stringify([made.redactedArgv, made.steps, made.notes]);
          for (const value of [known, JSON.stringify(known).slice(1, -1), encodeURIComponent(known), user, pass])
            expect(shown).not.toContain(value);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps public addresses readable', () => {
    const made = plan(sourceOf('hls', 'http://localhost:8088/hls/news.m3u8'));
    expect(made.redactedArgv).toEqual(made.argv);
  });
});
