// Can other users of this machine read the passwords in the list of streams?

import type { Config, SourceConfig } from '../../core/config.ts';
import { redactText } from '../../core/redact.ts';
import { pass, warn, type Check } from '../check.ts';

const readableByOthers = 0o004;

export const configSecretsCheck: Check = {
  id: 'config-secrets',
  title: 'credentials in the list of streams',
  layer: 'config',
  severity: 'warning',
  dependsOn: [],
  async run({ config, ports }) {
    const stat = await ports.files.stat(config.path);
    if (stat === undefined || (stat.mode & readableByOthers) === 0) return [pass('the list of streams is not readable by other users')];
    const ids = await streamsWithLiterals(config, (await ports.files.readText(config.path)) ?? '');
    if (ids.length === 0) return [pass('the list of streams holds no credentials')];
    return [
      warn({
        code: 'config-readable',
        what: `${config.path} holds credentials and every user of this machine can read it`,
        evidence: [
          `mode ${stat.mode.toString(8)}, streams: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''}`,
        ],
        why: 'whoever reads it can use your account; instead of closing it, write ${NAME} for a variable of the environment, or ${file:/path}',
        next: `chmod 640 ${config.path}`,
      }),
    ];
  },
};

async function streamsWithLiterals(config: Config, text: string): Promise<readonly string[]> {
  return config.streams
    .filter((stream) => stream.sources.some((source) => literals(source).some((value) => text.includes(value))))
    .map((stream) => stream.id);
}

/** Values that hold a credential; one that came from a reference does not stand in the file like that. */
function literals(source: SourceConfig): readonly string[] {
  const headers = Object.entries(source.headers).flatMap(([name, value]) =>
    redactText(`${name}: ${value}`) === `${name}: ${value}` ? [] : [value],
  );
  return [...(redactText(source.url) === source.url ? [] : [source.url]), ...headers].filter((value) => value !== '');
}
