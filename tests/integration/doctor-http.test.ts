// `iptv doctor` against faults in the configuration of a real nginx: each is named, alone, as the root cause.

import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { askDoctor, expectRoots, faultyNginx, finding, rootsOf, type FaultyNginx } from '../helpers/doctor.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { createStack, type TestStack } from '../helpers/stack.ts';

const nested = String.raw`location ~ \\.(?<iptv_extension>`;

describe.skipIf(!hasNginxRtmp)('doctor and nginx', { timeout: 480_000 }, () => {
  let stack: TestStack;
  let nginx: FaultyNginx;

  beforeAll(async () => {
    stack = await createStack({ streams: '  - { id: news, source: "test:?size=160x90&fps=10" }' });
    nginx = faultyNginx(stack);
    expect(await stack.iptv('up')).toMatchObject({ code: 0 });
  });

  afterAll(async () => {
    await stack.close();
  });

  it('finds nothing wrong with a stack that is up', async () => {
    const report = await expectRoots(stack.iptv, []);
    expect([report.code, report.verdict]).toEqual([0, 'ok']);
  });

  it('changes nothing on disk when it asks nginx for its configuration', async () => {
    const shape = (folder: string): string =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => !/\.log|spool|\.stderr/.test(name))
        .sort()
        .map((name) => {
          const { mode, uid, gid, ino } = statSync(join(folder, name));
          return `${name} ${mode} ${uid}:${gid} ${ino}`;
        })
        .join('\n');
    const look = (): string =>
      `${shape(stack.hls)}\n${statSync(stack.hls).uid} ${statSync(stack.hls).mode}\n${shape(join(stack.state, 'nginx'))}`;
    const before = look();
    expect(await stack.iptv('doctor', 'config', '--json')).toMatchObject({ code: 0 });
    expect(look()).toBe(before);
    expect(readdirSync(stack.state).filter((name) => name.startsWith('doctor-'))).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['mime/mime-wrong', 'a wrong type for playlists', 's|application/vnd.apple.mpegurl m3u8|text/plain m3u8|'],
    ['mime/mime-wrong', 'a types block in a location, which replaces all others', `s|${nested}.*|&\\ntypes { text/plain txt; }|`],
    ['cors/cors-missing', 'an add_header in a nested location, which drops all others', `s|${nested}.*|&\\nadd_header X-Test yes;|`],
    ['cors/cors-doubled', 'the header sent twice', 's|add_header Access-Control-Allow-Origin .*|&\\n&|'],
    ['cors/cors-preflight', 'an answer to OPTIONS that allows nothing', 's|add_header Access-Control-Allow-Headers .*||'],
    ['m3u8/not-served', 'playlists that are forbidden', `s|${nested}.*|location ~ m3u8$ { return 403; }\\n&|`],
    ['endpoint/listing-refused', 'no directory listing', 's|location = /hls/ {|&\\nreturn 403;|'],
    ['stat/stat-silent', 'no RTMP status', 's|rtmp_stat all;|return 404;|'],
    ['config/application-missing', 'an application of another name', 's|application live {|application other {|'],
    ['config/web-root-differs', 'another web root', 's|root ".*";|root "/nowhere";|'],
    ['config/several-workers', 'several workers', 's|worker_processes 1;|worker_processes 2;|'],
    ['config/ghosts-stay', 'ghosts that stay', 's|drop_idle_publisher 10s;||'],
    ['config/cleaner-fast', 'a cleaner that is faster than playlists are long', 's|hls_playlist_length 600s;|hls_playlist_length 5s;|'],
  ])('names %s for %s', async (root, _fault, sed) => {
    await nginx.use(sed);
    const report = await expectRoots(stack.iptv, [root]);
    expect(finding(report, root)).toMatchObject({ fixable: true, next: expect.stringMatching(/\w/) as unknown });
    expect(finding(report, root).evidence).not.toEqual([]);
  });

  it('names config/hls-path-differs for another HLS folder', async () => {
    await nginx.use(`s|hls_path ".*"|hls_path "${stack.directory}/elsewhere"|`);
    const report = await expectRoots(stack.iptv, ['config/hls-path-differs']);
    expect(finding(report, 'config/hls-path-differs').evidence).toEqual([`hls_path ${stack.directory}/elsewhere`]);
  });

  it('mends it: writes the configuration anew, restarts nginx, and looks again', async () => {
    await nginx.use('s|application/vnd.apple.mpegurl m3u8|text/plain m3u8|');
    await expectRoots(stack.iptv, ['mime/mime-wrong']);
    const before = nginx.pid();
    const report = await askDoctor(stack.iptv, '--fix', '--yes');
    expect([report.code, rootsOf(report), report.fixes]).toEqual([
      0,
      [],
      [{ action: 'write the configuration of nginx anew and restart it', done: true, error: null }],
    ]);
    expect(nginx.pid()).not.toBe(before);
  });

  it('makes an HLS folder that is not there', async () => {
    // A supervisor that runs makes it again by itself, so this one was never brought up.
    const fresh = await createStack({ streams: '  - { id: news, source: "test:" }' });
    try {
      const action = `install -d -m 777 ${fresh.hls}`;
      const report = await askDoctor(fresh.iptv, 'files');
      expect([rootsOf(report), finding(report, 'files/folder-missing').fixable]).toEqual([['files/folder-missing'], true]);
      const mended = await askDoctor(fresh.iptv, 'files', '--fix', '--yes');
      expect([mended.code, rootsOf(mended), mended.fixes]).toEqual([0, [], [{ action, done: true, error: null }]]);
      expect(statSync(fresh.hls).mode & 0o777).toBe(0o777);
    } finally {
      await fresh.close();
    }
  });

  it('asks before it mends, and does nothing where nobody can answer', async () => {
    const { code, stderr } = await stack.iptv('doctor', '--fix');
    expect([code, stderr]).toEqual([2, expect.stringContaining('iptv doctor --fix --yes')]);
  });

  it('names the list when that is the problem, and checks nothing else against its defaults', async () => {
    writeFileSync(join(stack.directory, 'broken.yaml'), 'version: 1\nstreams:\n  - { id: news, colour: red }\n');
    const report = await askDoctor(stack.iptv, '--config', join(stack.directory, 'broken.yaml'));
    expect(rootsOf(report)).toEqual(['config/list-invalid']);
    expect(finding(report, 'config/list-invalid').evidence.join('\n')).toContain('colour');
  });
});
