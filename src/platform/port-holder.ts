// Finds who listens on a TCP port: the socket's inode in /proc/net/tcp, then its owner in /proc/<pid>/fd.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { PortHolder } from '../core/ports.ts';
import { listPids, programName } from './proc.ts';

/** Kernel's TCP_LISTEN (include/net/tcp_states.h) as /proc/net/tcp prints it. */
const listenState = '0A';

/** A program that ends, or hands its socket on, between the look at the sockets and the look at the programs is no stranger. */
const mostLooks = 3;

export function findPortHolder(port: number): PortHolder | undefined {
  let looks = 0;
  let inodes = listening(port);
  while (inodes.size > 0) {
    const of = inodes;
    const pid = listPids().find((candidate) => holdsSocket(candidate, of));
    if (pid !== undefined) {
      const command = programName(pid);
      return { port, pid, ...(command === undefined ? {} : { command }) };
    }
    looks += 1;
    inodes = listening(port);
    if (looks === mostLooks && inodes.size > 0) return { port };
  }
  return undefined;
}

function listening(port: number): ReadonlySet<string> {
  return new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => listeningInodes(readTable(path), port)));
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
