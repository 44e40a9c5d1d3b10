// The segments that a playlist lists, as a player would see them.

import { get, type Agent } from 'node:http';

/** None while there is no playlist. A slate is no picture of the channel. */
export function segmentsOf(url: string, agent?: Agent): Promise<readonly string[]> {
  return new Promise((done) => {
    const request = get(url, { timeout: 5000, ...(agent === undefined ? {} : { agent }) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', () => done([]));
      response.on('end', () =>
        done(response.statusCode === 200 ? text.split('\n').filter((line) => /^(?!slate-).*\.ts(?:\?|$)/.test(line)) : []),
      );
    });
    request.on('timeout', () => request.destroy()).on('error', () => done([]));
  });
}

/** Whether something is listed that was not before: a channel's playlist outlives its job, and is no sign of a new one. */
export async function hasNews(url: string, known: ReadonlySet<string>, agent?: Agent): Promise<boolean> {
  return (await segmentsOf(url, agent)).some((name) => !known.has(name));
}
