// `iptv top`: a live view of all channels on a terminal, with keys to look closer and to act.

import type { Command } from 'commander';

import type { ControlClient } from '../control/protocol.ts';
import { AppError, usageError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { canMove, clearedAfter } from '../ui/screen.ts';
import { createTheme } from '../ui/theme.ts';
import type { CommandHelp, Run } from './command.ts';
import type { Context, Keyboard } from './context.ts';
import { connect } from './not-running.ts';
import { initialTop, topStep, type TopEffect, type TopEvent } from './top/model.ts';
import { renderTop } from './top/view.ts';

export interface TopOptions {
  readonly intervalMs: number;
}

export const help: CommandHelp = {
  purpose:
    'Watch all channels: those in trouble first, then by viewers. Bitrate over the last minute, age of the newest segment of both legs, restarts, source and verdict. Keys filter, sort, restart, and open logs, doctor and the story of the chosen channel.',
  examples: [
    ['iptv top', 'q quits'],
    ['iptv status --json', 'the same for programs'],
  ],
};

export function declare(command: Command, context: Context, run: Run<TopOptions>): void {
  command.action(async () => {
    context.finish(await run({ intervalMs: 1000 }, context));
  });
}

// xterm's private modes: 1049 is the alternate screen, 25 the cursor, 7 the wrapping of long lines.
const enter = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const leave = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const keyPollMs = 50;

export async function run(options: TopOptions, context: Context): Promise<ExitCode> {
  const { out, json } = context.streams;
  if (!out.isTerminal || json) throw usageError('iptv top needs a terminal', 'iptv status --watch');
  if (!canMove(context.env)) throw usageError('iptv top cannot draw on this terminal: TERM is dumb', 'iptv status --watch');
  const keyboard = await context.openKeyboard();
  if (keyboard === undefined) throw usageError('iptv top needs a keyboard: its standard input is not a terminal', 'iptv status --watch');
  let state = initialTop;
  let drawn = '';
  let size = '';
  let nextLook = 0;
  let client: ControlClient | undefined = await connect(context).catch((error: unknown) => {
    keyboard.close();
    throw error;
  });
  const theme = createTheme(out.hasColor);
  const send = (event: TopEvent): TopEffect | undefined => {
    const step = topStep(state, event);
    state = step.state;
    return step.effect;
  };
  const draw = (): void => {
    const now = `${out.columns}x${out.rows}`;
    const lines = renderTop(state, { columns: out.columns, rows: out.rows }, theme, context.now());
    const text = lines.map((line) => clearedAfter(line, out.columns)).join('\r\n');
    // Nothing is written when nothing changed: over ssh, silence is cheap.
    if (text === drawn && now === size) return;
    out.write(`${now === size ? '' : '\u001B[2J'}\u001B[H${text}`);
    drawn = text;
    size = now;
  };
  const look = async (): Promise<void> => {
    try {
      client ??= await connect(context);
      send({ type: 'status', document: await client.status() });
    } catch (error) {
      // A supervisor that is being replaced is back in a moment.
      client = undefined;
      send({ type: 'lost', why: error instanceof AppError ? error.message : String(error) });
    }
  };
  out.write(enter);
  try {
    for (;;) {
      if (context.interrupt.aborted) return ExitCode.interrupted;
      if (context.now() >= nextLook) {
        nextLook = context.now() + options.intervalMs;
        await look();
      }
      draw();
      await keyboard.wait(Math.min(options.intervalMs, Math.max(keyPollMs, nextLook - context.now())));
      for (const key of keyboard.take()) {
        const effect = send({ type: 'key', key });
        if (effect?.type === 'quit') return ExitCode.ok;
        if (effect === undefined) continue;
        await carryOut(effect, client, context, keyboard, send);
        drawn = '';
        nextLook = 0;
      }
    }
  } finally {
    out.write(leave);
    keyboard.close();
  }
}

async function carryOut(
  effect: Exclude<TopEffect, { type: 'quit' }>,
  client: ControlClient | undefined,
  context: Context,
  keyboard: Keyboard,
  send: (event: TopEvent) => unknown,
): Promise<void> {
  if (effect.type === 'restart') {
    const text = await (client ?? (await connect(context))).order({ action: 'restart', ids: [effect.id] }).then(
      () => `${effect.id} is being restarted`,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    send({ type: 'message', text });
    return;
  }
  const { out } = context.streams;
  const words = {
    logs: ['logs', effect.id, '-f', '-n', String(out.rows)],
    doctor: ['doctor', '--stream', effect.id, '--only', 'problems'],
    why: ['why', effect.id],
  };
  out.write(`\u001B[?7h\u001B[2J\u001B[H\u001B[7m iptv ${words[effect.type].join(' ')}   (any key: back) \u001B[0m\r\n`);
  const shown = context.runBeside(words[effect.type]);
  // Whatever it shows stays until a key is pressed; what still runs then is ended.
  while (!context.interrupt.aborted && keyboard.take().length === 0) await keyboard.wait(1000);
  shown.end();
  await shown.ended;
  out.write('\u001B[?7l\u001B[2J');
}
