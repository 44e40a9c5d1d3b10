import { describe, expect, it } from 'vitest';

import { planOf } from '../../../tests/helpers/plans.ts';
import { sourceOf, streamOf } from '../../../tests/helpers/streams.ts';
import { ladders, pictureAsItIs } from '../../config/ladders.ts';
import type { WantedSounds } from '../../core/audio-tracks.ts';
import type { AudioFacts, SourceFacts } from '../../core/facts.ts';
import type { JobPlan } from '../../core/job-plan.ts';
import type { RenditionConfig } from '../../core/ladder.ts';
import type { OutputConfig } from '../../core/config.ts';

const source = sourceOf('http-ts', 'http://tv.example/a.ts');
const sound = (language: string | undefined, more: Partial<AudioFacts> = {}): AudioFacts => ({
  codec: 'aac',
  sampleRate: 48_000,
  channels: 2,
  ...(language === undefined ? {} : { language }),
  ...more,
});

function planWith(
  audioTracks: WantedSounds,
  sounds: readonly AudioFacts[] | undefined,
  more: {
    readonly output?: Partial<OutputConfig>;
    readonly renditions?: readonly RenditionConfig[];
    readonly video?: SourceFacts['video'];
  } = {},
): JobPlan {
  const video = 'video' in more ? more.video : { codec: 'h264', width: 1280, height: 720, fps: 25 };
  const [audio] = sounds ?? [];
  const facts: SourceFacts = {
    ...(video === undefined ? {} : { video }),
    ...(audio === undefined ? {} : { audio }),
    ...((sounds?.length ?? 0) > 1 ? { audioTracks: sounds ?? [] } : {}),
  };
  const stream = { ...streamOf(source, { audioTracks, ...more.output }), renditions: more.renditions ?? pictureAsItIs };
  return planOf(source, { stream, source: sounds === undefined ? undefined : facts });
}

const wanted = (...tracks: readonly (string | number)[]): WantedSounds => tracks.map((track) => ({ track }));
const rungs = ({ rungs: made = [] }: JobPlan): readonly string[] =>
  made.map(({ name, isAlternative }) => `${name}${isAlternative === true ? '+' : ''}`);
const offered = ({ sounds = [] }: JobPlan): readonly string[] =>
  sounds.map(({ name, language, track, isMain }) => `${name} ${language} ${track}${isMain ? ' main' : ''}`);
const mapped = ({ argv }: JobPlan): readonly string[] => argv.filter((_, index) => argv[index - 1] === '-map');

