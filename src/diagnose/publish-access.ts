// Who may publish over RTMP, by the allow and deny rules of nginx-rtmp: the first that fits decides, none means yes. Pure.

import { directives, type Directive } from '../observe/nginx-directives.ts';

export interface PublishRules {
  readonly application: string;
  readonly rules: readonly AccessRule[];
  /** As they stand in the configuration. */
  readonly shown: readonly string[];
  /** The `listen` addresses of its server. */
  readonly listens: readonly string[];
}

interface AccessRule {
  readonly allow: boolean;
  /** `all`, an address or a network. */
  readonly who: string;
}

/** Of every application that takes streams (`live on`). */
export function publishRules(tree: readonly Directive[]): readonly PublishRules[] {
  return directives(tree, 'rtmp').flatMap((rtmp) =>
    directives(rtmp.block, 'server').flatMap((server) =>
      directives(server.block, 'application')
        .filter((application) => directives(application.block, 'live').some(({ args }) => args[0] === 'on'))
        .map((application) => {
          const found = [rtmp, server, application].flatMap(({ block }) => (block ?? []).filter(isPublishRule));
          return {
            application: application.args[0] ?? '',
            rules: found.map(({ name, args }) => ({ allow: name === 'allow', who: args.at(-1) ?? '' })),
            shown: found.map(({ name, args }) => `${name} ${args.join(' ')};`),
            listens: directives(server.block, 'listen').map(({ args }) => args[0] ?? ''),
          };
        }),
    ),
  );
}

/** `allow publish x`, `allow x` (both verbs), but not `allow play x`. */
function isPublishRule({ name, args }: Directive): boolean {
  return (name === 'allow' || name === 'deny') && args[0] !== 'play';
}

export function mayPublish(rules: readonly AccessRule[], address: string): boolean {
  return rules.find(({ who }) => covers(who, address))?.allow ?? true;
}

/** A stranger from anywhere may: no rule stops them before one lets everybody in. */
export function isOpen(rules: readonly AccessRule[]): boolean {
  for (const { allow, who } of rules) {
    if (who === 'all') return allow;
    // A network of a quarter of the Internet is the Internet.
    if (allow && Number(/\/(\d+)$/.exec(who)?.[1] ?? 32) <= 2) return true;
  }
  return true;
}

/** Other machines can connect: it does not listen on loopback only. */
export function listensOutside(listens: readonly string[]): boolean {
  return listens.length === 0 || listens.some((listen) => !/^(?:127\.|localhost|\[::1\]|unix:)/.test(listen));
}

function covers(who: string, address: string): boolean {
  if (who === 'all') return true;
  const [network = '', bits = '32'] = who.split('/');
  const [base, asked] = [addressNumber(network), addressNumber(address)];
  if (base === undefined || asked === undefined) return network === address;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(base / size) === Math.floor(asked / size);
}

function addressNumber(text: string): number | undefined {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
