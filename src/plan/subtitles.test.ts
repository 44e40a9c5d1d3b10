import { describe, expect, it } from 'vitest';

import { ffmpeg5, planOf } from '../../tests/helpers/plans.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import type { OutputConfig } from '../core/config.ts';
import type { SourceFacts, SubtitleFacts } from '../core/facts.ts';
import type { JobPlan } from '../core/job-plan.ts';

const source = sourceOf('http-ts', 'http://tv.example/a.ts');
const tracks: readonly SubtitleFacts[] = [
  { codec: 'dvb_subtitle', language: 'deu' },
  { codec: 'dvb_teletext', language: 'deu' },
  { codec: 'subrip', language: 'eng' },
  { codec: 'none' },
];
const facts: SourceFacts = { video: { codec: 'h264' }, audio: { codec: 'aac' }, subtitleTracks: tracks };

function plan(subtitles: OutputConfig['subtitles'], known: SourceFacts | null = facts, options = ffmpeg5.options): JobPlan {
  const stream = {
    ...streamOf(source, subtitles === undefined ? {} : { subtitles }),
    renditions: [{ name: 'source', video: 'copy' as const }],
  };
  return planOf(source, { stream, source: known ?? undefined, ffmpeg: { ...ffmpeg5, options } });
}

const withTeletext = new Map([...ffmpeg5.options, ['teletext', new Set(['txt_format'])] as const]);

describe('subtitles', () => {
  it('are dropped unless asked for, and before the source was ever seen', () => {
    for (const dropped of [plan(undefined), plan('text', null)]) {
      expect(dropped.subtitles).toBeUndefined();
      expect(dropped.argv.join(' ')).not.toMatch(/webvtt|output_ts_offset|txt_/);
    }
  });

  it('that are text become an output each, whose times are those of the pictures', () => {
    const { argv, subtitles, notes } = plan('text', facts, withTeletext);
    expect(subtitles?.map(({ name, index, language, descriptor }) => [name, index, language, descriptor])).toEqual([
      ['sub1', 1, 'deu', 4],
      ['sub2', 2, 'eng', 5],
    ]);
    const words = argv.join(' ');
    expect(words).toContain(
      '-map 0:s:1 -c:s webvtt -output_ts_offset 10 -f tee [f=webvtt:onfail=ignore:flush_packets=1]pipe:4|[f=null]- -map 0:s:2',
    );
    expect(words.match(/-output_ts_offset 10/g)).toHaveLength(3);
    const teletext = argv.indexOf('-txt_format:s:1');
    expect([argv[teletext + 1], teletext < argv.indexOf('-i')]).toEqual(['text', true]);
    expect(notes).toEqual(
      expect.arrayContaining([
        'subtitle track 1 (deu) cannot become WebVTT: dvb_subtitle is pictures of text, and nothing here reads letters from pictures',
        'subtitle track 4 cannot become WebVTT: ffmpeg makes no text of none',
      ]),
    );
  });

  it('are chosen by number or language, and what is not there is a note', () => {
    const { subtitles, notes } = plan(['eng', 2, 'fra']);
    expect(subtitles?.map(({ index }) => index)).toEqual([2]);
    expect(notes).toContain('subtitle track 2 (deu) cannot become WebVTT: this ffmpeg was built without libzvbi, which reads teletext');
    expect(notes).toContain('the source has no subtitles in fra (1: deu, 2: deu, 3: eng, 4: no language)');
    const { subtitleTracks: _, ...none } = facts;
    expect(plan('text', none).notes).toContain('the source has no subtitles');
  });
});
