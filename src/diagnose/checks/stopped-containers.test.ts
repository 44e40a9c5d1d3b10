// A container that does not run is one cause: what is asked in it has no fault of its own.

import { expect, it } from 'vitest';

import type { DoctorContext } from '../context.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import { runningFfmpegCheck } from './running-ffmpeg.ts';
import { runningPortsCheck } from './running-ports.ts';

const context = {
  runtime: 'docker',
  places: { backend: { unreachable: undefined } },
  config: { path: '/tv/streams.yaml', server: { ports: { publicHttp: 8088 } } },
  ports: { net: { portHolder: async () => ({ pid: 7, command: 'docker-proxy' }) } },
} as unknown as DoctorContext;

const factsOf = (containers: object): DoctorFacts => ({ containers: async () => containers }) as unknown as DoctorFacts;
const published = { '8000/tcp': ['0.0.0.0:8088', '[::]:8088'] };

it('a backend that ended has no broken ffmpeg', async () => {
  for (const state of ['exited', 'paused'])
    expect(await runningFfmpegCheck.run(context, factsOf({ backend: { state } }))).toMatchObject([{ status: 'skip', code: 'cannot-tell' }]);
});

it('a paused nginx holds its port itself, by way of docker-proxy', async () => {
  const statusOf = async (state: string): Promise<unknown> =>
    (await runningPortsCheck.run(context, factsOf({ origin: { state, published } })))[0]?.code;
  expect([await statusOf('paused'), await statusOf('exited')]).toEqual(['ok', 'port-in-use']);
});
