// `iptv status --watch`: redraws on a terminal, appends snapshots elsewhere, ends with Ctrl-C.

import type { ControlClient } from '../control/protocol.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { writeJsonLine } from '../ui/json.ts';
import { screenOn } from '../ui/screen.ts';
import { formatInstant } from '../ui/time.ts';
import type { Context } from './context.ts';
import { otherListNote } from './other-list.ts';
import { renderStatus } from './status-table.ts';
import type { StatusOptions } from './status.ts';

const intervalMs = 1_000;

export async function watchStatus(client: ControlClient, options: StatusOptions, context: Context): Promise<ExitCode> {
  const { out, json } = context.streams;
  const screen = json ? undefined : screenOn(out, context.env);
  const listNote = screen === undefined ? undefined : await otherListNote(client, context);
  try {
    while (!context.interrupt.aborted) {
      const document = await client.status(options.ids.length === 0 ? undefined : options.ids);
      if (json) writeJsonLine(out, document);
      else {
        const table = renderStatus(document, out, { wide: options.wide, hasOffers: options.wide || options.ids.length > 0, listNote });
        if (screen === undefined) out.write(`${table}\n`);
        else screen.draw(table, `${formatInstant(context.now())}  Ctrl-C ends`);
      }
      await context.sleep(intervalMs);
    }
    return ExitCode.interrupted;
  } finally {
    screen?.close();
  }
}
