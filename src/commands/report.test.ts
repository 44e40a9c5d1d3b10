import { describe, expect, it } from 'vitest';

import { configOf, fakeContext, stackOf, type FakeOptions } from '../../tests/fakes/command-context.ts';
import { createLogFolder } from '../../tests/fakes/log-folder.ts';
import { sourceOf, streamOf } from '../../tests/helpers/streams.ts';
import type { Ports } from '../core/ports.ts';
import type { Stack } from '../stack/stack.ts';
import { providerOf, run, toStandardOutput } from './report.ts';

const now = Date.UTC(2026, 0, 1, 12);
const line = (seq: number, minute: number, kind: string, cause: string, data: object = {}, stream = 'news'): string =>
  `${JSON.stringify({ seq, at: new Date(now - 3_600_000 + minute * 60_000).toISOString(), stream, kind, cause, message: '', data })}\n`;
const text =
  line(1, 0, 'order', 'start', { state: 'stopped' }) +
  line(2, 0, 'job-started', 'ordered', { url: 'http://tv.example:8080/<b>' }) +
  line(3, 0, 'delivering', 'first-segment') +
  line(4, 10, 'job-failed', '<img src=x>') +
  line(5, 13, 'job-started', 'retry', { url: 'http://tv.example:8080/<b>' }) +
  line(6, 13, 'delivering', 'first-segment');

function report(html: string | undefined, fake: FakeOptions = {}, stack: Partial<Stack> = {}, record = text) {
  const folder = createLogFolder();
  if (record !== '') folder.append('/state/events.jsonl', record);
  const written: string[] = [];
  const files = {
    ...folder.files,
    readText: async () => '{"news":"run"}',
    writeAtomic: async (path: string, body: string) => void written.push(path, body),
  };
  const made = fakeContext({
    ...fake,
    more: {
      ports: async () => ({ files }) as unknown as Ports,
      loadConfig: async () => configOf([streamOf(sourceOf('http-ts', 'http://tv.example:8080/<b>'))]),
      selectStack: async () => stackOf(undefined, stack),
      ...fake.more,
    },
  });
  return { ...made, written, done: run({ sinceMs: now - 86_400_000, html }, made.context) };
}

describe('report', () => {
  it('is a table that fits 80 columns', async () => {
    const { done, stdout } = report(undefined, { terminal: true, columns: 80 });
    expect(await done).toBe(0);
    expect(stdout()).toMatch(/^2025-12-31 12:00 to 2026-01-01 12:00 UTC\n95\.0 % available, 1 outage, 1 restart\n/);
    expect(stdout()).toContain('STREAM   AVAIL  OUT  DOWN  MTBF  MTTR  SLATE  RST');
    expect(stdout()).toMatch(/\nnews +95\.0 % +1 +3m +57m +3m +0s +1/);
    expect(stdout()).toMatch(/\ntv\.example +95\.0 %/);
    expect(
      Math.max(
        ...stdout()
          .split('\n')
          .map((row) => row.length),
      ),
    ).toBeLessThanOrEqual(80);
  });

  it('is tab-separated in seconds on a pipe', async () => {
    const { done, stdout } = report(undefined);
    await done;
    expect(stdout()).toBe(
      'stream\tnews\t0.95\t1\t180\t3420\t180\t0\t1\t3600\t<img src=x> 1\n' +
        'provider\ttv.example\t0.95\t1\t180\t3420\t180\t0\t1\t3600\t<img src=x> 1\n',
    );
  });

  it('is one document with --json', async () => {
    const { done, stdout } = report(undefined, { argv: ['--json'] });
    await done;
    expect(JSON.parse(stdout())).toMatchObject({
      schemaVersion: 1,
      total: { availability: 0.95 },
      streams: [{ id: 'news', outageList: [{ seconds: 180, cause: '<img src=x>', provider: 'tv.example' }] }],
      providers: [{ provider: 'tv.example', streams: ['news'] }],
    });
  });

  it('writes one HTML file that needs nothing and lets no name become markup', async () => {
    const { done, written, stdout } = report('out.html');
    expect(await done).toBe(0);
    expect(stdout()).toBe('wrote /tv/out.html\n');
    expect(written[0]).toBe('/tv/out.html');
    const html = written[1] ?? '';
    expect(html).toContain('<svg');
    expect(html).not.toContain('<img');
    expect(html).toContain('&#60;img src=x&#62;');
    expect(html).not.toMatch(/<script|src=["']|href=|url\(|https?:/);
  });

  it('says what is not known, on stderr', async () => {
    const { done, stderr, stdout } = report(undefined, {}, {}, '');
    await done;
    expect([stdout(), stderr()]).toEqual(['', 'nothing was recorded yet\n']);
  });

  it('is written by the host when it was made in a container', async () => {
    const carried: (readonly string[])[] = [];
    const docker: Partial<Stack> = {
      carry: async (argv) => carried.push(argv),
      carryOutput: async (argv) => {
        carried.push(argv);
        const output = (async function* () {
          yield new TextEncoder().encode('<html>ü');
          yield new TextEncoder().encode('</html>');
        })();
        return { output, ended: Promise.resolve(0), end: () => undefined };
      },
    };
    const { done, written } = report('/tmp/r.html', { argv: ['report', '--html', '/tmp/r.html'] }, docker);
    expect(await done).toBe(0);
    expect(carried).toEqual([['report', '--html', '-']]);
    expect(written).toEqual(['/tmp/r.html', '<html>ü</html>']);
    await report('-', { argv: ['report', '--html', '-'] }, docker).done;
    expect(carried.at(-1)).toEqual(['report', '--html', '-']);
  });

  it('refuses what makes no sense', async () => {
    await expect(report('x.html', { argv: ['--json'] }).done).rejects.toMatchObject({ exitCode: 2 });
    await expect(report('').done).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('the provider of a source', () => {
  const source = sourceOf('http-ts', 'http://u:p@tv.example:8080/1', { display: 'http://***@tv.example:8080/1' });
  const streams = [streamOf(source)];
  it.each([
    [[streamOf({ ...source, provider: 'acme' })], source.display, 'acme'],
    [streams, source.display, 'tv.example'],
    [streams, '', 'tv.example'],
    [streams, 'rtsp://[::1]:554/x', '[::1]'],
    [[], '', 'unknown'],
    [[], '/srv/loop.ts', 'local file'],
    [[], 'test:', 'test'],
  ])('%#', (listed, url, expected) => {
    expect(providerOf({ streams: listed }, 'news', url)).toBe(expected);
  });

  it('a carried command line writes to standard output', () => {
    expect(toStandardOutput(['report', '--html=/a', '--since', '7d'])).toEqual(['report', '--html=-', '--since', '7d']);
  });
});
