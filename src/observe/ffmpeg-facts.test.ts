import { describe, expect, it } from 'vitest';
import { recordedFacts } from '../../tests/helpers/ffmpeg-fixtures.ts';
import { ffmpegQueries, parseFfmpegFacts } from './ffmpeg-facts.ts';

describe.each(['5.1', '7.1'] as const)('parseFfmpegFacts on what ffmpeg %s says', (version) => {
  const facts = recordedFacts(version);

  it('finds version, protocols for reading, and formats in both directions', () => {
    expect(facts.version).toMatch(version === '5.1' ? /^5\.1\.\d+-/ : /^7\.1\.\d+-/);
    expect([...facts.protocols]).toEqual(expect.arrayContaining(['http', 'https', 'rtmp', 'udp', 'rtp', 'srt', 'tls', 'crypto', 'file']));
    expect(facts.protocols.has('md5')).toBe(false);
    expect(facts.protocols.has('Output:')).toBe(false);
    expect([...facts.muxers]).toEqual(expect.arrayContaining(['flv', 'hls', 'tee', 'fifo', 'mpegts']));
    expect([...facts.demuxers]).toEqual(expect.arrayContaining(['flv', 'hls', 'rtsp', 'rtp', 'lavfi', 'mov', 'mp4']));
    expect(facts.demuxers.has('tee')).toBe(false);
    expect(facts.muxers.has('lavfi')).toBe(false);
  });

  it('finds encoders and filters', () => {
    expect([...facts.encoders]).toEqual(expect.arrayContaining(['libx264', 'aac']));
    expect([...facts.filters]).toEqual(expect.arrayContaining(['aresample', 'color', 'drawtext', 'sine', 'smptehdbars', 'testsrc2']));
    expect(facts.filters.has('=')).toBe(false);
  });

  it('takes drawtext away where writing text was tried and failed', () => {
    expect(recordedFacts(version, { canWriteText: false }).filters.has('drawtext')).toBe(false);
    expect(recordedFacts(version, { canWriteText: false }).filters.has('testsrc2')).toBe(true);
  });

  it('finds options by protocol, demuxer and muxer', () => {
    expect(facts.options.get('http')?.has('reconnect_on_http_error')).toBe(true);
    expect(facts.options.get('http')?.has('reconnect_max_retries')).toBe(version === '7.1');
    expect(facts.options.get('hls')?.has('m3u8_hold_counters')).toBe(true);
    expect(facts.options.get('hls')?.has('seg_max_retry')).toBe(version === '7.1');
    expect(facts.options.get('hls')?.has('hls_time')).toBe(false);
    expect(facts.options.get('muxer:hls')?.has('hls_time')).toBe(true);
    expect(facts.options.get('rtsp')?.has('timeout')).toBe(true);
    expect(facts.options.get('rtsp')?.has('stimeout')).toBe(false);
    expect(facts.options.get('srt')?.has('latency')).toBe(true);
    expect(facts.options.get('udp')?.has('fifo_size')).toBe(true);
    expect(facts.options.get('rtp')?.has('reorder_queue_size')).toBe(true);
    expect(facts.options.get('ffmpeg')?.has('stats_period')).toBe(true);
  });

  it('takes the values of an option for no option', () => {
    expect(facts.options.get('rtsp')?.has('tcp')).toBe(false);
    expect(facts.options.get('http')?.has('basic')).toBe(false);
  });
});

describe('parseFfmpegFacts without answers', () => {
  it('leaves everything open instead of denying it', () => {
    const facts = parseFfmpegFacts('/opt/ffmpeg', {});
    expect(facts).toMatchObject({ path: '/opt/ffmpeg', version: 'unknown' });
    expect([facts.protocols.size, facts.muxers.size, facts.encoders.size, facts.options.size]).toEqual([0, 0, 0, 0]);
  });
});

it('asks with few runs, each under its own name', () => {
  expect(ffmpegQueries.length).toBeLessThanOrEqual(7);
  expect(new Set(ffmpegQueries.map(({ name }) => name)).size).toBe(ffmpegQueries.length);
});
