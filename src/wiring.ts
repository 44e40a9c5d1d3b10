// Builds the context of a command out of the real ports and stacks; everything is made when it is first used.

import type { Context } from './commands/context.ts';
import type { ControlClient } from './control/protocol.ts';
import type { Config, RuntimeChoice } from './core/config.ts';
import { AppError } from './core/errors.ts';
import { ExitCode } from './core/exit-codes.ts';
import type { Ports } from './core/ports.ts';
import { stateDirectory, statePaths } from './core/state-paths.ts';
import type { ListAnswer } from './list-reader.ts';
import { readKeeper, superviseUnderLock, supervisorFlags } from './supervisor-process.ts';
import type { Stack } from './stack/stack.ts';
import { findCommandName } from './ui/globals.ts';
import { absolute, once, onceFor, onSignal, ownVariables, runBeside, runtimeFromEnvironment, sleep } from './wiring-parts.ts';
import { describeTerminals } from './ui/streams.ts';

export interface Launch {
  /** The words after `iptv`. */
  readonly argv: readonly string[];
  readonly version: string;
  /** Absolute path of the package. */
  readonly root: string;
}

export type Given = Pick<Context, 'configFlag' | 'streams' | 'interrupt' | 'finish'> & { readonly launch: Launch };

/** A batch of 200 channels, two at a time, with a jitter of hours; what needs longer hangs. */
const longestBatchMs = 24 * 60 * 60_000;

/** Asked every few seconds by monitors. */
const questions = ['status', 'is-healthy', 'events', 'why'];

