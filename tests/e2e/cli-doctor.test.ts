// `iptv doctor --watch` as a user runs it: a real folder is closed and opened again while it looks.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';

import { build, createHome, ended } from '../helpers/cli.ts';
import type { DoctorReport } from '../helpers/doctor.ts';
import { eventually } from '../helpers/wait.ts';

beforeAll(build);

it('doctor --watch sees a fault come and go, and ends with 130 on Ctrl-C', async () => {
  const home = createHome();
  // Open to nginx's user all the way, which a home folder need not be.
  const place = mkdtempSync(join(tmpdir(), 'iptv-watch-'));
  onTestFinished(() => {
    home.close();
    rmSync(place, { recursive: true });
  });
  chmodSync(place, 0o755);
  const hls = join(place, 'hls');
  mkdirSync(hls);
  chmodSync(hls, 0o777);
  home.write('streams.yaml', `version: 1\nserver: { runtime: local, hlsDirectory: ${hls} }\nstreams: []\n`);

  const child = home.start(['doctor', 'permissions', '--watch', '--json']);
  onTestFinished(() => void child.kill('SIGKILL'));
  let written = '';
  child.stdout.on('data', (text: Buffer) => (written += text.toString()));
  const done = ended(child);
  const last = (): string => {
    const line = written.split('\n').at(-2) ?? '';
    return line === '' ? '' : (JSON.parse(line) as DoctorReport).verdict;
  };
  await eventually(last, (verdict) => verdict === 'ok');
  chmodSync(hls, 0o500);
  await eventually(last, (verdict) => verdict !== 'ok');
  chmodSync(hls, 0o777);
  await eventually(last, (verdict) => verdict === 'ok');
  child.kill('SIGINT');
  expect(await done).toMatchObject({ code: 130, signal: null, stderr: '' });
});
