// The edge of the local runtime: makes its folders and its part of nginx.conf, and watches that its cache has room.

import type { Config, EdgeConfig } from './core/config.ts';
import type { EventSink } from './core/events.ts';
import type { Ports } from './core/ports.ts';
import { edgeSocketPath, hashText } from './core/state-paths.ts';
import type { LogSink } from './observe/log-sink.ts';
import { cacheLimits, edgeValues } from './plan/edge-conf.ts';
import { renderNginxConf } from './plan/nginx-conf.ts';
import { createEdgeRoom, type EdgeRoom } from './run/edge-room.ts';
import type { SuperviseOptions } from './supervise.ts';

const sharedMemory = '/dev/shm';
const resolveLimitMs = 5000;
/** A worker that was killed a moment ago may still hold the port. */
const portLimitMs = 3000;
const portEveryMs = 200;
const removeLimitMs = 30_000;

export interface LocalEdge {
  /** Text for nginx.conf, nothing without an edge. Asked for at each start of nginx. */
  readonly conf: () => Promise<string>;
  /** Called by the sweep. */
  readonly tick: () => Promise<void>;
  /** Gives back the memory, after nginx has ended. */
  readonly clear: () => Promise<void>;
}

export function createLocalEdge(options: {
  readonly supervise: Pick<SuperviseOptions, 'ports' | 'paths' | 'runtime' | 'isRoot' | 'readTemplate'>;
  readonly config: () => Config;
  readonly events: EventSink;
  readonly log: LogSink;
}): LocalEdge {
  const { ports, paths, runtime, isRoot, readTemplate } = options.supervise;
  const { files } = ports;
  const edge = runtime === 'local' ? options.config().server.edge : undefined;
  if (edge === undefined) return { conf: async () => '', tick: async () => undefined, clear: async () => undefined };
  let memoryDirectory: string | undefined;
  let rooms: readonly EdgeRoom[] = [];
  let complaint = '';

  async function ready(given: EdgeConfig) {
    memoryDirectory ??= given.memoryDirectory ?? (await defaultMemoryDirectory());
    const diskDirectory = given.diskDirectory ?? paths.edge;
    for (const directory of [memoryDirectory, diskDirectory]) await files.makeDirectory(directory, 0o755);
    const [memory, disk] = await Promise.all([files.diskSpace(memoryDirectory), files.diskSpace(diskDirectory)]);
    rooms = [
      { directory: memoryDirectory, asked: given.memoryBytes, space: memory },
      { directory: diskDirectory, asked: given.diskBytes, space: disk },
    ].map(({ directory, asked, space }) =>
      createEdgeRoom({ files, directory, reserveBytes: cacheLimits(asked, space.totalBytes).reserveBytes, events: options.events }),
    );
    return { memoryDirectory, memoryTotalBytes: memory.totalBytes, diskDirectory, diskTotalBytes: disk.totalBytes };
  }

  /** A folder that somebody else made is not ours to trust; the state folder is. */
  async function defaultMemoryDirectory(): Promise<string> {
    const wanted = `${sharedMemory}/iptv-edge-${hashText(paths.directory)}`;
    const own = process.getuid?.();
    const [shared, there] = await Promise.all([files.stat(sharedMemory), files.stat(wanted)]);
    if (shared?.isDirectory === true && (there === undefined || (there.isDirectory && there.uid === own))) return wanted;
    options.log.note('warning', `the edge cannot use ${wanted}: what should be in memory goes to ${paths.edge}/memory`);
    return `${paths.edge}/memory`;
  }

  /** The same words once: what is wrong with a folder is so each second. */
  function complain(error: unknown): void {
    const message = `no edge: ${error instanceof Error ? error.message : String(error)}`;
    if (message !== complaint) options.log.note('error', message);
    complaint = message;
  }

  async function watchRoom(): Promise<void> {
    for (const room of rooms) await room.tick();
  }

  /** Nobody, or throws: nginx would not start at all, and the origin is worth more than its edge. */
  async function portIsFree(port: number): Promise<void> {
    const end = ports.clock.monotonic() + portLimitMs;
    for (;;) {
      const holder = await ports.net.portHolder(port);
      if (holder === undefined) return;
      if (ports.clock.monotonic() > end) throw new Error(`port ${port} is held by ${holder.command ?? 'another program'}`);
      await new Promise<void>((resolve) => void ports.clock.after(portEveryMs, resolve));
    }
  }

  async function render(given: EdgeConfig): Promise<string> {
    const place = await ready(given);
    await watchRoom();
    await portIsFree(given.port);
    const socket = edgeSocketPath(paths, isRoot);
    // Of an nginx that was killed; a new one could not listen there.
    await files.remove(socket);
    const { server } = options.config();
    const upstreams = given.upstreams.length > 0 ? given.upstreams : [`http://127.0.0.1:${server.ports.publicHttp}`];
    const servers = await Promise.all(upstreams.map((url) => addressOf(ports, url)));
    for (const [index, url] of upstreams.entries())
      if (servers[index] === undefined) options.log.note('warning', `the edge leaves ${url} out: the name has no address now`);
    const values = edgeValues(options.config(), given, {
      ...place,
      socket,
      servers: servers.filter((server) => server !== undefined),
      host: new URL(upstreams[0] ?? '').host,
      accessLog: `syslog:server=127.0.0.1:${server.ports.publicHttp},nohostname,tag=iptv`,
    });
    return renderNginxConf(readTemplate('edge'), values);
  }

  return {
    async tick() {
      // A supervisor that adopted its nginx has not rendered anything.
      if (rooms.length === 0) await ready(edge).catch(complain);
      await watchRoom();
    },
    async conf() {
      try {
        return await render(edge);
      } catch (error) {
        complain(error);
        return '';
      }
    },
    async clear() {
      if (memoryDirectory === undefined) return;
      const made = ['playlists', 'gather', 'popular', 'room'].map((name) => `${memoryDirectory}/${name}`);
      await ports.process.run('rm', ['-rf', '--', ...made], { timeoutMs: removeLimitMs });
      if (edge.memoryDirectory === undefined) await ports.process.run('rmdir', ['--', memoryDirectory], { timeoutMs: removeLimitMs });
    },
  };
}

/** nginx looks a name up once, at its start, and does not start without an address; so it is given addresses. */
async function addressOf(ports: Ports, url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const numbered = `:${port === '' ? '80' : port}`;
  if (/^(?:[\d.]+|\[.*\])$/.test(hostname)) return `${hostname}${numbered}`;
  const { stdout, exitCode } = await ports.process.run('getent', ['ahosts', hostname], { timeoutMs: resolveLimitMs });
  const address = exitCode === 0 ? /^\S+/.exec(stdout)?.[0] : undefined;
  if (address === undefined) return undefined;
  return `${address.includes(':') ? `[${address}]` : address}${numbered}`;
}
