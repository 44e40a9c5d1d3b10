import { describe, expect, it } from 'vitest';
import { recordedFacts } from '../../tests/helpers/ffmpeg-fixtures.ts';
import { endpoints, ffmpeg5, planOf } from '../../tests/helpers/plans.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import type { SourceConfig, SourceKind } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { JobPlan } from '../core/job-plan.ts';
import { planJob } from './job-plan.ts';

const ffmpeg7 = recordedFacts('7.1');

describe('planJob: rules', () => {
  it('plans the same for an unknown source as for H.264 with AAC, so that learning it restarts nothing', () => {
    const source = sourceOf('http-ts', 'http://h/x.ts');
    const known: SourceFacts = {
      video: { codec: 'h264', width: 1280, height: 720, fps: 25 },
      audio: { codec: 'aac', sampleRate: 48_000, channels: 2 },
    };
    expect(planOf(source, { source: known }).argv).toEqual(planOf(source).argv);
    expect(planOf(source)).toMatchObject({ video: 'copy', audio: 'copy', notes: [] });
  });

  it('says what it leaves out and what it encodes', () => {
    const made = planOf(sourceOf('hls', 'http://h/x.m3u8'), { source: { video: { codec: 'hevc' }, audio: { codec: 'ac3' } } });
    expect(made.notes).toEqual([
      'video is encoded anew (nginx-rtmp carries H.264 only, the source is hevc): this costs far more CPU than copying',
      'audio is encoded anew (nginx-rtmp carries AAC only, the source is ac3)',
      'ffmpeg 5.1.9-0+deb12u1 has no -seg_max_retry for hls: left out (tries for a segment that cannot be loaded)',
    ]);
    expect(made).toMatchObject({ video: 'transcode', audio: 'transcode' });
  });

  it('leaves the primary leg out, and says so, for a copied codec that it cannot carry', () => {
    const made = planOf(sourceOf('udp', 'udp://:1'), {
      source: { video: { codec: 'hevc' }, audio: { codec: 'aac' } },
      output: { video: 'copy' },
    });
    expect(made.legs).toEqual(['backup']);
    expect(made.notes[0]).toMatch(/nginx-rtmp cannot carry hevc.*only the backup leg/);
  });

  it('uses newer options where the binary has them', () => {
    const made = planOf(sourceOf('hls', 'http://h/x.m3u8'), { ffmpeg: ffmpeg7 });
    expect(made.argv.join(' ')).toContain('-seg_max_retry 2');
    expect(made.notes).toEqual([]);
  });

  it('leaves out what a binary does not have', () => {
    const options = new Map(
      [...ffmpeg5.options].map(
        ([scope, names]) => [scope, new Set([...names].filter((name) => !/^reconnect_on|^stats_period/.test(name)))] as const,
      ),
    );
    const made = planOf(sourceOf('http-ts', 'http://h/x.ts'), { ffmpeg: { ...ffmpeg5, options } });
    expect(made.argv.join(' ')).not.toMatch(/reconnect_on|stats_period/);
    expect(made.argv).toContain('-reconnect_streamed');
    expect(made.notes).toHaveLength(3);
  });

  it('starts the numbering only when told to', () => {
    const at = (startNumber: number | undefined): string => planOf(sourceOf('udp', 'udp://:1'), { startNumber }).argv.at(-1) ?? '';
    expect(at(881_908_200)).toContain(':start_number=881908200:');
    expect(at(undefined)).not.toContain('start_number');
  });

  it('follows segment length and window', () => {
    const made = planOf(sourceOf('test', 'test:?fps=50'), { output: { segmentSeconds: 4, windowSegments: 6 } });
    expect(made.argv.join(' ')).toContain('-g 200 -keyint_min 200');
    expect(made.argv.at(-1)).toContain('hls_time=4:hls_list_size=6:hls_delete_threshold=12');
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
    const made = planOf(sourceOf('hls', 'http://h/x.m3u8', { inputOptions: { probesize: '9', extension_picky: '0', fflags: '+igndts' } }));
    const text = made.argv.join(' ');
    expect(text).toContain('-probesize 9 -extension_picky 0 -fflags +igndts -i http://h/x.m3u8');
    expect(text).not.toContain('-probesize 3000000');
    expect(text).not.toContain('genpts');
  });

  it('says when a source has no place for headers', () => {
    const made = planOf(sourceOf('udp', 'udp://:1', { headers: { A: 'b' }, userAgent: 'x', referer: 'y' }));
    expect(made.notes).toEqual(['headers, referer, user agent: not used, a udp source has no place for it']);
    expect(made.argv.join(' ')).not.toContain('-headers');
  });

  it('makes a test picture without text where there is no font', () => {
    const made = planOf(sourceOf('test', 'test:'), { ffmpeg: recordedFacts('5.1', { canWriteText: false }) });
    expect(made.argv[made.argv.indexOf('-i') + 1]).toBe(
      'testsrc2=size=640x360:rate=25[out0];sine=frequency=440:beep_factor=4:sample_rate=44100[out1]',
    );
    expect(made.notes[0]).toContain('without a clock');
  });

  it('makes a silent test picture when sound is not wanted', () => {
    const made = planOf(sourceOf('test', 'test:'), { output: { audio: 'none' } });
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
    const attempt = (): JobPlan => planOf(source, { ffmpeg: { ...ffmpeg5, ...lack } });
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
    const made = planOf(sourceOf('hls', 'http://h/x.m3u8'), { ffmpeg: unknown });
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
      const { argv } = planOf(sourceOf(kind as SourceKind, url));
      const allowed = (argv[argv.indexOf('-protocol_whitelist') + 1] ?? '').split(',');
      expect(argv.indexOf('-protocol_whitelist')).toBeLessThan(argv.indexOf('-i'));
      expect(allowed).not.toEqual(expect.arrayContaining(['file']));
      expect(allowed.some((name) => /file|concat|subfile|pipe|fd|cache/.test(name))).toBe(false);
    }
  });
});
