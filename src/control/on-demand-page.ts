// The page that nginx asks for a channel playlist it has no file for.

import { channelPlaylistType } from '../core/ids.ts';
import type { Desk } from '../run/on-demand/desk.ts';
import type { WebAnswer, WebRequest } from './web-server.ts';

/** Path of the page; the id follows. nginx's template names it, too. */
export const onDemandPath = '/ondemand/';

const retryAfterSeconds = 3;

export async function onDemandPage(desk: Pick<Desk, 'ask'>, { path, headers, gone }: WebRequest): Promise<WebAnswer> {
  const answer = await desk.ask(path.slice(onDemandPath.length), { agent: headers['user-agent'] ?? '', gone });
  switch (answer.kind) {
    case 'playlist':
      // nginx adds Cache-Control as it does for the file.
      return { contentType: channelPlaylistType, text: answer.text };
    case 'wait':
      return {
        status: 503,
        contentType: 'text/plain; charset=utf-8',
        text: `${answer.why}\n`,
        headers: { 'Retry-After': String(retryAfterSeconds) },
      };
    case 'none':
      return { status: 404, contentType: 'text/plain; charset=utf-8', text: 'not found\n' };
  }
}
