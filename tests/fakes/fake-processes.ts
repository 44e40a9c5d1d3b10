// A process table in memory: starts, signals and ends are recorded; nothing real runs.

import type { Daemon, DaemonSpec, ExitInfo, ProcessInfo, ProcessPort } from '../../src/core/ports.ts';

export interface FakeProcess {
  readonly pid: number;
  readonly startTime: string;
  readonly spec: DaemonSpec | undefined;
  readonly signals: string[];
  alive: boolean;
  /** As in proc(5). */
  state: string;
  /** Ends it as the kernel would. */
  end(exit: ExitInfo): void;
}

export interface FakeProcesses extends ProcessPort {
  readonly started: FakeProcess[];
  readonly living: () => readonly FakeProcess[];
  /** What a process does when it is signalled; the default ends it. */
  onSignal: (process: FakeProcess, signal: string) => void;
  /** Makes the next start fail. */
  failNext: Error | undefined;
  /** A process that is there already, such as one of an earlier supervisor. */
  plant(env?: Readonly<Record<string, string>>): FakeProcess;
}

export function createFakeProcesses(): FakeProcesses {
  const table: { process: FakeProcess; env: Readonly<Record<string, string>> }[] = [];
  const started: FakeProcess[] = [];
  let nextPid = 100;

  function add(spec: DaemonSpec | undefined, env: Readonly<Record<string, string>>): { process: FakeProcess; exited: Promise<ExitInfo> } {
    const { promise, resolve } = Promise.withResolvers<ExitInfo>();
    nextPid += 1;
    const process: FakeProcess = {
      pid: nextPid,
      startTime: String(nextPid * 10),
      spec,
      signals: [],
      alive: true,
      state: 'S',
      end(exit) {
        process.alive = false;
        resolve(exit);
      },
    };
    table.push({ process, env });
    return { process, exited: promise };
  }

  const info = (process: FakeProcess): ProcessInfo => ({
    pid: process.pid,
    startTime: process.startTime,
    state: process.state,
    parentPid: 1,
    groupId: process.pid,
  });
  const find = (pid: number, startTime: string): FakeProcess | undefined =>
    table.find(({ process }) => process.pid === pid && process.startTime === startTime && process.alive)?.process;

  const fake: FakeProcesses = {
    pid: 1,
    started,
    failNext: undefined,
    living: () => table.filter(({ process }) => process.alive).map(({ process }) => process),
    onSignal: (process, signal) => process.end({ code: undefined, signal }),
    plant: (env = {}) => add(undefined, env).process,
    run: () => Promise.reject(new Error('not in this fake')),
    async startDaemon(spec): Promise<Daemon> {
      const failure = fake.failNext;
      fake.failNext = undefined;
      if (failure !== undefined) throw failure;
      const { process, exited } = add(spec, spec.env);
      started.push(process);
      return { pid: process.pid, startTime: process.startTime, exited };
    },
    signalGroup(pid, startTime, signal) {
      const process = find(pid, startTime);
      if (process === undefined) return false;
      process.signals.push(signal);
      fake.onSignal(process, signal);
      return true;
    },
    signal: (pid, startTime, signal) => fake.signalGroup(pid, startTime, signal),
    usage: () => undefined,
    inspect(pid) {
      const entry = table.find(({ process }) => process.pid === pid && process.alive);
      return entry === undefined ? undefined : info(entry.process);
    },
    vitals: () => undefined,
    groupMembers: () => [],
    findMarked: (name, value) =>
      table.filter(({ process, env }) => process.alive && env[name] === value).map(({ process, env }) => ({ ...info(process), env })),
  };
  return fake;
}
