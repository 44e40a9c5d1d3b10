// Which folder of the file system nginx serves at /hls/, from its configuration.

import { directive, directives, type Directive } from '../../observe/nginx-directives.ts';

export interface ServedFolder {
  /** Without a trailing slash. */
  readonly folder: string;
  /** The directive that says so. */
  readonly rule: string;
  readonly server: Directive;
  readonly location: Directive;
}

/** undefined when no server has a location for /hls/. */
export function hlsLocation(tree: readonly Directive[]): ServedFolder | undefined {
  const http = directive(tree, 'http');
  for (const server of directives(http?.block, 'server')) {
    const location = directives(server.block, 'location').find(({ args }) => ['/hls/', '/hls'].includes(args.at(-1) ?? '') && !exact(args));
    if (location === undefined) continue;
    const alias = directive(location.block, 'alias')?.args[0];
    if (alias !== undefined) return { folder: trimmed(alias), rule: `alias ${alias}`, server, location };
    const root = [location, server, http].map((one) => directive(one?.block, 'root')?.args[0]).find((value) => value !== undefined);
    return { folder: `${trimmed(root ?? '')}/hls`, rule: `root ${root ?? '(the default)'}`, server, location };
  }
  return undefined;
}

/** `location = /hls` is only the redirect to /hls/. */
function exact(args: readonly string[]): boolean {
  return args.length > 1 && args[0] === '=';
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}
