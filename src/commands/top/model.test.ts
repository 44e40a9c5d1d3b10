import { describe, expect, it } from 'vitest';

import { documentOf, legOf, statusOf } from '../../../tests/fakes/command-context.ts';
import type { StreamStatus } from '../../core/status.ts';
import type { Verdict } from '../../core/verdict.ts';
import { initialTop, topStep, troubleOf, visibleStreams, type TopEffect, type TopState } from './model.ts';

const verdict = (name: Verdict['name']): Verdict => ({ name, layer: null, reason: `it is ${name}`, evidence: [], since: '' });
const streams: readonly StreamStatus[] = [
  statusOf('news', { viewers: 3, verdict: verdict('healthy') }),
  statusOf('sport', { viewers: 50, verdict: verdict('healthy'), tags: ['hd'] }),
  statusOf('film', { viewers: 0, verdict: verdict('source-dead'), group: 'Films' }),
  statusOf('kids', { order: 'stop', state: 'stopped', bitrateBps: null }),
];

function play(keys: readonly string[], shown: readonly StreamStatus[] = streams): { state: TopState; effects: readonly TopEffect[] } {
  let state = topStep(initialTop, { type: 'status', document: documentOf(shown) }).state;
  const effects: TopEffect[] = [];
  for (const key of keys) {
    const step = topStep(state, { type: 'key', key });
    state = step.state;
    if (step.effect !== undefined) effects.push(step.effect);
  }
  return { state, effects };
}

const ids = (state: TopState): readonly string[] => visibleStreams(state).map((stream) => stream.id);

describe('the order', () => {
  it('is trouble, then viewers; s goes on to the next', () => {
    expect(ids(play([]).state)).toEqual(['film', 'sport', 'news', 'kids']);
    expect(ids(play(['s']).state)).toEqual(['sport', 'news', 'film', 'kids']);
    expect(ids(play(['s', 's', 's']).state)).toEqual(['film', 'kids', 'news', 'sport']);
    expect(play(['s', 's', 's', 's']).state.sorting).toBe('trouble');
  });

  it.each<[number, Partial<StreamStatus>]>([
    [0, {}],
    [0, { order: 'stop', state: 'stopped' }],
    [1, { state: 'starting' }],
    [2, { legs: { primary: legOf('x.m3u8', { state: 'stale' }), backup: legOf('stream_x.m3u8') } }],
    [2, { verdict: verdict('degraded') }],
    [3, { state: 'failed' }],
    [3, { verdict: verdict('nginx-down') }],
    [1, { verdict: verdict('starting') }],
    [
      3,
      {
        channel: { state: 'slate', leg: null, ageSeconds: 1, mediaSequence: 1, discontinuitySequence: 0, url: '' },
        verdict: verdict('healthy'),
      },
    ],
  ])('counts trouble %i', (trouble, more) => {
    expect(troubleOf(statusOf('x', more))).toBe(trouble);
  });
});

describe('keys', () => {
  it('move the choice and stop at the ends', () => {
    expect(play(['down', 'down']).state.selected).toBe('news');
    expect(play(['up']).state.selected).toBe('film');
    expect(play(['G', 'j']).state.selected).toBe('kids');
  });

  it('keep the chosen stream when the order changes, and choose another when it is gone', () => {
    const { state } = play(['down', 's']);
    expect(state.selected).toBe('sport');
    const gone = topStep(state, { type: 'status', document: documentOf([statusOf('news')]) }).state;
    expect(gone.selected).toBe('news');
  });

  it('filter by anything that is shown, until Esc', () => {
    expect(ids(play(['/', 'h', 'd']).state)).toEqual(['sport']);
    expect(ids(play(['/', 'F', 'i', 'l', 'm', 's', 'enter']).state)).toEqual(['film']);
    expect(ids(play(['/', 'x', 'y', 'backspace', 'backspace']).state).length).toBe(4);
    expect(play(['/', 'q']).effects).toEqual([]);
    expect(ids(play(['/', 'h', 'd', 'enter', 'escape']).state).length).toBe(4);
  });

  it('restart only after a second key', () => {
    expect(play(['r']).effects).toEqual([]);
    expect(play(['r', 'y']).effects).toEqual([{ type: 'restart', id: 'film' }]);
    expect(play(['r', 'n', 'y']).effects).toEqual([]);
  });

  it('open logs, doctor and the story, and quit', () => {
    expect(play(['down', 'l', 'd', 'w', 'q']).effects).toEqual([
      { type: 'logs', id: 'sport' },
      { type: 'doctor', id: 'sport' },
      { type: 'why', id: 'sport' },
      { type: 'quit' },
    ]);
    expect(play(['ctrl-c']).effects).toEqual([{ type: 'quit' }]);
    expect(play(['r', 'l'], []).effects).toEqual([]);
  });
});
