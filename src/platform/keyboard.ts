// Single keys from a terminal: raw mode while it is open, words instead of escape sequences.

/** ECMA-48 and xterm sequences of the keys that are known here; anything else that begins with ESC is passed over. */
const sequences: Readonly<Record<string, string>> = {
  '\u001B[A': 'up',
  '\u001BOA': 'up',
  '\u001B[B': 'down',
  '\u001BOB': 'down',
  '\u001B[5~': 'page-up',
  '\u001B[6~': 'page-down',
  '\u001B[H': 'home',
  '\u001BOH': 'home',
  '\u001B[1~': 'home',
  '\u001B[F': 'end',
  '\u001BOF': 'end',
  '\u001B[4~': 'end',
  '\u001B': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  '\u007F': 'backspace',
  '\b': 'backspace',
  '\u0003': 'ctrl-c',
  '\u0004': 'ctrl-d',
};

export function parseKeys(text: string): readonly string[] {
  // oxlint-disable-next-line no-control-regex -- ESC and control characters are what keys send
  return [...text.matchAll(/\u001B\[[\d;]*[~A-Za-z]|\u001BO[A-Z]|[\s\S]/gu)].flatMap(([piece]) => {
    const word = sequences[piece];
    if (word !== undefined) return [word];
    return piece >= ' ' && !piece.startsWith('\u001B') ? [piece] : [];
  });
}

export interface RawKeyboard {
  take(): readonly string[];
  wait(limitMs: number): Promise<void>;
  close(): void;
}

export function openKeyboard(): RawKeyboard | undefined {
  const { stdin } = process;
  if (!stdin.isTTY) return undefined;
  let keys: string[] = [];
  let wake: (() => void) | undefined;
  const onData = (chunk: Buffer): void => {
    keys.push(...parseKeys(chunk.toString('utf8')));
    wake?.();
  };
  // A terminal that is gone (ssh broke off) must not leave us drawing for nobody.
  const onEnd = (): void => {
    keys.push('ctrl-d');
    wake?.();
  };
  const onResize = (): void => wake?.();
  stdin.setRawMode(true);
  stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
  process.on('SIGWINCH', onResize);
  stdin.resume();
  return {
    take() {
      const taken = keys;
      keys = [];
      return taken;
    },
    wait: (limitMs) =>
      new Promise((resolve) => {
        if (keys.length > 0) return resolve();
        const timer = setTimeout(resolve, limitMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close() {
      stdin.off('data', onData).off('end', onEnd).off('error', onEnd);
      process.off('SIGWINCH', onResize);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
