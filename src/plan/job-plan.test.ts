import { describe, expect, it } from 'vitest';
import { planOf } from '../../tests/helpers/plans.ts';
import { sourceOf } from '../../tests/helpers/streams.ts';
import type { OutputConfig, SourceConfig } from '../core/config.ts';
import type { SourceFacts } from '../core/facts.ts';

const start = '-hide_banner -nostdin -nostats -loglevel +level+info -progress pipe:3 -stats_period 1';
const reconnect =
  '-rw_timeout 10000000 -reconnect 1 -reconnect_streamed 1 -reconnect_on_network_error 1 -reconnect_on_http_error 5xx,429 -reconnect_delay_max 4';
const httpOnly = '-protocol_whitelist http,https,tcp,tls,crypto,httpproxy,data';
const packets = '-fflags +genpts+discardcorrupt -analyzeduration 3000000 -probesize 3000000';
const maps = '-map 0:V:0? -map 0:a:0? -dn -sn';
const copy = '-c:v copy -tag:v 7 -c:a copy -tag:a 10';
const fifo =
  'onfail=ignore:use_fifo=1:fifo_options=attempt_recovery=1\\\\:recover_any_error=1\\\\:recovery_wait_time=1\\\\:drop_pkts_on_overflow=1\\\\:restart_with_keyframe=1\\\\:queue_size=600';
const newSets = 'bsfs/v=h264_mp4toannexb,extract_extradata';
const flvCopied = `[f=flv:${newSets}:bsfs/a=aac_adtstoasc:${fifo}:flvflags=no_duration_filesize+aac_seq_header_detect:rw_timeout=5000000]rtmp://127.0.0.1:1935/live/news`;
const flvEncoded = `[f=flv:${fifo}:flvflags=no_duration_filesize:rw_timeout=5000000]rtmp://127.0.0.1:1935/live/news`;
const flvPictureCopied = flvEncoded.replace('f=flv:', `f=flv:${newSets}:`);
const flvSoundCopied = flvCopied.replace(`${newSets}:`, '');
const hlsFlags = 'delete_segments+append_list+temp_file+omit_endlist+program_date_time+independent_segments';
const hlsLeg = `[f=hls:onfail=ignore:ignore_io_errors=1:hls_time=2:hls_list_size=10:hls_delete_threshold=16:hls_flags=${hlsFlags}:hls_segment_filename=/tmp/hls/stream_news_%d.ts]/tmp/hls/stream_news.m3u8`;
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
    const made = planOf(source);
    expect(made.argv.join(' ')).toBe(line);
    expect(made.legs).toEqual(['primary', 'backup']);
  });

  it.each<[string, SourceFacts, Partial<OutputConfig>, string]>([
    ['H.264 and AAC', { video: { codec: 'h264', fps: 25 }, audio: { codec: 'aac', profile: 'HE-AAC' } }, {}, bothCopied],
    [
      'MP2 sound',
      { video: { codec: 'h264' }, audio: { codec: 'mp2' } },
      {},
      `${maps} -c:v copy -tag:v 7 ${aac} -f tee ${flvPictureCopied}|${hlsLeg}`,
    ],
    [
      'AC-3 sound',
      { video: { codec: 'h264' }, audio: { codec: 'ac3' } },
      {},
      `${maps} -c:v copy -tag:v 7 ${aac} -f tee ${flvPictureCopied}|${hlsLeg}`,
    ],
    [
      'MP3 sound',
      { video: { codec: 'h264' }, audio: { codec: 'mp3' } },
      {},
      `${maps} -c:v copy -tag:v 7 ${aac} -f tee ${flvPictureCopied}|${hlsLeg}`,
    ],
    ['no sound', { video: { codec: 'h264' } }, {}, `-map 0:V:0? -dn -sn -c:v copy -tag:v 7 -f tee ${flvPictureCopied}|${hlsLeg}`],
    ['radio in AAC', { audio: { codec: 'aac' } }, {}, `-map 0:a:0? -dn -sn -c:a copy -tag:a 10 -f tee ${flvSoundCopied}|${hlsLeg}`],
    ['radio in MP3', { audio: { codec: 'mp3' } }, {}, `-map 0:a:0? -dn -sn ${aac} -f tee ${flvEncoded}|${hlsLeg}`],
    [
      'HEVC, AAC stays',
      { video: { codec: 'hevc', fps: 50 }, audio: { codec: 'aac' } },
      {},
      `${maps} ${x264} -g 100 -keyint_min 100 -sc_threshold 0 -flags:v +global_header -c:a copy -tag:a 10 -f tee ${flvSoundCopied.replace('queue_size=600', 'queue_size=1000')}|${hlsLeg}`,
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
      `-map 0:V:0? -dn -sn -c:v copy -tag:v 7 -f tee ${flvPictureCopied}|${hlsLeg}`,
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
    const made = planOf(sourceOf('udp', 'udp://:1'), { source, output });
    expect(made.argv.join(' ').split('-i udp://:1 ')[1]).toBe(line);
  });
});
