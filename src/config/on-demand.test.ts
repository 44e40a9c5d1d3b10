// What streams.yaml says about starting on demand: good values, and the exact report for bad ones.

import { describe, expect, it } from 'vitest';

import { parseConfig } from './load.ts';

const parse = (text: string) => parseConfig(text, { path: '/etc/iptv/streams.yaml', env: {}, readSecretFile: () => undefined });

function report(lines: string): readonly string[] {
  const parsed = parse(`version: 1\nstreams:\n  - id: news\n    source: "test:"\n${lines.replaceAll(/^/gm, '    ')}\n`);
  return parsed.ok
    ? []
    : parsed.diagnostics.map(({ path, message, suggestion }) => `${path}: ${message}${suggestion === undefined ? '' : ` [${suggestion}]`}`);
}

function onDemandOf(streams: string, defaults = '') {
  const parsed = parse(`version: 1\n${defaults}streams:\n${streams}`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.config.streams.map(({ onDemand }) => onDemand);
}

describe('start', () => {
  it('is always, unless the stream or the defaults say otherwise', () => {
    expect(onDemandOf('  - { id: a, source: "test:" }\n')).toEqual([undefined]);
    const defaults = 'defaults: { start: ondemand, idleAfter: 2m, keepWarm: { viewers: 5 } }\n';
    const streams =
      '  - { id: a, source: "test:" }\n  - { id: b, source: "test:", start: always }\n' +
      '  - { id: c, source: "test:", firstWait: 5s, keepWarm: off, prewarm: [{ cron: "0 20 * * *", for: 2h, timezone: UTC }, { cron: "@daily", for: 10m }] }\n';
    expect(onDemandOf(streams, defaults)).toEqual([
      { idleAfterMs: 120_000, firstWaitMs: 7000, prewarm: [], keepWarm: { viewers: 5, forMs: 1_800_000 } },
      undefined,
      {
        idleAfterMs: 120_000,
        firstWaitMs: 5000,
        prewarm: [
          { cron: '0 20 * * *', forMs: 7_200_000, timezone: 'UTC' },
          { cron: '@daily', forMs: 600_000 },
        ],
      },
    ]);
    expect(onDemandOf('  - { id: a, source: "test:", start: ondemand, keepWarm: { for: 1h } }\n')).toEqual([
      { idleAfterMs: 60_000, firstWaitMs: 7000, prewarm: [], keepWarm: { viewers: 3, forMs: 3_600_000 } },
    ]);
  });

  it.each<[string, string]>([
    ['start: on-demand', 'streams[0].start: expected one of always, ondemand, got "on-demand" [ondemand]'],
    ['start: ondemand\nidleAfter: 1s', 'streams[0].idleAfter: must be between 10s and 24h, got "1s"'],
    ['start: ondemand\nfirstWait: 2m', 'streams[0].firstWait: must be between 1s and 1m, got "2m"'],
    ['start: ondemand\nprewarm: [{ cron: "0 20 * * *" }]', 'streams[0].prewarm[0].for: is missing: how long'],
    [
      'start: ondemand\nprewarm: [{ cron: "0 20 * *", for: 1h }]',
      'streams[0].prewarm[0].cron: expected five fields (minute hour day month weekday), got 4',
    ],
    ['start: ondemand\nprewarm: [{ cron: "@daily", for: 5s }]', 'streams[0].prewarm[0].for: must be between 1m and 168h, got "5s"'],
    [
      'start: ondemand\nkeepWarm: { viewers: 0 }',
      'streams[0].keepWarm.viewers: expected a number of viewers, a whole number from 1 to 100000, got the number 0',
    ],
    ['start: ondemand\nkeepWarm: 1h', 'streams[0].keepWarm: expected off, or viewers and for, such as { viewers: 3, for: 30m }, got "1h"'],
    ['idleAfter: 30s', 'streams[0].idleAfter: works only with  start: ondemand'],
    ['start: always\nprewarm: []', 'streams[0].prewarm: works only with  start: ondemand'],
  ])('refuses %s', (lines, message) => {
    expect(report(lines)).toEqual([message]);
  });
});
