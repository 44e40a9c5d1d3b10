import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, playing, type House } from '../../tests/fakes/house.ts';

const own = (house: House) => house.events.filter(({ kind }) => kind !== 'verdict');
const told = (house: House) => own(house).map(({ stream, kind, cause }) => `${stream ?? 'house'} ${kind} ${cause}`);

describe('the story of a stream', () => {
  it('tells orders, starts, the first segment, and a failure with its cause, evidence and next try', async () => {
    const house = await createHouse([channel('news')]);
    await house.supervisor.begin();
    await house.supervisor.order({ action: 'start', ids: ['news'] });
    await house.play(60, ...both('news'));
    house.files.put('/state/jobs/news.stderr', '[error] Server returned 403 Forbidden (access denied)\n');
    house.newest().end({ code: 1, signal: undefined });
    await house.clock.advance(10);
    expect(told(house)).toEqual(['news order start', 'news job-started ordered', 'news delivering first-segment', 'news job-failed auth']);
    const failure = own(house).at(-1);
    expect(failure?.evidence).toEqual(['Server returned 403 Forbidden (access denied)']);
    expect(failure?.action).toMatch(/^next try in [\d.]+ s$/);
    expect(failure?.data?.['ranSeconds']).toBeGreaterThan(55);
    expect(failure?.data?.['deliveredSeconds']).toBeGreaterThan(50);
    await house.play(10, ...both('news'));
    expect(told(house).slice(4)).toEqual(['news job-started retry', 'news delivering first-segment']);
  });

  it('tells a stall when it is seen and not a second time when the job is gone', async () => {
    const house = await playing('news');
    house.events.length = 0;
    await house.play(15);
    expect(told(house)).toEqual(['news job-failed stalled', 'news job-started retry']);
    expect(own(house)[0]?.action).toBe('the job is ended and started again');
  });

  it('tells an adoption as what it is', async () => {
    const house = await createHouse([channel('news')], { news: 'run' });
    house.plantJob('news');
    await house.supervisor.begin();
    expect(own(house)).toMatchObject([{ stream: 'news', kind: 'job-started', cause: 'adopted', data: { adopted: true, source: 1 } }]);
  });

  it('says so when an order changes nothing', async () => {
    const house = await playing('news');
    await house.supervisor.order({ action: 'start', ids: ['news'] });
    expect(own(house).at(-1)).toMatchObject({ kind: 'order', cause: 'start', outcome: 'it was running already' });
  });
});