describe('several sounds', () => {
  it('are the first in the pictures and a rung for each other, paced by the emptied key frames of a picture', () => {
    const plan = planWith(wanted('deu', 'eng'), [sound('eng'), sound('deu')]);
    expect(rungs(plan)).toEqual(['source', 'eng+']);
    expect(offered(plan)).toEqual(['deu de 2 main', 'eng en 1']);
    expect(mapped(plan)).toEqual(['0:V:0', '0:a:1?', '0:a:0?']);
    const tee = plan.argv.at(-1) ?? '';
    const slaves = tee.split('|').filter((slave) => slave.includes('news_eng'));
    expect(slaves).toHaveLength(2);
    for (const slave of slaves) {
      // Sources with lengths instead of start codes (Matroska, MP4) are made Annex B in both legs first.
      expect(slave).toMatch(/bsfs\/v=h264_mp4toannexb,(?:extract_extradata,)?dump_extra=freq=keyframe,filter_units=pass_types=7-8/);
      expect(slave).toMatch(/select=v\\+:0,a\\+:1\]/);
    }
    // Whole in the rung that has the picture.
    expect(tee.split('|').filter((slave) => slave.includes('filter_units'))).toEqual(slaves);
    expect(plan.argv[plan.argv.indexOf('-max_interleave_delta') + 1]).toBe('2000000');
    expect(plan.notes).toContain('viewers choose between 2 sounds: Deutsch (track 2, in the pictures); English (track 1, copied)');
  });

  it('go with a ladder, paced by its smallest picture, and leave rungs with a sound of their own as they are', () => {
    const plan = planWith('all', [sound('deu'), sound('eng', { codec: 'ac3', channels: 6 })], { renditions: ladders.mobile });
    expect(rungs(plan)).toEqual(['480p', '360p', 'audio', 'audio2+']);
    expect(mapped(plan)).toEqual(['[v0]', '[v1]', '0:a:0?', '0:a:0?', '0:a:1?']);
    expect(plan.argv.at(-1)).toMatch(/select=v\\+:1,a\\+:2\]/);
    expect(plan.sounds?.map(({ channels }) => channels)).toEqual([2, 2]);
    expect(plan.notes.join('\n')).toContain('English (track 2, encoded: nginx-rtmp carries AAC only, the source is ac3)');
  });

  it('that are not there are noted, and the others go on', () => {
    const plan = planWith(wanted('fra', 'eng', 9, 'deu'), [sound('ger'), sound('eng')]);
    expect(offered(plan)).toEqual(['eng en 2 main', 'deu de 1']);
    expect(plan.notes.slice(0, 2)).toEqual([
      'the source has no sound in fra (1: ger, 2: eng): it is not offered',
      'the source has no sound number 9 (1: ger, 2: eng): it is not offered',
    ]);
    const none = planWith(wanted('fra', 'ita'), [sound('deu')]);
    expect(rungs(none)).toEqual(['source']);
    expect(none.sounds).toBeUndefined();
    expect(none.notes).toContain('none of the sounds asked for is there: the first one is taken');
    expect(none.argv).not.toContain('-max_interleave_delta');
  });

  it('may have one language twice, or none, and are offered once where two wishes are one sound', () => {
    expect(offered(planWith('all', [sound('deu'), sound('deu'), sound(undefined)]))).toEqual([
      'audio1 de 1 main',
      'audio2 de 2',
      'audio3 undefined 3',
    ]);
    const twice = planWith(wanted('deu', 1, 2), [sound('deu'), sound('eng')]);
    expect(offered(twice)).toEqual(['deu de 1 main', 'audio2 en 2']);
    expect(twice.notes[0]).toBe('deu and audio1 are the same sound of the source: it is offered once');
    const named = planWith([{ track: 1 }, { track: 2, name: 'Kommentar', language: 'deu' }], [sound('deu'), sound(undefined)]);
    expect(named.sounds?.[1]).toMatchObject({ label: 'Kommentar', language: 'de' });
  });

  it('are eight at most, and none that the source announces and does not send', () => {
    const many = planWith(
      'all',
      Array.from({ length: 10 }, () => sound('deu')),
    );
    expect(many.sounds).toHaveLength(8);
    expect(many.notes[0]).toBe('the source has 10 sounds: the first 8 are offered');
    const dead = planWith('all', [sound('deu'), { codec: 'aac', language: 'eng' }, sound('fra')]);
    expect(offered(dead)).toEqual(['audio1 de 1 main', 'audio3 fr 3']);
    expect(dead.notes[0]).toBe('1 of the 3 sounds of the source carry nothing');
    expect(offered(planWith(wanted('eng', 'deu', 'fra'), [sound('deu'), { codec: 'aac', language: 'eng' }, sound('fra')]))).toEqual([
      'deu de 1 main',
      'fra fr 3',
    ]);
  });

  it('are looked for when the source was seen, and need no picture', () => {
    const unseen = planWith(wanted('eng', 'deu'), undefined);
    expect([rungs(unseen), unseen.sounds, unseen.notes.join()]).toEqual([['source'], undefined, expect.not.stringContaining('no sound')]);
    const radio = planWith('all', [sound('deu'), sound('eng')], { video: undefined });
    expect(rungs(radio)).toEqual(['source', 'audio2+']);
    expect(radio.argv.join(' ')).not.toContain('filter_units');
  });

  it('are made louder or quieter together, and encoded where nginx could not carry a copy', () => {
    const loud = planWith('all', [sound('deu'), sound('eng')], { output: { loudnessLufs: -23 } });
    expect(loud.argv.filter((word) => word.includes('loudnorm'))).toHaveLength(2);
    const copy = planWith('all', [sound('deu'), sound('eng', { codec: 'mp2' })], { output: { audio: 'copy' } });
    expect([copy.legs, copy.argv[copy.argv.indexOf('-c:a:1') + 1]]).toEqual([['primary', 'backup'], 'aac']);
  });
});
