// Faults of the docker runtime: containers are killed, recreated, paused; the daemon restarts where that is allowed.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { StatusDocument } from '../../src/core/status.ts';
import { createProject, root, run, type Project } from '../docker/docker.ts';
import type { PlayerHouse } from '../helpers/browser-player.ts';
import { kill } from '../helpers/stack.ts';
import { cannotRestartDaemon, restartDaemon } from './docker-daemon.ts';
import type { Limits, Outcome } from './fault.ts';
import { figuresOf, judge, recover } from './run-fault.ts';
import { createStage, type Stage } from './stage.ts';

interface DockerScene extends Stage {
  readonly project: Project;
  status(): Promise<StatusDocument>;
  iptv(...argv: readonly string[]): ReturnType<typeof run>;
  /** Pid on this host of the first process of a service's container. */
  pid(service: Service): Promise<number>;
}

type Service = 'backend' | 'nginx-rtmp';

interface DockerFault {
  readonly id: string;
  readonly name: string;
  readonly inject: (scene: DockerScene) => Promise<void>;
  readonly limits?: Limits;
  readonly needs?: () => string | undefined;
}

const startMinutes = 15;
const recoverySeconds = 120;

/** The container is made anew from the same image, as an upgrade does. */
function recreate(service: Service): DockerFault['inject'] {
  return async (scene) => {
    await scene.project.compose('compat', 'up', '-d', '--no-build', '--force-recreate', '--no-deps', service);
  };
}

/** Not `docker kill`, after which the restart policy would leave it alone. */
function killed(service: Service): DockerFault['inject'] {
  return async (scene) => kill(await scene.pid(service));
}

function paused(service: Service, seconds: number): DockerFault['inject'] {
  return async (scene) => {
    await scene.project.compose('compat', 'pause', service);
    await scene.sleep(seconds);
    await scene.project.compose('compat', 'unpause', service);
  };
}

const dockerFaults: readonly DockerFault[] = [
  { id: '44', name: 'backend container recreated', inject: recreate('backend'), limits: { stallSeconds: 45 } },
  {
    id: '44b',
    name: 'nginx-rtmp container recreated',
    inject: recreate('nginx-rtmp'),
    limits: { stallSeconds: 45, unreachableSeconds: 20 },
  },
  { id: '44c', name: 'backend container SIGKILLed', inject: killed('backend'), limits: { stallSeconds: 30 } },
  {
    id: '44d',
    name: 'nginx-rtmp container SIGKILLed',
    inject: killed('nginx-rtmp'),
    limits: { stallSeconds: 30, unreachableSeconds: 15 },
  },
  { id: '44e', name: 'backend container paused for 10 s', inject: paused('backend', 10), limits: { stallSeconds: 20 } },
  {
    id: '44f',
    name: 'nginx-rtmp container paused for 10 s',
    inject: paused('nginx-rtmp', 10),
    limits: { stallSeconds: 30, unreachableSeconds: 15 },
  },
  {
    id: '44g',
    name: 'both containers SIGKILLed in the same moment, as by a reboot or a restart of the daemon',
    async inject(scene) {
      const pids = [await scene.pid('backend'), await scene.pid('nginx-rtmp')];
      for (const pid of pids) kill(pid);
    },
    limits: { stallSeconds: 45, unreachableSeconds: 20 },
  },
  {
    id: '45',
    name: 'Docker daemon restarted',
    needs: cannotRestartDaemon,
    inject: restartDaemon,
    // Everything is away for seconds: nobody can be answered.
    limits: { stallSeconds: 120, unreachableSeconds: 90, mayReload: true },
  },
];

export const dockerIds: readonly { readonly id: string; readonly name: string }[] = dockerFaults.map(({ id, name }) => ({ id, name }));