export function createContext(given: Given): Context {
  const { launch } = given;
  const env = process.env;
  const cwd = process.cwd();
  const isRoot = process.getuid?.() === 0;
  // Absolute and without a trailing slash: the supervisor runs elsewhere, and jobs are found by this very text.
  const paths = statePaths(absolute(cwd, stateDirectory(env, isRoot)), env['XDG_RUNTIME_DIR']);

  const ports = once(async () => (await import('./platform/ports.ts')).createPorts());
  const place = async () => ({ env, cwd, flag: given.configFlag, files: (await ports()).files });
  const loadConfig = async (path?: string): Promise<Config> => {
    const { loadConfig: load } = await import('./commands/load-config.ts');
    const usual = await place();
    return load(path === undefined ? usual : { ...usual, flag: path }, process.getBuiltinModule('node:util').parseEnv);
  };

  async function openStack(choice: RuntimeChoice | undefined): Promise<Stack> {
    const [{ selectStack }, { createLocalStack }, open] = await Promise.all([
      import('./stack/select.ts'),
      import('./stack/local.ts'),
      ports(),
    ]);
    const inside = env['IPTV_INSIDE'] === '1';
    let configPath = '';
    const local = (): Stack =>
      createLocalStack({
        ports: open,
        paths,
        version: launch.version,
        env,
        inside,
        keeper: `${launch.root}/bin/keep-supervisor.sh`,
        self: [process.execPath, ...supervisorFlags, `${launch.root}/bin/iptv.js`],
        configPath: () => configPath,
        preflight: async (progress) => {
          const config = await loadConfig();
          configPath = config.path;
          const { checkBeforeStart } = await import('./commands/preflight.ts');
          await checkBeforeStart({ config, ports: open, paths, isRoot, inside, progress });
        },
      });
    const compose = () => import('./stack/compose.ts');
    return selectStack({
      choice: inside ? 'local' : (choice ?? runtimeFromEnvironment(env['IPTV_RUNTIME'])),
      configured: configuredRuntime,
      isQuestion,
      files: open.files,
      paths,
      dockerAnswers: async () => (await compose()).dockerAnswers(open),
      dockerIsUp: async () => (await compose()).composeIsUp(open, env),
      local,
      docker: async () => {
        const [{ createComposeStack }, { runInherited }, { runPiped }] = await Promise.all([
          compose(),
          import('./platform/run-inherited.ts'),
          import('./platform/run-piped.ts'),
        ]);
        return createComposeStack({
          ports: open,
          env,
          root: launch.root,
          version: launch.version,
          loadConfig,
          runInherited: (file, argv, { stdin }) => runInherited(file, argv, { stdin, interrupt: given.interrupt }),
          runPiped: (file, argv, { stdin, stderr }) => runPiped(file, argv, { stdin, stderr, interrupt: given.interrupt }),
          describeTerminals: () => describeTerminals(given.streams),
        });
      },
    });
  }

  /** A missing or broken list says nothing about where things run; whoever needs the list complains about it. */
  async function configuredRuntime(): Promise<RuntimeChoice> {
    try {
      return (await loadConfig()).server.runtime;
    } catch (error) {
      if (error instanceof AppError && error.exitCode === ExitCode.configInvalid) return 'auto';
      throw error;
    }
  }

  const isQuestion = questions.includes(findCommandName(launch.argv) ?? '');

  /** The same rule as in `selectStack`, asked without loading any port. */
  function localSocketDecides(choice: RuntimeChoice | undefined): boolean {
    if (!isQuestion || env['IPTV_INSIDE'] === '1' || (choice ?? env['IPTV_RUNTIME']) === 'docker') return false;
    return process.getBuiltinModule('node:fs').existsSync(paths.socket);
  }

  const context: Context = {
    version: launch.version,
    env,
    cwd,
    argv: launch.argv,
    configFlag: given.configFlag,
    streams: given.streams,
    interrupt: given.interrupt,
    now: Date.now,
    sleep: (delayMs) => sleep(delayMs, given.interrupt),
    ports,
    openKeyboard: async () => (await import('./platform/keyboard.ts')).openKeyboard(),
    runBeside: (argv) => runBeside(`${launch.root}/bin/iptv.js`, argv),
    holdLock: async (path, waitMs) => (await import('./platform/hold-lock.ts')).holdLock(path, waitMs),
    paths,
    loadConfig,
    selectStack: onceFor(async (choice) =>
      localSocketDecides(choice) ? questionFirst(paths.socket, () => openStack(choice)) : openStack(choice),
    ),
    ffmpegFacts: async () => {
      const [{ findTools }, { readFfmpegFacts }, { missingTools }] = await Promise.all([
        import('./stack/tools.ts'),
        import('./run/ffmpeg-cache.ts'),
        import('./commands/preflight.ts'),
      ]);
      const { ffmpeg } = await findTools(await ports());
      const facts = ffmpeg === undefined ? undefined : await readFfmpegFacts(await ports(), ffmpeg, paths.ffmpegFacts);
      if (facts === undefined) throw missingTools(['ffmpeg']);
      return facts;
    },
    sourceFacts: async (streamId, source) => {
      const { readSourceFacts } = await import('./commands/source-facts.ts');
      return readSourceFacts((await ports()).files, paths.facts, streamId, source);
    },
    setup: async (progress) => {
      const { installPrerequisites } = await import('./stack/setup.ts');
      await installPrerequisites({ ports: await ports(), isRoot, say: progress });
    },
    supervise: async () => {
      const early = env['IPTV_LOCKED'] === '1' ? await (await import('./wiring-early.ts')).openEarlyChannels(paths) : undefined;
      const [{ supervise }, { findConfigFile }, open] = await Promise.all([
        import('./supervise.ts'),
        import('./commands/load-config.ts'),
        ports(),
      ]);
      if (env['IPTV_LOCKED'] !== '1')
        return superviseUnderLock(`${launch.root}/bin/iptv.js`, paths, await findConfigFile(await place()), open);
      // One that was named may be missing for a moment, or for long: then the list of before stands in.
      const named = given.configFlag ?? (env['IPTV_CONFIG'] || undefined);
      const configPath = named === undefined ? await findConfigFile(await place()) : absolute(cwd, named);
      const template = await readAsset(open, launch.root, 'docker/nginx/nginx.conf.template');
      const edgeTemplate = await readAsset(open, launch.root, 'docker/edge/edge.conf.template');
      return supervise({
        ports: open,
        paths,
        configPath,
        readList: async () => (await import('./list-reader.ts')).readListInChild(`${launch.root}/bin/iptv.js`, configPath, env),
        runtime: env['IPTV_RUNTIME'] === 'docker' ? 'docker' : 'local',
        version: launch.version,
        isRoot,
        keeper: readKeeper(env),
        // In a container, under systemd or by hand somebody reads what we print; a supervisor that a command started has nobody.
        ...(env['IPTV_DETACHED'] === '1'
          ? {}
          : { mirror: (name: string, line: string) => given.streams.out.write(`${line.replace(' ', ` ${name} `)}\n`) }),
        runSelf: (words) =>
          open.process.run(process.execPath, [`${launch.root}/bin/iptv.js`, '--config', configPath, ...words], {
            timeoutMs: longestBatchMs,
            env: ownVariables(env, paths.directory),
          }),
        readTemplate: (name) => (name === 'edge' ? edgeTemplate : template),
        ...(early === undefined ? {} : { early }),
        onSignal,
        onBug: (handler) => process.on('uncaughtException', handler),
      });
    },
    confirm:
      process.stdin.isTTY && given.streams.err.isTerminal && !given.streams.json
        ? (question) => confirm(question, given.interrupt)
        : undefined,
    root: launch.root,
    self: {
      node: process.execPath,
      nodeFlags: supervisorFlags,
      bin: `${launch.root}/bin/iptv.js`,
      stateDirectory: paths.directory,
      lockPath: paths.lock,
      isRoot,
    },
    ...(process.send === undefined ? {} : { answerParent: () => answerParent(context, paths.ffmpegFacts) }),
    readAsset: async (name) => readAsset(await ports(), launch.root, name),
    wholeProgram: async () => {
      const { createProgram } = await import('./commands/program.ts');
      return createProgram(context);
    },
    finish: given.finish,
  };
  return context;
}

