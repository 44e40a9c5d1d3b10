// iptv and its peers, each driven by the commands that its users type.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { keeperPids, kill, run, supervisorPids } from '../../helpers/stack.ts';
import { iptv } from '../session.ts';
import { checked, detached, ffmpegArgv, killJobs, type Field, type Peer } from './peer.ts';

/** Installed into the scratch folder for the run. */
export const pm2Version = '7.0.4';

export function createIptv(field: Field): Peer {
  const { session, stack } = field;
  const order = (action: string, ids: readonly string[]): Promise<void> =>
    iptv(session, stack, action, ...ids, action === 'stop' ? '--wait' : '--no-wait');
  return {
    name: 'iptv',
    version: 'this',
    status: () => stack.iptv('status', '--json'),
    // The stack is up: its nginx serves them all.
    up: async () => undefined,
    start: (ids) => order('start', ids),
    stop: (ids) => order('stop', ids),
    managers: () => [...supervisorPids(stack.state), ...keeperPids(stack.state)],
    mainPid: () => supervisorPids(stack.state)[0],
    async again(id) {
      await iptv(session, stack, 'up');
      await order('start', [id]);
    },
    playlist: (id) => `${stack.url}/live/${id}/index.m3u8`,
    close: async () => undefined,
  };
}

/** Throws when npm cannot get it. */
export async function createPm2(field: Field): Promise<Peer> {
  const { session } = field;
  const directory = join(session.directory, 'pm2');
  const home = join(directory, 'home');
  mkdirSync(home, { recursive: true });
  session.say(`pm2: installing ${pm2Version} into a scratch folder`);
  const npmEnv = Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined));
  const install = ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', directory, `pm2@${pm2Version}`];
  checked('npm install pm2', await run('npm', install, npmEnv, directory));
  const list = join(directory, 'channels.json');
  const apps = field.ids('pm2').map((name) => ({ name, script: pathOf('ffmpeg'), args: ffmpegArgv(field, name), interpreter: 'none' }));
  writeFileSync(list, JSON.stringify({ apps }));
  // Without this it asks its maker's server for news.
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, PM2_HOME: home, PM2_DISCRETE_MODE: 'true' };
  const pm2 = (...argv: string[]): ReturnType<typeof run> =>
    run(process.execPath, [join(directory, 'node_modules/pm2/bin/pm2'), ...argv], env, directory);
  const order = async (...argv: string[]): Promise<void> => {
    session.check();
    checked(`pm2 ${argv[0]}`, await pm2(...argv));
  };
  const main = (): number | undefined => pidIn(join(home, 'pm2.pid'));
  return {
    name: 'pm2',
    version: pm2Version,
    status: () => pm2('jlist'),
    up: () => order('ping'),
    start: (ids) => order('start', list, '--only', ids.join(',')),
    stop: (ids) => order('delete', ...ids),
    managers: () => [main() ?? []].flat(),
    mainPid: main,
    again: (id) => order('start', list, '--only', id),
    playlist: legUrl(field),
    async close() {
      await pm2('kill').catch(() => undefined);
      const left = main();
      if (left !== undefined) kill(left);
    },
  };
}

/** Throws when it is not installed. */
export function createSupervisord(field: Field): Peer {
  const { session } = field;
  const version = spawnSync('supervisord', ['--version'], { encoding: 'utf8' });
  if (version.status !== 0) throw new Error('supervisord is not installed: apt-get install supervisor');
  const directory = join(session.directory, 'supervisord');
  mkdirSync(directory);
  const conf = join(directory, 'supervisord.conf');
  const socket = join(directory, 's.sock');
  const programs = field
    .ids('supervisord')
    .map((id) =>
      [
        `[program:${id}]`,
        `command=${pathOf('ffmpeg')} ${ffmpegArgv(field, id).join(' ')}`,
        'autostart=false\nautorestart=true\nstartretries=1000000',
        'stdout_logfile=/dev/null\nstderr_logfile=/dev/null\n',
      ].join('\n'),
    );
  const own = [
    `[unix_http_server]\nfile=${socket}\n`,
    `[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=${directory}/pid\n`,
    '[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n',
    `[supervisorctl]\nserverurl=unix://${socket}\n`,
  ];
  writeFileSync(conf, [...own, ...programs].join('\n'));
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory };
  const ctl = (...argv: string[]): ReturnType<typeof run> => run('supervisorctl', ['-c', conf, ...argv], env, directory);
  const order = async (action: string, ids: readonly string[]): Promise<void> => {
    session.check();
    checked(`supervisorctl ${action}`, await ctl(action, ...ids));
  };
  let daemon: ChildProcess | undefined;
  const up = async (): Promise<void> => {
    daemon = detached('supervisord', ['-c', conf], env);
    await session.until('supervisord answers', async () => (await ctl('pid')).code === 0, { everyMs: 200, limitMs: 30_000 });
  };
  return {
    name: 'supervisord',
    version: version.stdout.trim(),
    status: async () => {
      const ran = await ctl('status');
      // 3: some program does not run, as here most of them.
      return ran.code === 3 ? { ...ran, code: 0 } : ran;
    },
    up,
    start: (ids) => order('start', ids),
    stop: (ids) => order('stop', ids),
    managers: () => [daemon?.pid ?? []].flat(),
    mainPid: () => daemon?.pid,
    async again(id) {
      await up();
      await order('start', [id]);
    },
    playlist: legUrl(field),
    async close() {
      await ctl('shutdown').catch(() => undefined);
      if (daemon?.pid !== undefined) kill(daemon.pid);
    },
  };
}

export function createShellLoop(field: Field): Peer {
  const loop = (id: string): ChildProcess =>
    detached('sh', ['-c', 'while :; do "$@"; sleep 1; done', 'sh', 'ffmpeg', ...ffmpegArgv(field, id)]);
  return createUnmanaged(field, 'shell loop', loop, (pids) => pids);
}

export function createPlain(field: Field): Peer {
  return createUnmanaged(
    field,
    'plain ffmpeg',
    (id) => detached('ffmpeg', ffmpegArgv(field, id)),
    () => [],
  );
}

function createUnmanaged(
  field: Field,
  name: 'shell loop' | 'plain ffmpeg',
  begin: (id: string) => ChildProcess,
  managersOf: (pids: readonly number[]) => readonly number[],
): Peer {
  const begun = new Map<string, number[]>();
  const start = async (ids: readonly string[]): Promise<void> => {
    field.session.check();
    for (const id of ids) begun.set(id, [...(begun.get(id) ?? []), begin(id).pid ?? []].flat());
  };
  const stop = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) {
      for (const pid of begun.get(id) ?? []) kill(pid);
      begun.delete(id);
      killJobs(field, id);
    }
  };
  const managers = (): readonly number[] => managersOf([...begun.values()].flat());
  return {
    name,
    version: '',
    status: undefined,
    up: async () => undefined,
    start,
    stop,
    managers,
    mainPid: () => managers()[0],
    again: (id) => start([id]),
    playlist: legUrl(field),
    close: () => stop([...begun.keys()]),
  };
}

function legUrl({ stack }: Field): (id: string) => string {
  return (id) => `${stack.url}/hls/${id}.m3u8`;
}

function pathOf(program: string): string {
  const found = (process.env['PATH'] ?? '').split(':').find((folder) => existsSync(join(folder, program)));
  if (found === undefined) throw new Error(`${program} is not in the PATH`);
  return join(found, program);
}

function pidIn(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const pid = Number(readFileSync(path, 'utf8'));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}