/** One Compose stack for all of them. */
export async function runDockerFaults(ids: readonly string[], house: PlayerHouse, report: (outcome: Outcome) => void): Promise<void> {
  const chosen = dockerFaults.filter(({ id }) => ids.includes(id));
  const missing = hasDocker() ? undefined : 'needs a Docker engine with Compose';
  const able = chosen.filter((fault) => {
    const why = missing ?? fault.needs?.();
    if (why !== undefined) report({ id: fault.id, name: fault.name, result: 'skipped', problems: [why], notes: [], seconds: 0 });
    return why === undefined;
  });
  if (able.length === 0) return;
  let scene: DockerScene | undefined;
  try {
    scene = await openScene(house);
    for (const fault of able) report(await runOne(fault, scene));
  } catch (error) {
    const name = 'the Compose stack';
    report({ id: '44', name, result: 'FAILED', problems: [error instanceof Error ? error.message : String(error)], notes: [], seconds: 0 });
  } finally {
    await scene?.close();
  }
}

function hasDocker(): boolean {
  return [['version'], ['compose', 'version']].every(
    (argv) => spawnSync('docker', argv, { stdio: 'ignore', timeout: 20_000 }).status === 0,
  );
}

async function openScene(house: PlayerHouse): Promise<DockerScene> {
  const project = await createProject('chaos');
  const directory = mkdtempSync(join(tmpdir(), 'iptv-chaos-'));
  chmodSync(directory, 0o755);
  const server = `server: { runtime: docker, ports: { public: ${project.port} } }`;
  const streams = 'streams:\n  - id: news\n    source: test:?size=320x180&fps=25';
  writeFileSync(join(directory, 'streams.yaml'), `version: 1\n${server}\n${streams}\n`);
  const env = { COMPOSE_PROJECT_NAME: project.name, IPTV_STATE_DIR: join(directory, 'state'), IPTV_RUNTIME: '', IPTV_CONFIG: '' };
  const iptv = (...argv: readonly string[]): ReturnType<typeof run> =>
    run(process.execPath, [join(root, 'bin/iptv.js'), ...argv], { cwd: directory, env, timeoutMs: startMinutes * 60_000 });
  const status = async (): Promise<StatusDocument> => JSON.parse((await iptv('status', '--json')).stdout) as StatusDocument;
  const stage = createStage(house, async () => {
    const [news] = (await status()).streams;
    if (news === undefined) throw new Error('no stream');
    return news;
  });
  // `compose up` by hand must see the settings that `iptv up` passed on.
  const withConfig: Project = {
    ...project,
    compose: async (permissions, ...argv) => {
      const files = ['-f', join(root, 'docker/docker-compose.yml')];
      const ran = await run('docker', ['compose', '--ansi', 'never', ...files, ...argv], {
        env: { ...project.env, IPTV_CONFIG_DIR: directory, IPTV_PERMISSIONS: permissions },
      });
      if (ran.code !== 0) throw new Error(`docker compose ${argv.join(' ')}: ${ran.stderr}`);
      return ran.stdout;
    },
  };
  stage.defer(() => rmSync(directory, { recursive: true, force: true }));
  stage.defer(() => project.remove());
  const scene: DockerScene = {
    ...stage,
    project: withConfig,
    status,
    iptv,
    async pid(service) {
      const id = await project.container(service);
      return Number((await run('docker', ['inspect', '-f', '{{.State.Pid}}', id])).stdout);
    },
  };
  try {
    const up = await iptv('up');
    if (up.code !== 0) throw new Error(`iptv up ended with ${up.code}: ${up.stderr}`);
    const started = await iptv('start', 'news', '--wait', '--timeout', '60s');
    if (started.code !== 0) throw new Error(`start ended with ${started.code}: ${started.stderr}`);
    await scene.openViewers();
    await scene.sleep(5);
    return scene;
  } catch (error) {
    await scene.close();
    throw error;
  }
}

async function runOne({ id, name, inject, limits = {} }: DockerFault, scene: DockerScene): Promise<Outcome> {
  const began = performance.now();
  const problems: string[] = [];
  await scene.mark();
  try {
    await inject(scene);
    await recover(scene, recoverySeconds);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  const player = await scene.player().report();
  const watch = scene.watch().report();
  const viewer = figuresOf(player, watch);
  problems.push(...judge(viewer, watch, player, limits));
  const result = problems.length === 0 ? 'ok' : 'FAILED';
  return { id, name, result, problems, notes: [], viewer, player, watch, seconds: Math.round((performance.now() - began) / 100) / 10 };
}
