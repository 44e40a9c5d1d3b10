// Set-up on a bare Debian: the real apt-get, once, in a throw-away container.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** Runs a script in a fresh container that sees the checkout; the answer is what it printed, in order. */
function onBareDebian(script: string): string {
  const argv = ['run', '--rm', '-v', `${root}:/iptv:ro`, 'node:24-trixie-slim', 'sh', '-c', `exec 2>&1\n${script}`];
  return spawnSync('docker', argv, { encoding: 'utf8' }).stdout;
}

/** dist/ is built already, by the test runner. */
const setUp = 'node /iptv/bin/iptv.js setup; echo "exit $?"';

it('installs what is missing, starts no service, leaves no policy behind, and runs nothing the second time', () => {
  const printed = onBareDebian(`
    ${setUp}
    test -e /usr/sbin/policy-rc.d && echo "policy left"
    grep -l '^nginx' /proc/[0-9]*/comm && echo "nginx runs"
    ls /etc/systemd/system/multi-user.target.wants | grep nginx && echo "nginx starts at boot"
    echo "again:"
    ${setUp}
    ffmpeg -hide_banner -protocols | grep -c rtmp && nginx -t 2>&1 | grep -c successful
  `);
  const [first, second] = printed.split('again:\n');
  expect(first).toContain("missing: ffmpeg, ffprobe, nginx, nginx's rtmp module\n");
  expect(first).toContain('keeping services off while packages are installed: /usr/sbin/policy-rc.d');
  expect(first).toMatch(/running: apt-get update [^\n]*\nrunning: apt-get install [^\n]* ffmpeg nginx libnginx-mod-rtmp\n/);
  expect(first).toMatch(/removed \/usr\/sbin\/policy-rc\.d\ninstalled: ffmpeg, nginx, libnginx-mod-rtmp\n.*\nexit 0\n$/);
  expect(second).not.toMatch(/missing|running/);
  expect(second).toMatch(/\nexit 0\n\d+\n1\n$/);
});

it('without rights it names the command and stops', () => {
  const printed = onBareDebian(`su node -s /bin/sh -c '${setUp}'`);
  expect(printed).toContain('next: apt-get install --no-install-recommends ffmpeg nginx libnginx-mod-rtmp\nexit 77\n');
});
