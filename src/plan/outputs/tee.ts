// The argument of ffmpeg's tee muxer: several outputs, each with its own options, in one string.

export interface SlaveOption {
  readonly name: string;
  /** A list of pairs is a dictionary inside the dictionary, such as `fifo_options`. */
  readonly value: string | number | readonly (readonly [name: string, value: string | number])[];
  readonly why: string;
}

export interface Slave {
  readonly options: readonly SlaveOption[];
  readonly target: string;
}

/** ffmpeg takes the string apart three times: at `|`, then at `:` and `]`, then dictionaries at `:` and `=`. */
export function teeArgument(slaves: readonly Slave[]): string {
  return slaves.map((slave) => escape(`[${slave.options.map(pair).join(':')}]`, '|') + escape(slave.target, '|')).join('|');
}

function pair({ name, value }: SlaveOption): string {
  const text = typeof value === 'object' ? value.map(([key, item]) => `${key}=${escape(String(item), ':=')}`).join(':') : String(value);
  return `${name}=${escape(text, ':]')}`;
}

/** Reverses av_get_token: backslash and quote always count, blanks only at either end. */
function escape(text: string, specials: string): string {
  const counts = (char: string, index: number, all: readonly string[]): boolean =>
    `\\'${specials}`.includes(char) || (/\s/.test(char) && (index === 0 || index === all.length - 1));
  return [...text].map((char, index, all) => (counts(char, index, all) ? `\\${char}` : char)).join('');
}
