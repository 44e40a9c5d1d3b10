// The flags every command knows, read before the real parsing so that even a parse error is shown as they ask.

export interface Globals {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** undefined: decide by environment and terminal. */
  readonly color: boolean | undefined;
  /** The value of `--config`. */
  readonly config: string | undefined;
}

/** The last of contradicting flags wins; nothing after `--` is a flag. */
export function readGlobals(argv: readonly string[]): Globals {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const has = (...names: readonly string[]): boolean => flags.some((flag) => names.includes(flag));
  const color = flags.findLast((flag) => flag === '--color' || flag === '--no-color');
  return {
    json: has('--json'),
    quiet: has('--quiet') || hasShort(flags, 'q'),
    verbose: has('--verbose') || hasShort(flags, 'v'),
    color: color === undefined ? undefined : color === '--color',
    config: configValue(flags),
  };
}

/** The first word that is not a flag: the command's name. */
export function findCommandName(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--config') index += 1;
    else if (word === '--' || !word.startsWith('-')) return word === '--' ? undefined : word;
  }
  return undefined;
}

/** Removes `--config <path>`: inside the container the list has its own place. */
export function withoutConfigFlag(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  const limit = end === -1 ? argv.length : end;
  return argv.filter((word, index) => {
    if (index >= limit) return true;
    return word !== '--config' && !word.startsWith('--config=') && argv[index - 1] !== '--config';
  });
}

function configValue(flags: readonly string[]): string | undefined {
  let found: string | undefined;
  flags.forEach((flag, index) => {
    if (flag === '--config') found = flags[index + 1];
    else if (flag.startsWith('--config=')) found = flag.slice('--config='.length);
  });
  return found;
}

/** `-q` alone or in a bundle of letters such as `-qf`. */
function hasShort(flags: readonly string[], letter: string): boolean {
  return flags.some((flag) => /^-[a-zA-Z]+$/.test(flag) && flag.includes(letter));
}
