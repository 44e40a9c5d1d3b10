import { describe, expect, it } from 'vitest';

import { judgeStream, type FailureWitness, type Witnesses } from './verdict.ts';

const now = 1_000_000;

const well: Witnesses = {
  now,
  order: 'run',
  phase: 'running',
  failures: 0,
  failure: undefined,
  stallBoundMs: 6000,
  jobSince: now - 600_000,
  written: ['primary', 'backup'],
  changedAt: { primary: now - 1500, backup: now - 800 },
  origin: { answersSince: now - 900_000, isDown: false, reason: '', evidence: [] },
  volume: undefined,
  rtmp: { publishing: true, bytesInGrow: true },
  http: undefined,
  channel: { state: 'live', ageSeconds: 1 },
  speed: 1,
  droppedShare: 0,
  content: [],
  lines: [],
};

const failure = (cause: string, more: Partial<FailureWitness> = {}): FailureWitness => ({
  cause,
  message: `it is ${cause}`,
  evidence: ['a line'],
  isTelling: true,
  hadDelivered: true,
  at: now - 20_000,
  ...more,
});
const down = (cause: string, more: Partial<FailureWitness> = {}): Partial<Witnesses> => ({
  phase: 'backing-off',
  failures: 2,
  failure: failure(cause, more),
});
const nginx = { answersSince: undefined, isDown: true, reason: 'nginx is not running', evidence: ['no answer'] };
const full = { name: 'volume-full', reason: 'the disk is full', evidence: [] } as const;
const stale = now - 9000;

describe('a stream that starts on demand', () => {
  const idle: Witnesses = { ...well, phase: 'stopped', isIdle: true, jobSince: now, changedAt: { primary: undefined, backup: undefined } };

  it('is idle while nobody watches, also while its last job is being ended', () => {
    expect(judgeStream(idle)).toMatchObject({ name: 'idle', layer: null });
    expect(judgeStream({ ...idle, phase: 'stopping' }).name).toBe('idle');
    expect(judgeStream({ ...idle, order: 'stop', isIdle: false }).name).toBe('stopped');
  });

  it('is not idle when nobody could start it', () => {
    const origin = { answersSince: undefined, isDown: true, reason: 'nginx is dead', evidence: [] };
    expect(judgeStream({ ...idle, origin }).name).toBe('nginx-down');
    const volume = { name: 'volume-full', reason: 'the disk is full', evidence: [] } as const;
    expect(judgeStream({ ...idle, volume }).name).toBe('volume-full');
  });
});

