// Finds who listens on a TCP port: the socket's inode in /proc/net/tcp, then its owner in /proc/<pid>/fd.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { PortHolder } from '../core/ports.ts';
import { listPids, programName } from './proc.ts';

/** Kernel's TCP_LISTEN (include/net/tcp_states.h) as /proc/net/tcp prints it. */
const listenState = '0A';

export function findPortHolder(port: number): PortHolder | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => listeningInodes(readTable(path), port)));
  if (inodes.size === 0) return undefined;
  const pid = listPids().find((candidate) => holdsSocket(candidate, inodes));
  if (pid === undefined) return { port };
  const command = programName(pid);
  return { port, pid, ...(command === undefined ? {} : { command }) };
}

/** Columns: sl, local address (hex ip:port), remote address, state, queues, timer, retransmits, uid, timeout, inode. */
export function listeningInodes(table: string, port: number): readonly string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const inode = columns[9];
    return columns[3] === listenState && columns[1]?.endsWith(`:${wanted}`) === true && inode !== undefined ? [inode] : [];
  });
}

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(socketInode(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

function socketInode(path: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** tcp6 is absent where IPv6 is switched off. */
function readTable(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
