// Lines in a real crontab run by a real cron, and units that systemd itself accepts.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { build, createHome, goodList, type Home } from '../helpers/cli.ts';
import { eventually } from '../helpers/wait.ts';

const isRoot = process.getuid?.() === 0;
const hasCron = isRoot && existsSync('/usr/sbin/cron') && spawnSync('crontab', ['-V']).error === undefined;
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

let home: Home;
beforeAll(() => {
  build();
  home = createHome();
  home.write('streams.yaml', goodList);
});
afterAll(() => home.close());

// Needs root and Debian's cron: the crontab of a user that is made for this.
describe.skipIf(!hasCron)('iptv cron with the crontab of this machine', () => {
  let before: string | undefined;
  let cron: ChildProcess | undefined;

  beforeAll(() => {
    const { status, stdout } = spawnSync('crontab', ['-l'], { encoding: 'utf8' });
    before = status === 0 ? stdout : undefined;
  });
  afterAll(() => {
    cron?.kill();
    if (before === undefined) spawnSync('crontab', ['-r']);
    else spawnSync('crontab', ['-'], { input: before });
  });

  it('writes, lists and removes its own lines only', async () => {
    const foreign = '# mine\n0 0 31 2 * true % never\n';
    spawnSync('crontab', ['-'], { input: foreign });
    const installed = await home.iptv('cron', 'install', 'sick', '--schedule', '*/10 * * * *', '--', 'restart', '--unhealthy', '-q');
    expect(installed).toMatchObject({ code: 0, stderr: '' });
    expect(spawnSync('crontab', ['-l'], { encoding: 'utf8' }).stdout).toBe(
      `${foreign}*/10 * * * * IPTV_STATE_DIR=${home.state} IPTV_RUNTIME=local ${process.execPath} ${join(import.meta.dirname, '../../bin/iptv.js')} --config ${home.directory}/streams.yaml restart --unhealthy -q # iptv:sick\n`,
    );
    const listed = JSON.parse((await home.iptv('cron', 'list', '--json')).stdout) as { entries: readonly { name: string }[] };
    expect(listed.entries.filter(({ name }) => name === 'sick')).toMatchObject([{ schedule: '*/10 * * * *', where: 'crontab' }]);
    expect((await home.iptv('cron', 'remove', 'sick')).code).toBe(0);
    expect(spawnSync('crontab', ['-l'], { encoding: 'utf8' }).stdout).toBe(foreign);
    expect((await home.iptv('cron', 'remove', 'sick')).code).toBe(1);
  });

  it('refuses a schedule that cron would refuse, and writes nothing', async () => {
    const ran = await home.iptv('cron', 'install', '--schedule', '61 4 * * *');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('minute 61 is not between 0 and 59');
  });

  it('works in the empty environment that cron gives', async () => {
    // A list command proves that node, the program, the list and the state folder are found; its output goes to a file that cron's
    // mail would not reach here.
    const proof = join(home.directory, 'proof.json');
    spawnSync('crontab', ['-r']);
    await home.iptv('cron', 'install', 'proof', '--schedule', '* * * * *', '--', 'list', '--json');
    const line = spawnSync('crontab', ['-l'], { encoding: 'utf8' }).stdout;
    spawnSync('crontab', ['-'], { input: line.replace(' # iptv:proof', ` > ${proof} 2>&1 # iptv:proof`) });
    // The machine's own cron may run already; a second one ends at once and does no harm.
    cron = spawn('/usr/sbin/cron', ['-f'], { stdio: 'ignore' });
    await eventually(
      () => (existsSync(proof) ? readFileSync(proof, 'utf8') : ''),
      (text) => text.endsWith('}\n'),
      { timeoutMs: 150_000, every: 500, what: 'cron runs the line' },
    );
    const document = JSON.parse(readFileSync(proof, 'utf8')) as { streams: readonly { id: string }[] };
    expect(document.streams.map(({ id }) => id)).toEqual(['news', 'sport']);
  }, 480_000);
});

describe('units for systemd', () => {
  it.skipIf(!hasSystemd)('are accepted by systemd-analyze verify', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'iptv-units-'));
    try {
      const service = await home.iptv('service', 'print');
      expect(service.code).toBe(0);
      expect(service.stdout).toContain('RestartPreventExitStatus=78');
      writeFileSync(join(folder, 'iptv.service'), service.stdout);
      const printed = await home.iptv('cron', 'install', 'nightly', '--systemd', '--print', '--schedule', '*/15 3-5 * * 1-5');
      const [oneshot = '', timer = ''] = printed.stdout.split(/\n(?=# Written by)/);
      writeFileSync(join(folder, 'iptv-nightly.service'), oneshot);
      writeFileSync(join(folder, 'iptv-nightly.timer'), timer);
      for (const name of ['iptv.service', 'iptv-nightly.service', 'iptv-nightly.timer']) {
        const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, name)], { encoding: 'utf8' });
        const about = stderr.split('\n').filter((line) => line.includes(folder) || line.includes(name));
        expect([name, status, about]).toEqual([name, 0, []]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('say which schedule systemd cannot express', async () => {
    const ran = await home.iptv('cron', 'install', 'x', '--systemd', '--print', '--schedule', '0 3 1 * 1');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('cannot say "0 3 1 * 1"');
  });
});
