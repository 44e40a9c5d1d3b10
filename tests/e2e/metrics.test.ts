// Figures as Prometheus sees them: a real one scrapes a running stack, and its rules stay silent over a planned restart.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { build } from '../helpers/cli.ts';
import { freePort } from '../helpers/free-port.ts';
import { createStack, eventually, kill, type TestStack } from '../helpers/stack.ts';

const monitoring = resolve(import.meta.dirname, '../../docker/monitoring');
const dashboards = readdirSync(join(monitoring, 'grafana/dashboards'));
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const reason = has('prometheus') && has('promtool') ? '' : ' (skipped: no prometheus and promtool here; apt-get install prometheus)';

const alertmanager = has('prometheus-alertmanager');

describe.skipIf(reason !== '')(`rules${reason}`, () => {
  it('are right, and raise what their tests say', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(monitoring, 'rules.test.yml')], { encoding: 'utf8' });
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  });

  it('are tested, every one', () => {
    const names = (file: string): readonly string[] =>
      [...readFileSync(join(monitoring, file), 'utf8').matchAll(/(?:alert: |alertname(?:: |="))(\w+)/g)].map(([, name = '']) => name);
    expect(new Set(names('rules.test.yml'))).toEqual(new Set(names('rules.yml')));
  });

  it('belong to a configuration that Prometheus takes', () => {
    const { status, stderr } = spawnSync('promtool', ['check', 'config', join(monitoring, 'prometheus.yml')], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe.skipIf(reason !== '')(`a real Prometheus${reason}`, () => {
  let stack: TestStack;
  const started: ChildProcess[] = [];
  let url = '';
  let alertsUrl = '';

  const start = (file: string, ...words: readonly string[]): void => void started.push(spawn(file, words, { stdio: 'ignore' }));

  const query = async (expression: string): Promise<readonly { metric: Record<string, string>; value: [number, string] }[]> => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data, error } = (await answer.json()) as { data?: { result: never[] }; error?: string };
    if (data === undefined) throw new Error(error);
    return data.result;
  };
  const one = async (expression: string): Promise<number | undefined> => {
    const value = (await query(expression))[0]?.value[1];
    return value === undefined ? undefined : Number(value);
  };

  beforeAll(async () => {
    build();
    stack = await createStack({
      streams:
        '  - id: news\n    source: "test:?size=160x90&fps=10&tone=440"\n    group: tv\n  - { id: gone, source: "http://127.0.0.1:9/gone.ts" }',
      server: '  segment: 1s',
    });
    expect(await stack.iptv('up')).toMatchObject({ code: 0 });
    expect(await stack.iptv('start', 'news', '--wait', '--timeout', '60s')).toMatchObject({ code: 0 });
    // Its alert comes a minute later, in which the other tests run.
    expect(await stack.iptv('start', 'gone', '--no-wait')).toMatchObject({ code: 0 });
    const port = await freePort();
    const alertsPort = await freePort();
    url = `http://127.0.0.1:${port}`;
    alertsUrl = `http://127.0.0.1:${alertsPort}`;
    const configuration = [
      'global: { scrape_interval: 1s, evaluation_interval: 1s }',
      `rule_files: ['${join(monitoring, 'rules.yml')}']`,
      `alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${alertsPort}'] }] }] }`,
      `scrape_configs: [{ job_name: iptv, static_configs: [{ targets: ['127.0.0.1:${stack.ports.http}'] }] }]`,
    ];
    writeFileSync(join(stack.directory, 'prometheus.yml'), `${configuration.join('\n')}\n`);
    start(
      'prometheus',
      `--config.file=${join(stack.directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(stack.directory, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    );
    if (alertmanager)
      start(
        'prometheus-alertmanager',
        `--config.file=${join(monitoring, 'alertmanager.yml')}`,
        `--storage.path=${join(stack.directory, 'alerts')}`,
        `--web.listen-address=127.0.0.1:${alertsPort}`,
        '--cluster.listen-address=',
      );
    await eventually('Prometheus has scraped', async () => (await one('up{job="iptv"}')) === 1);
  }, 360_000);

  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await stack.close();
  }, 240_000);

  it('scrapes what the status says', { timeout: 480_000 }, async () => {
    await eventually('a healthy verdict', async () => (await one('iptv_stream_verdict{stream="news",group="tv",verdict="healthy"}')) === 1);
    expect(await one('iptv_stream_ordered{stream="news"}')).toBe(1);
    await eventually('nginx is up', async () => (await one('iptv_nginx_up')) === 1);
    await eventually('a job with a size', async () => ((await one('iptv_job_resident_memory_bytes{stream="news"}')) ?? 0) > 1e6);
    await eventually('bytes into nginx', async () => ((await one('iptv_rtmp_received_bytes_total{stream="news"}')) ?? 0) > 0);
    await eventually('fresh legs', async () => (await one('sum(iptv_leg_fresh{stream="news"})')) === 2);
  });

  it('sees a viewer come', { timeout: 480_000 }, async () => {
    const watch = (): Promise<Response> => fetch(`${stack.url}/live/news/index.m3u8`, { headers: { 'User-Agent': 'a player' } });
    expect((await watch()).status).toBe(200);
    await eventually('a viewer', async () => {
      await (await watch()).text();
      return (await one('iptv_channel_viewers{stream="news"}')) === 1;
    });
    expect(await one('iptv_channel_sent_bytes_total{stream="news"}')).toBeGreaterThan(100);
    expect((await stack.stream('news')).viewers).toBeGreaterThanOrEqual(0);
  });

  it('counts a failure, and no ordered restart, and raises no alert for either', { timeout: 480_000 }, async () => {
    const [pid] = stack.jobs('news');
    kill(pid);
    await eventually('the restart is counted', async () => (await one('iptv_stream_restarts_total{stream="news",cause="killed"}')) === 1);
    await eventually('it plays again', async () => (await stack.stream('news')).state === 'running');
    expect(await stack.iptv('restart', 'news', '--wait', '--timeout', '60s')).toMatchObject({ code: 0 });
    await eventually('the order is counted', async () => (await one('iptv_stream_orders_total{stream="news",cause="restart"}')) === 1);
    expect(await one('iptv_stream_restarts_total{stream="news",cause="killed"}')).toBe(1);
    expect(await query('ALERTS{alertstate="firing", stream!="gone"}')).toEqual([]);
  });

  it.each(dashboards)('understands every question of the dashboard %s', { timeout: 240_000 }, async (name) => {
    const text = readFileSync(join(monitoring, 'grafana/dashboards', name), 'utf8');
    const asked: string[] = [];
    JSON.parse(text, (key, value: unknown) => {
      if (key === 'expr') asked.push(String(value));
      return value;
    });
    expect(asked.length).toBeGreaterThan(5);
    // Grafana's variables; an answer, also an empty one, is what a question that does not parse has not.
    for (const expression of asked) await query(expression.replaceAll('$__rate_interval', '1m').replaceAll(/\$\{?\w+\}?/g, 'news'));
  });

  it.skipIf(!alertmanager)('has our Alertmanager told of a stream that does not play', { timeout: 480_000 }, async () => {
    const told = await eventually(
      'the alert',
      async () => {
        const answer = await fetch(`${alertsUrl}/api/v2/alerts?filter=${encodeURIComponent('alertname="IptvStreamDown"')}`);
        const alerts = (await answer.json()) as readonly {
          readonly labels: Readonly<Record<string, string>>;
          readonly receivers: unknown;
        }[];
        return alerts.length > 0 && alerts;
      },
      150_000,
    );
    expect(told).toMatchObject([
      { labels: { stream: 'gone', verdict: 'source-dead', severity: 'critical' }, receivers: [{ name: 'nobody' }] },
    ]);
  });

  it('is the only kind of guest: others get what they may', { timeout: 240_000 }, async () => {
    expect((await fetch(`${stack.url}/metrics`, { method: 'POST' })).status).toBe(405);
    const answer = await fetch(`${stack.url}/metrics`, { headers: { Accept: 'application/openmetrics-text; version=1.0.0' } });
    expect(answer.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect((await answer.text()).endsWith('# EOF\n')).toBe(true);
  });
});

describe('the dashboards', () => {
  const folder = join(monitoring, 'grafana/dashboards');
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
  const known = new Set([...page.matchAll(/\| `(iptv_\w+)`/g)].map(([, name = '']) => name));
  const used = (text: string): readonly string[] => [...text.matchAll(/\biptv_[a-z]+(?:_[a-z]+)+\b/g)].map(([name]) => name);

  it.each(dashboards)('%s asks for metrics that exist', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(used(text).length).toBeGreaterThan(5);
    expect(used(text).filter((metric) => !known.has(metric))).toEqual([]);
  });

  it('and so do the rules', () => {
    expect(used(readFileSync(join(monitoring, 'rules.yml'), 'utf8')).filter((metric) => !known.has(metric))).toEqual([]);
  });
});
