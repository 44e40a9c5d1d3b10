import { describe, expect, it } from 'vitest';

import { ffmpeg5, planOf } from '../../../tests/helpers/plans.ts';
import { sourceOf, streamOf } from '../../../tests/helpers/streams.ts';
import type { OutputConfig } from '../../core/config.ts';
import type { SourceFacts } from '../../core/facts.ts';
import type { JobPlan } from '../../core/job-plan.ts';
import { ladders } from '../../config/ladders.ts';
import { chooseEncoder, trialArgv } from './encoders.ts';

const source = sourceOf('http-ts', 'http://tv.example/a.ts');
const german = { codec: 'ac3', language: 'deu' };
const sd: SourceFacts = {
  video: { codec: 'h264', width: 720, height: 576, fps: 25, aspect: 1.7778, isInterlaced: true },
  audio: { codec: 'aac', language: 'eng' },
  audioTracks: [{ codec: 'aac', language: 'eng' }, german],
};
const ladderWith = (output: Partial<OutputConfig>, trials?: ReadonlyMap<string, string>): JobPlan =>
  planOf(source, {
    stream: { ...streamOf(source, output), renditions: ladders.mobile },
    source: sd,
    ffmpeg: { ...ffmpeg5, ...(trials === undefined ? {} : { trials }) },
  });
const plain = (output: Partial<OutputConfig>): JobPlan => planOf(source, { output, source: sd });
const after = ({ argv }: JobPlan, word: string): string | undefined => argv[argv.indexOf(word) + 1];

describe('the encoder of a ladder', () => {
  it('is x264 unless something else is asked for', () => {
    expect(chooseEncoder(undefined, { trials: new Map([['nvenc', '']]) })).toEqual({ name: 'x264', notes: [] });
  });

  it('is the first one that was tried and works, or x264 with the reason of each', () => {
    const trials = new Map([
      ['nvenc', 'Cannot load libcuda.so.1'],
      ['vaapi', ''],
    ]);
    expect(chooseEncoder('auto', { trials }).name).toBe('vaapi');
    const none = ladderWith({ encoder: 'auto' }, new Map([['nvenc', 'Cannot load libcuda.so.1']]));
    expect(after(none, '-c:v:0')).toBe('libx264');
    expect(none.notes[0]).toContain(
      'no hardware encoder works here (nvenc: Cannot load libcuda.so.1; qsv: this ffmpeg was built without it;',
    );
  });

  it('falls back from the one that was named, and says why', () => {
    expect(ladderWith({ encoder: 'qsv' }, new Map([['qsv', 'Error creating a MFX session: -9.']])).notes[0]).toBe(
      'encoder qsv does not work here (Error creating a MFX session: -9.): x264 is used, which costs CPU',
    );
  });

  it('is given the words it was tried with', () => {
    const plan = ladderWith({ encoder: 'vaapi' }, new Map([['vaapi', '']]));
    expect(after(plan, '-vaapi_device')).toBe('/dev/dri/renderD128');
    expect(plan.argv.indexOf('-vaapi_device')).toBeLessThan(plan.argv.indexOf('-i'));
    expect(after(plan, '-filter_complex')).toContain('format=nv12,hwupload[v0]');
    expect([after(plan, '-c:v:1'), after(plan, '-rc_mode:v:1')]).toEqual(['h264_vaapi', 'VBR']);
    expect(trialArgv('vaapi').join(' ')).toContain('-vf format=nv12,hwupload -c:v h264_vaapi');
  });
});

describe('deinterlacing, loudness and the choice of a sound', () => {
  it('deinterlaces ladders where frames are marked, and other streams when asked', () => {
    expect(after(ladderWith({}), '-filter_complex')).toMatch(/^\[0:V:0\](?:bw|ya)dif=mode=send_frame:parity=auto:deint=interlaced,fps=25,/);
    expect(after(ladderWith({ deinterlace: 'off' }), '-filter_complex')).not.toContain('deint=');
    expect(plain({ video: 'transcode' }).argv.join(' ')).not.toContain('deint=');
    expect(after(plain({ video: 'transcode', deinterlace: 'on' }), '-filter:v')).toContain('deint=all');
    expect(plain({ deinterlace: 'on' }).argv.join(' ')).not.toContain('deint=');
  });

  it('makes the loudness even, and encodes the sound for that', () => {
    const plan = plain({ loudnessLufs: -23 });
    expect(after(plan, '-af')).toBe('aresample=async=1,loudnorm=I=-23:TP=-1.5:LRA=11');
    expect(plan.audio).toBe('transcode');
    expect(after(ladderWith({ loudnessLufs: -16 }), '-filter:a:0')).toContain('loudnorm=I=-16');
  });

  it('takes the sound in a language or by its number, with what that one needs', () => {
    for (const audioTrack of ['deu', 2]) {
      const plan = plain({ audioTrack });
      expect(plan.argv).toContain('0:a:1?');
      expect(plan.audio).toBe('transcode');
    }
    expect(ladderWith({ audioTrack: 'deu' }).argv).toContain('0:a:1?');
    expect(planOf(source, { output: { audioTrack: 'deu' } }).argv).toContain('0:a:0?');
    const missing = plain({ audioTrack: 'fra' });
    expect(missing.argv).toContain('0:a:0?');
    expect(missing.notes[0]).toBe('the source has no sound in fra (1: eng, 2: deu): the first one is taken');
  });
});
