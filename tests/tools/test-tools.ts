// Installs what tests need beyond `iptv setup`, where that is possible without asking: on Debian, as root. Never fails: what is
// missing makes the tests that need it skip, saying why.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Debian package by a file of it. */
const tools: Readonly<Record<string, readonly string[]>> = {
  chromium: ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/usr/bin/chromium-browser'],
  cron: ['/usr/sbin/cron', '/usr/bin/cron'],
  prometheus: ['/usr/bin/promtool'],
  'prometheus-alertmanager': ['/usr/bin/prometheus-alertmanager'],
  tmux: ['/usr/bin/tmux'],
  libfaketime: [`/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`],
};

/** invoke-rc.d(8): while it is there and says 101, no package starts a service of this machine. */
const servicePolicy = '/usr/sbin/policy-rc.d';

const missing = Object.keys(tools).filter((name) => tools[name]?.every((path) => !existsSync(path)) === true);
if (missing.length > 0) install();

function install(): void {
  const why = hindrance();
  if (why !== undefined) {
    console.log(`not installed: ${missing.join(', ')} (${why}); the tests that need them are skipped`);
    return;
  }
  console.log(`installing what tests need: ${missing.join(', ')}`);
  const isOurs = !existsSync(servicePolicy);
  if (isOurs) writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    // One by one: a package that this release does not have must not keep the others away.
    if (missing.some((name) => !isKnown(name))) apt('update', []);
    for (const name of missing) {
      if (!apt('install', ['--yes', '--no-install-recommends', name]))
        console.log(`could not install ${name}; the tests that need it are skipped`);
    }
  } finally {
    if (isOurs) rmSync(servicePolicy, { force: true });
  }
}

function hindrance(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8')) ? undefined : 'this system is not Debian';
  } catch {
    return 'this system is unknown';
  }
}

function isKnown(name: string): boolean {
  return spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;
}

function apt(command: string, words: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', command, ...words], { env, stdio: ['ignore', 'ignore', 'inherit'] })
      .status === 0
  );
}