describe('the verdict names the layer', () => {
  it.each<[string, Partial<Witnesses>, string, string | null]>([
    ['all is well', {}, 'healthy', null],
    ['ordered to stop', { order: 'stop' }, 'stopped', null],
    ['never started', { phase: 'stopped', order: 'stop' }, 'stopped', null],
    ['the first start', { phase: 'starting' }, 'starting', null],
    ['one of its sounds is lost', { channel: { state: 'live', ageSeconds: 1, lostSounds: ['eng'] } }, 'degraded', 'source'],
    [
      'one of its sounds is lost, and everything else',
      { channel: { state: 'slate', ageSeconds: 1, lostSounds: ['eng'] } },
      'healthy',
      null,
    ],
    ['the source refuses the login', down('auth'), 'source-dead', 'source'],
    ['the source is not found', down('not-found'), 'source-dead', 'source'],
    ['nobody listens at the source', down('refused'), 'source-dead', 'source'],
    ['the source does not answer a start', down('timeout', { hadDelivered: false }), 'source-dead', 'source'],
    ['its resolver was told no', down('resolve-refused'), 'source-dead', 'source'],
    ['no connection of its provider is free', down('provider-limit'), 'source-dead', 'source'],
    ['the source went silent in the middle, ffmpeg saw it first', down('timeout'), 'source-silent', 'source'],
    ['the source went silent', down('stalled'), 'source-silent', 'source'],
    ['the job hangs', down('job-hung'), 'job-hung', 'job'],
    ['the job crashes', down('crashed'), 'job-failing', 'job'],
    ['ffmpeg cannot run the command', down('config'), 'job-failing', 'job'],
    ['a cause that nobody foresaw', down('something-new'), 'job-failing', 'job'],
    ['the source changed its codec', down('codec-changed'), 'degraded', 'source'],
    ['neither leg is accepted', down('output'), 'rtmp-refused', 'rtmp'],
    ['ffmpeg names the full disk', down('disk-full'), 'volume-full', 'volume'],
    ['ffmpeg may not write', down('permission'), 'volume-denied', 'volume'],
    ['nginx is down', { origin: nginx }, 'nginx-down', 'http'],
    ['nginx is down, the source as well: nobody is served by mending the source', { ...down('auth'), origin: nginx }, 'nginx-down', 'http'],
    ['nginx is late once', { origin: { ...nginx, isDown: false }, changedAt: { primary: stale, backup: now } }, 'healthy', null],
    ['the disk is full and the legs stand', { volume: full, changedAt: { primary: stale, backup: stale } }, 'volume-full', 'volume'],
    ['the disk is full and the job ended of it', { ...down('output'), volume: full }, 'volume-full', 'volume'],
    ['the disk is nearly full and all moves', { volume: full }, 'healthy', null],
    ['a viewer gets a 404', { http: { reason: '404', evidence: [] } }, 'http-broken', 'http'],
    [
      'nginx has no publisher',
      { rtmp: { publishing: false, bytesInGrow: false }, changedAt: { primary: stale, backup: now } },
      'rtmp-refused',
      'rtmp',
    ],
    ['nginx has the publisher and writes nothing', { changedAt: { primary: stale, backup: now } }, 'degraded', 'rtmp'],
    ['nginx was not asked', { rtmp: undefined, changedAt: { primary: stale, backup: now } }, 'degraded', 'rtmp'],
    ['the backup leg stands', { changedAt: { primary: now, backup: stale } }, 'degraded', 'volume'],
    ['the backup leg was never written', { changedAt: { primary: now, backup: undefined } }, 'degraded', 'volume'],
    ['no primary leg is asked for', { written: ['backup'], changedAt: { primary: undefined, backup: now } }, 'healthy', null],
    [
      'nginx just came back: its leg has time',
      { origin: { ...well.origin, answersSince: now - 3000 }, changedAt: { primary: stale, backup: now } },
      'healthy',
      null,
    ],
    ['the channel playlist stands', { channel: { state: 'holding', ageSeconds: 9 } }, 'degraded', 'playlist'],
    ['too slow', { speed: 0.8 }, 'degraded', 'source'],
    ['frames are dropped', { droppedShare: 0.2 }, 'degraded', 'source'],
    ['black', { content: ['the picture is black'] }, 'degraded', 'source'],
  ])('%s', (_name, more, name, layer) => {
    const found = judgeStream({ ...well, ...more });
    expect(found).toMatchObject({ name, layer });
    expect(found.reason).not.toBe('');
  });

  it('a job that was restarted for the sake of a leg is not well before that leg moves', () => {
    const since = now - 2000;
    const again = {
      ...well,
      jobSince: since,
      failure: failure('leg-dead', { at: now - 4000 }),
      rtmp: { publishing: false, bytesInGrow: false },
    };
    expect(judgeStream({ ...again, changedAt: { primary: stale, backup: now } }).name).toBe('rtmp-refused');
    expect(judgeStream({ ...again, changedAt: { primary: undefined, backup: now } }).name).toBe('rtmp-refused');
    expect(judgeStream({ ...again, changedAt: { primary: now, backup: now } }).name).toBe('healthy');
    const later = { ...again, failure: failure('leg-dead', { at: now - 400_000 }) };
    expect(judgeStream({ ...later, changedAt: { primary: stale, backup: now } }).name).toBe('healthy');
    expect(judgeStream({ ...well, phase: 'starting', failures: 1, failure: failure('leg-dead') }).name).toBe('rtmp-refused');
  });

  it('does not cry over the first interruption while a start may mend it', () => {
    const short = (at: number, more: Partial<FailureWitness> = {}) =>
      judgeStream({ ...well, phase: 'starting', failures: 1, failure: failure('reset', { isTelling: false, at, ...more }) });
    expect(short(now - 1000)).toMatchObject({ name: 'starting', reason: 'the job is started again: it is reset' });
    expect(short(now - 6001).name).toBe('source-dead');
    expect(short(now - 1000, { isTelling: true }).name).toBe('source-dead');
  });

  it('names a stall while the job is still being ended', () => {
    const stalled = { ...well, phase: 'stopping', failure: failure('stalled', { at: now }) } as const;
    expect(judgeStream(stalled).name).toBe('source-silent');
    expect(judgeStream({ ...stalled, failure: failure('stalled', { at: now - 60_000 }) }).name).toBe('starting');
  });

  it('shows what the fifo said about a leg that is down', () => {
    const lines = ['frame', '[fifo @ 0x1] Server error: Already publishing'];
    const found = judgeStream({
      ...well,
      lines,
      rtmp: { publishing: false, bytesInGrow: false },
      changedAt: { primary: stale, backup: now },
    });
    expect(found.evidence).toEqual(['[fifo @ 0x1] Server error: Already publishing']);
  });
});
