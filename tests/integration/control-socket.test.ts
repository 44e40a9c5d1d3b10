// The control door when the other side is going away, dead or foreign.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { connectControl } from '../../src/control/client.ts';
import { startControlServer, type ControlHandlers } from '../../src/control/server.ts';

let directory: string;
let path: string;
let server: Server | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'iptv-control-'));
  path = join(directory, 'control.sock');
});

afterEach(async () => {
  if (server !== undefined) await new Promise((done) => server?.close(done));
  server = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function listen(answer: (socket: Socket) => void): Promise<void> {
  const made = createServer((socket) => {
    socket.on('error', () => undefined);
    answer(socket);
  });
  server = made;
  await new Promise<void>((done) => made.listen(path, done));
}

const hello = {
  name: 'iptv',
  protocol: 1,
  version: '1',
  pid: 1,
  startedAt: '',
  runtime: 'local',
  configPath: '',
  stateDirectory: '',
} as const;
const handlers: ControlHandlers = {
  hello: () => hello,
  status: () => {
    throw new Error('a bug');
  },
  order: async () => ({ ids: [], notes: [] }),
  reload: async () => ({ schemaVersion: 1, path: '', changes: [], server: [] }),
  diff: async () => ({ schemaVersion: 1, path: '', changes: [], server: [] }),
  markApplied: () => undefined,
  rollback: () => false,
  shutdown: () => undefined,
  failover: () => Promise.reject(new Error('not asked')),
  force: () => Promise.reject(new Error('not asked')),
  probe: () => Promise.reject(new Error('not asked')),
};

describe('the control client', () => {
  it('takes a supervisor that hangs up for one that is gone', async () => {
    await listen((socket) => socket.destroy());
    expect(await connectControl(path)).toBeUndefined();
  });

  it('says that the supervisor ended when its answer is cut off', async () => {
    await listen((socket) => {
      socket.once('data', (request) => {
        const body = JSON.stringify(hello);
        socket.end(`HTTP/1.1 200 OK\r\n\r\n${request.includes('/v1/hello') ? body : body.slice(0, 10)}`);
      });
    });
    const client = await connectControl(path);
    await expect(client?.status()).rejects.toMatchObject({ code: 'supervisor-gone', exitCode: 75 });
  });
});

describe('the control server', () => {
  it('takes the place of a dead socket, for its user only, and survives a bug in an answer', async () => {
    writeFileSync(path, 'left behind');
    const door = await startControlServer(path, handlers);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const client = await connectControl(path);
    await expect(client?.status()).rejects.toMatchObject({ code: 'bug', message: expect.stringContaining('a bug') as string });
    expect((await client?.order({ action: 'start', ids: [] }))?.ids).toEqual([]);
    await door.close();
    expect(await connectControl(path)).toBeUndefined();
  });
});
