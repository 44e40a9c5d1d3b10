// What a command may use of the world; main.ts builds it, tests build their own.

import type { Config, RuntimeChoice, SourceConfig } from '../core/config.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { FfmpegFacts, SourceFacts } from '../core/facts.ts';
import type { Ports } from '../core/ports.ts';
import type { StatePaths } from '../core/state-paths.ts';
import type { Progress, Stack } from '../stack/stack.ts';
import type { Streams } from '../ui/streams.ts';
import type { Program } from './program.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Keys as words: a letter as it is, `up`, `enter`, `ctrl-c` ... */
export interface Keyboard {
  /** The keys pressed since the last call. */
  take(): readonly string[];
  /** Resolves when a key is pressed or the time is over. */
  wait(limitMs: number): Promise<void>;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Another `iptv` that writes to this terminal and reads nothing. */
export interface Beside {
  readonly ended: Promise<void>;
  end(): void;
}

/** Everything that costs time to load or to ask is a function, so that a command pays only for what it uses. */
export interface Context {
  readonly version: string;
  readonly env: Environment;
  readonly cwd: string;
  /** What the user typed after `iptv`. */
  readonly argv: readonly string[];
  /** The value of `--config`. */
  readonly configFlag: string | undefined;
  readonly streams: Streams;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly interrupt: AbortSignal;
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Ends early, without an error, when the user interrupts. */
  sleep(delayMs: number): Promise<void>;
  ports(): Promise<Ports>;
  /** A lock file, held until it is released or this process ends; undefined: somebody else held it for all of `waitMs`. */
  holdLock(path: string, waitMs: number): Promise<{ release(): void } | undefined>;
  /** Where the supervisor of this user and machine keeps its things, whether it runs or not. */
  readonly paths: StatePaths;
  /** The checked streams.yaml; `path` overrides the search. Throws AppError `no-config` or `config-invalid`. */
  loadConfig(path?: string): Promise<Config>;
  /** undefined when standard input is no terminal. */
  openKeyboard(): Promise<Keyboard | undefined>;
  runBeside(argv: readonly string[]): Beside;
  selectStack(choice?: RuntimeChoice): Promise<Stack>;
  ffmpegFacts(): Promise<FfmpegFacts>;
  /** What was learned about the source when it last ran; undefined before that. */
  sourceFacts(streamId: string, source: SourceConfig): Promise<SourceFacts | undefined>;
  /** Installs what the local runtime needs from the distribution, or says which packages. */
  setup(progress: Progress): Promise<void>;
  /** Runs the supervisor in this process until it is told to end. */
  supervise(): Promise<number>;
  /** Asks a question that `y` answers with yes; undefined where nobody can be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  /** Absolute path of the package. */
  readonly root: string;
  /** How this very program is run by others: cron, systemd. */
  readonly self: {
    readonly node: string;
    /** Node's own flags for a supervisor. */
    readonly nodeFlags: readonly string[];
    readonly bin: string;
    readonly stateDirectory: string;
    readonly lockPath: string;
    readonly isRoot: boolean;
  };
  /** Sends the list, or why there is none, to the supervisor that started this process; undefined when none did. */
  readonly answerParent?: () => Promise<void>;
  /** Text of a file that ships with the package, such as `streams.yaml`. */
  readAsset(name: string): Promise<string>;
  /** The command tree with every command's flags, for help and completion. */
  wholeProgram(): Promise<Program>;
  /** Records how the command ends. */
  finish(code: ExitCode): void;
}
