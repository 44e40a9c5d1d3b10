// One piece of a command line while it is being planned: its raw arguments, and how they may be shown.

export interface Step {
  readonly args: readonly string[];
  readonly why: string;
  /** The printable form where `args` hold a secret that no pattern would find. */
  readonly shown?: readonly string[];
}

export function step(args: readonly string[], why: string, shown?: readonly string[]): Step {
  return shown === undefined ? { args, why } : { args, why, shown };
}

export function option(name: string, value: string | number, why: string): Step {
  return step([`-${name}`, String(value)], why);
}
