// A scripted `docker` for tests of the docker stack: what it answers, and what it was asked.

import type { Config } from '../../src/core/config.ts';
import type { PortHolder, Ports, RunResult } from '../../src/core/ports.ts';
import { createComposeStack } from '../../src/stack/compose.ts';
import type { Stack } from '../../src/stack/stack.ts';

type Answer = Partial<RunResult> | string;
/** First match wins; the key is the beginning of the words after `docker`, without the global flags of Compose. */
export type Script = readonly (readonly [string, Answer])[];

const healthy = '{"Status":"running","Health":{"Status":"healthy","Log":[{"Output":"ok\\n"}]}}';
const wellBehaved: Script = [
  ['version', '28.2.2'],
  ['compose version', '2.26.1-4'],
  ['build', ''],
  ['up', ''],
  ['down', ''],
  ['ps -q', 'c0ffee\n'],
  ['ps --filter publish', ''],
  ['inspect', healthy],
];

export interface Scene {
  readonly stack: Stack;
  readonly ports: Ports;
  readonly asked: string[];
  readonly inherited: { readonly words: readonly string[]; readonly stdin: string }[];
  readonly said: string[];
  readonly env: Record<string, string>[];
}

export function scene(
  script: Script,
  given: {
    holder?: PortHolder;
    permissions?: Config['server']['permissions'];
    mode?: number;
    env?: Record<string, string>;
    code?: number;
  } = {},
): Scene {
  const asked: string[] = [];
  const inherited: { words: readonly string[]; stdin: string }[] = [];
  const env: Record<string, string>[] = [];
  const ports = {
    process: {
      run: async (_file: string, argv: readonly string[], options: { env?: Record<string, string> }): Promise<RunResult> => {
        const line = argv.join(' ').replace(/^compose --ansi.*?\.yml (?!-f)/, '');
        asked.push(line);
        env.push(options.env ?? {});
        const answer = [...script, ...wellBehaved].find(([words]) => line.startsWith(words))?.[1] ?? {
          exitCode: 1,
          stderr: `not scripted: ${line}`,
        };
        return {
          exitCode: 0,
          stdout: '',
          stderr: '',
          timedOut: false,
          missing: false,
          ...(typeof answer === 'string' ? { stdout: answer } : answer),
        };
      },
    },
    files: { stat: async () => ({ mode: 0o100000 | (given.mode ?? 0o644), uid: 1000, gid: 1000 }) },
    net: { portHolder: async () => given.holder },
  } as unknown as Ports;
  const server = {
    ports: { rtmp: 1935, http: 8000, publicHttp: 8088 },
    permissions: given.permissions ?? 'compat',
    hlsDirectory: '/tmp/hls',
    segmentSeconds: 2,
    windowSegments: 10,
  };
  const stack = createComposeStack({
    ports,
    env: given.env ?? {},
    root: '/opt/iptv',
    loadConfig: async () => ({ path: '/srv/streams.yaml', server, streams: [], secrets: [] }) as unknown as Config,
    runInherited: async (_file, words, { stdin }) => {
      inherited.push({ words, stdin });
      return given.code ?? 0;
    },
    runPiped: (_file, words, { stdin }) => {
      inherited.push({ words, stdin });
      return { output: (async function* () {})(), ended: Promise.resolve(given.code ?? 0), end: () => undefined };
    },
    describeTerminals: () => 'out:120',
  });
  return { stack, ports, asked, inherited, env, said: [] };
}
