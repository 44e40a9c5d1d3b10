import { describe, expect, it } from 'vitest';

import { both, channel, createHouse, playing, stream, type House } from '../../tests/fakes/house.ts';
import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

const playlist = (): { status: number; headers: {}; body: string } => ({ status: 200, headers: {}, body: '#EXTM3U\n' });
const stat = (...names: readonly string[]): { status: number; headers: {}; body: string } => ({
  status: 200,
  headers: {},
  body: `<rtmp><nginx_version>1</nginx_version><server><application><name>live</name><live>${names
    .map((name) => `<stream><name>${name}</name><bytes_in>1</bytes_in><publishing/></stream>`)
    .join('')}</live></application></server></rtmp>`,
});

const verdict = (house: House, id = 'news') => stream(house, id).verdict;
const told = (house: House): readonly string[] =>
  house.events.filter(({ kind }) => kind === 'verdict').map(({ stream: id, cause }) => `${id ?? 'house'} ${cause}`);

async function serving(...ids: readonly string[]): Promise<House> {
  const house = await playing(...ids);
  house.answer = (url) => (url.endsWith('/stat') ? stat(...ids) : playlist());
  await house.play(12, ...ids.flatMap(both));
  house.events.length = 0;
  return house;
}

describe('verdicts in a house', () => {
  it('is starting, then healthy, and stopped when that was ordered', async () => {
    const house = await createHouse([channel('news')]);
    await house.supervisor.begin();
    await house.clock.advance(1000);
    expect(verdict(house)?.name).toBe('stopped');
    await house.supervisor.order({ action: 'start', ids: ['news'] });
    await house.clock.advance(1000);
    expect(verdict(house)?.name).toBe('starting');
    await house.play(4, ...both('news'));
    expect(verdict(house)).toMatchObject({ name: 'healthy', layer: null });
    expect(told(house)).toEqual(['news starting', 'news healthy']);
  });

  it('names a silent source within three segment times, by its output, and its recovery', async () => {
    const house = await serving('news');
    await house.play(8);
    expect(verdict(house)).toMatchObject({ name: 'source-silent', layer: 'source' });
    await house.play(15, ...both('news'));
    expect(verdict(house)?.name).toBe('healthy');
    expect(told(house)).toEqual(['news source-silent', 'news healthy']);
    // It had held for five seconds before it counted: who sums up times takes them off.
    expect(house.events.findLast(({ kind }) => kind === 'verdict')?.data?.['heldSeconds']).toBeGreaterThanOrEqual(5);
    expect(house.events.findLast(({ kind }) => kind === 'verdict')?.message).toMatch(/^healthy again after \d+ s of source-silent$/);
  });

  it('tells a job that hangs from a source that is silent', async () => {
    const house = await serving('news');
    house.processes.vitals = () => ({ states: 'T', cpuMs: 50, unreadBytes: 4000 });
    await house.play(8);
    expect(verdict(house)).toMatchObject({ name: 'job-hung', layer: 'job' });
    expect(verdict(house)?.reason).toMatch(/stopped/);
    expect(house.events.find(({ kind }) => kind === 'job-failed')?.cause).toBe('job-hung');
  });

  it('makes one alarm and one recovery of a dead nginx, however many streams it takes down', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const house = await serving(...ids);
    house.originSince = undefined;
    await house.play(10, ...ids.map((id) => [id, 'backup'] as const));
    for (const id of ids) expect(verdict(house, id)).toMatchObject({ name: 'nginx-down', layer: 'http' });
    house.originSince = house.clock.monotonic();
    await house.play(15, ...ids.flatMap(both));
    for (const id of ids) expect(verdict(house, id)?.name).toBe('healthy');
    expect(told(house)).toEqual(['house nginx-down', 'house healthy']);
    const [alarm, end] = house.events.filter(({ kind }) => kind === 'verdict');
    expect(alarm).toMatchObject({ message: expect.stringContaining('(5 streams)') as string, data: { streams: 5 } });
    expect(end?.message).toMatch(/^nginx-down is over after \d+ s$/);
  });

  it('does not keep an alarm of the house open for a stream that left the list', async () => {
    const house = await serving('news');
    house.originSince = undefined;
    await house.play(6, ['news', 'backup']);
    await house.supervisor.order({ action: 'stop', ids: ['news'] });
    await house.clock.advance(3000);
    house.supervisor.configure(house.config([]));
    await house.clock.advance(3000);
    expect(told(house)).toEqual(['house nginx-down', 'house healthy']);
  });

  it('names the full disk, not the source, when the legs stop', async () => {
    const house = await serving('news');
    house.files.diskSpace = async () => ({ freeBytes: 4096, totalBytes: 1e9, freeInodes: 5, totalInodes: 1e6 });
    await house.play(9);
    expect(verdict(house)).toMatchObject({ name: 'volume-full', layer: 'volume' });
    expect(told(house)).toEqual(['house volume-full']);
  });

  it('stays with the full disk while what is freed is filled again, and does not blame the source in between', async () => {
    const house = await serving('news');
    const space = (freeBytes: number) => async () => ({ freeBytes, totalBytes: 1e9, freeInodes: 500_000, totalInodes: 1e6 });
    house.files.diskSpace = space(4096);
    await house.play(9);
    for (let again = 0; again < 3; again += 1) {
      house.files.diskSpace = space(4e6);
      await house.play(3);
      house.files.diskSpace = space(4096);
      await house.play(3);
      expect(verdict(house)?.name).toBe('volume-full');
    }
    expect(told(house)).toEqual(['house volume-full']);
    house.files.diskSpace = space(9e8);
    await house.play(25, ...both('news'));
    expect(verdict(house)?.name).toBe('healthy');
  });

  it('names a folder that takes no files', async () => {
    const house = await serving('news');
    const write = house.files.writeAtomic.bind(house.files);
    house.files.writeAtomic = async (path, ...rest) => {
      if (path.startsWith('/tmp/hls/')) throw new AppError({ exitCode: ExitCode.permission, code: 'read-only', message: 'read-only' });
      return write(path, ...rest);
    };
    await house.play(9);
    expect(verdict(house)).toMatchObject({ name: 'volume-denied', layer: 'volume' });
  });

  it('says that nginx has no publisher when the primary leg stops', async () => {
    const house = await serving('news');
    house.answer = (url) => (url.endsWith('/stat') ? stat() : playlist());
    await house.play(20, ['news', 'backup']);
    expect(verdict(house)).toMatchObject({ name: 'rtmp-refused', layer: 'rtmp' });
  });

  it('sees what a viewer sees, one channel a second, and believes the second time', async () => {
    const ids = ['a', 'b', 'c'];
    const house = await serving(...ids);
    const asked: string[] = [];
    house.answer = (url) => {
      if (url.endsWith('/stat')) return stat(...ids);
      asked.push(url);
      return url.includes('/live/b/') ? { status: 404, headers: {}, body: '' } : playlist();
    };
    await house.play(6, ...ids.flatMap(both));
    expect(verdict(house, 'b')).toMatchObject({
      name: 'http-broken',
      layer: 'http',
      evidence: [expect.stringMatching(/b\/index\.m3u8: status 404$/)],
    });
    expect(verdict(house, 'a')?.name).toBe('healthy');
    expect(verdict(house, 'c')?.name).toBe('healthy');
    expect(asked.length).toBeLessThanOrEqual(6 * 2);
  });

  it('takes in what the picture shows', async () => {
    const house = await serving('news');
    house.content.set('news', ['the picture is black for 40 s']);
    await house.play(8, ...both('news'));
    expect(verdict(house)).toMatchObject({ name: 'degraded', reason: 'the picture is black for 40 s' });
    house.content.delete('news');
    await house.play(8, ...both('news'));
    expect(verdict(house)?.name).toBe('healthy');
    expect(told(house)).toEqual(['news degraded', 'news healthy']);
  });
});
