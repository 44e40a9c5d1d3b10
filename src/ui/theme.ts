// Colours by meaning; the only file that knows chalk.

import { Chalk } from 'chalk';

type Paint = (text: string) => string;

export interface Theme {
  readonly good: Paint;
  readonly warning: Paint;
  readonly bad: Paint;
  readonly dim: Paint;
  readonly strong: Paint;
  readonly command: Paint;
  /** One of a few colours, the same for the same name. */
  readonly byName: (name: string) => Paint;
}

/** Sixteen colours only: they follow the user's own terminal scheme. */
export function createTheme(hasColor: boolean): Theme {
  const chalk = new Chalk({ level: hasColor ? 1 : 0 });
  const names = [chalk.cyan, chalk.magenta, chalk.blue, chalk.green, chalk.yellow, chalk.cyanBright, chalk.magentaBright, chalk.blueBright];
  return {
    good: chalk.green,
    warning: chalk.yellow,
    bad: chalk.red,
    dim: chalk.dim,
    strong: chalk.bold,
    command: chalk.cyan,
    byName: (name) => names[sumOf(name) % names.length] ?? chalk.cyan,
  };
}

function sumOf(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521, 7);
}