/** A question to a running local supervisor needs its socket and nothing else: the real stack is opened for anything more. */
function questionFirst(socket: string, open: () => Promise<Stack>): Stack {
  const stack = once(open);
  const connect = async (): Promise<ControlClient | undefined> => {
    const [{ connectControl }, { controlProtocol }] = await Promise.all([import('./control/client.ts'), import('./control/protocol.ts')]);
    const client = await connectControl(socket);
    return client === undefined || client.hello.protocol === controlProtocol ? client : (await stack()).connect();
  };
  return {
    runtime: 'local',
    connect,
    ensure: async (progress) => (await connect()) ?? (await stack()).ensure(progress),
    up: async (progress) => (await stack()).up(progress),
    down: async (progress) => (await stack()).down(progress),
    logFiles: async () => (await stack()).logFiles(),
  };
}

/** The list travels over the channel that fork(3) made, never over stdout: it holds secrets. */
async function answerParent(context: Context, factsPath: string): Promise<void> {
  const { errorDetails } = await import('./list-reader.ts');
  const ports = await context.ports();
  let answer: ListAnswer;
  try {
    answer = { config: await context.loadConfig() };
    const [{ findTools }, { readFfmpegFacts }] = await Promise.all([import('./stack/tools.ts'), import('./run/ffmpeg-cache.ts')]);
    const { ffmpeg } = await findTools(ports);
    // Remembered in a file, where the supervisor finds it without asking again.
    if (ffmpeg !== undefined) await readFfmpegFacts(ports, ffmpeg, factsPath);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    answer = { error: errorDetails(error) };
  }
  await new Promise<void>((resolve) => process.send?.(answer, () => resolve()));
  process.disconnect?.();
}

async function readAsset(ports: Ports, root: string, name: string): Promise<string> {
  const text = await ports.files.readText(`${root}/${name}`);
  if (text === undefined) throw new Error(`${name} is missing from this installation of iptv (${root})`);
  return text;
}

/** Anything but a clear yes is a no, and so is Ctrl-C. */
async function confirm(question: string, interrupt: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await reader.question(`${question} [y/N] `, { signal: interrupt })).trim());
  } catch {
    return false;
  } finally {
    reader.close();
  }
}
