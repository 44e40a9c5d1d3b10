// `iptv status --watch`: redraws on a terminal, appends snapshots elsewhere, ends with Ctrl-C.

import type { ControlClient } from '../control/protocol.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import { screenOn } from '../ui/screen.ts';
import type { Context } from './context.ts';
import { otherListNote } from './other-list.ts';
import { renderStatus, statusLook } from './status-table.ts';
import type { StatusOptions } from './status.ts';
import { watching } from './watching.ts';

const intervalMs = 1_000;

export async function watchStatus(client: ControlClient, options: StatusOptions, context: Context): Promise<ExitCode> {
  const { out, json } = context.streams;
  const screen = json ? undefined : screenOn(out, context.env);
  const listNote = screen === undefined ? undefined : await otherListNote(client, context);
  const look = statusLook(options, listNote);
  return watching(
    {
      screen,
      everyMs: intervalMs,
      async look() {
        const document = await client.status(options.ids.length === 0 ? undefined : options.ids);
        return { document, text: () => renderStatus(document, out, look) };
      },
    },
    context,
  );
}
