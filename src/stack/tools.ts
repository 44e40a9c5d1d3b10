// Finds the programs that iptv drives, by looking at files only.

import type { Ports } from '../core/ports.ts';

/** Absolute paths; undefined when not installed. */
export interface Tools {
  readonly ffmpeg: string | undefined;
  readonly ffprobe: string | undefined;
  readonly nginx: string | undefined;
  /** nginx's dynamic rtmp module. */
  readonly rtmpModule: string | undefined;
}

/** Looked at after PATH: a plain user's PATH lacks the sbin folders, where Debian keeps nginx. */
const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Debian and Alpine, Fedora, Arch, nginx.org's layout. */
const moduleFolders = [
  '/usr/lib/nginx/modules',
  '/usr/lib64/nginx/modules',
  '/usr/share/nginx/modules',
  '/etc/nginx/modules',
  '/usr/local/nginx/modules',
];

export async function findTools(ports: Ports, searchPath = process.env['PATH'] ?? ''): Promise<Tools> {
  // An empty or relative part of PATH means the working folder, which must not decide what runs.
  const folders = [...new Set([...searchPath.split(':').filter((folder) => folder.startsWith('/')), ...systemFolders])];
  const [ffmpeg, ffprobe, nginx, rtmpModule] = await Promise.all([
    findFile(ports, folders, 'ffmpeg', 0o111),
    findFile(ports, folders, 'ffprobe', 0o111),
    findFile(ports, folders, 'nginx', 0o111),
    findFile(ports, moduleFolders, 'ngx_rtmp_module.so', 0o444),
  ]);
  return { ffmpeg, ffprobe, nginx, rtmpModule };
}

/** The first file of that name that has any of the mode bits. */
async function findFile(ports: Ports, folders: readonly string[], name: string, modeBits: number): Promise<string | undefined> {
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    // A folder we may not enter holds nothing for us.
    const found = await ports.files.stat(path).catch(() => undefined);
    if (found !== undefined && !found.isDirectory && (found.mode & modeBits) !== 0) return path;
  }
  return undefined;
}
