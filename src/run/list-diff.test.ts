import { describe, expect, it } from 'vitest';

import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import { appliedDefinition, changedKeys } from './definition.ts';
import { decideChange, type ChangeInput } from './list-diff.ts';

const news = streamOf(sourceOf('test', 'test:'));
const secret = streamOf(sourceOf('http-ts', 'http://me:hunter22@tv/1.ts'));
const running: ChangeInput = {
  id: 'news',
  next: news,
  applied: appliedDefinition(news),
  order: 'run',
  commandDiffers: false,
  hasJob: true,
};

describe('what changed', () => {
  it('is named by the keys of streams.yaml, and keeps no value', () => {
    const after = { ...secret, output: { ...secret.output, segmentSeconds: 6 }, tags: ['hd'] };
    expect(changedKeys(appliedDefinition(secret), appliedDefinition(after))).toEqual(['output.segment', 'tags[0]']);
    expect(changedKeys(appliedDefinition(secret), appliedDefinition(news))).toContain('sources[0].url');
    expect(JSON.stringify(appliedDefinition(secret))).not.toContain('hunter22');
  });

  it('is nothing for the same definition, whatever the order of its keys', () => {
    const { id, name, ...rest } = news;
    expect(changedKeys(appliedDefinition(news), appliedDefinition({ ...rest, name, id }))).toEqual([]);
  });
});

describe('a change', () => {
  const after = { ...news, output: { ...news.output, segmentSeconds: 6 } };
  it.each<[string, Partial<ChangeInput>, string, string]>([
    ['nothing', {}, 'none', 'unchanged'],
    ['another command', { next: after, commandDiffers: true }, 'restart', 'changed'],
    ['a name', { next: { ...news, name: 'X' } }, 'none', 'changed, without need of a restart'],
    ['one that waits for its next try', { next: after, hasJob: false }, 'restart', 'changed, and is not playing'],
    ['removed', { next: undefined }, 'stop', 'no longer in the list'],
    ['removed and stopped', { next: undefined, order: 'stop', hasJob: false }, 'none', 'no longer in the list, does not run'],
    ['disabled', { next: { ...news, enabled: false } }, 'stop', 'now disabled'],
    ['new', { applied: undefined, order: undefined, hasJob: false }, 'start', 'new in the list'],
    [
      'new, disabled',
      { next: { ...news, enabled: false }, applied: undefined, order: undefined, hasJob: false },
      'none',
      'new in the list, disabled',
    ],
    ['enabled', { applied: { ...appliedDefinition(news), enabled: false }, order: undefined, hasJob: false }, 'start', 'now enabled'],
    ['stopped by hand', { order: 'stop', hasJob: false }, 'none', 'stopped by hand'],
    ['never started', { order: undefined, hasJob: false }, 'none', 'never started'],
    [
      'one that runs although it is disabled',
      { next: { ...news, enabled: false }, applied: { ...appliedDefinition(news), enabled: false } },
      'none',
      'unchanged',
    ],
  ])('%s', (_what, more, action, reason) => {
    expect(decideChange({ ...running, ...more })).toMatchObject({ action, reason });
  });
});
