// Checks `inputOptions` against the allow-list and says why a known dangerous option is refused.

import { z } from 'zod';
import type { SourceKind } from '../core/config.ts';
import { describeValue } from './checked.ts';
import type { Problem } from './checked.ts';
import { inputOptions } from './input-option-list.ts';
import { nearestWord } from './suggest.ts';

const refusals: readonly (readonly [RegExp, string])[] = [
  [/^protocol_(?:whitelist|blacklist)$/, 'iptv sets it, so that a hostile remote playlist cannot reach local files'],
  [/^i$/, 'inputs are given with source or sources'],
  [
    /^(?:f|format|map|c|codec|vcodec|acodec|vf|af|filter|filter_complex|y|o|t|to|ss|metadata)(?::.*)?$/,
    'it is not an option of a live input',
  ],
  [/^(?:headers|cookies)$/, 'use the key headers'],
  [/^(?:user_agent|user-agent)$/, 'use the key userAgent'],
  [/^referer$/, 'use the key referer'],
  [/^rtsp_transport$/, 'use the key transport'],
  [/^reconnect(?:_.*)?$/, 'use the key reconnect'],
  [/^(?:rw_timeout|timeout|stimeout|listen_timeout|initial_timeout)$/, 'use reconnect.timeout; the right option differs by protocol'],
  [/^(?:re|readrate|stream_loop)$/, 'iptv sets it for files'],
  [/^(?:listen|rtmp_listen)$/, 'it would turn the source into a server'],
  [/^(?:ca_file|cafile|cert_file|key_file|key|cert|rtmp_swfverify|safe|report|progress|http_proxy)$/, 'it names a file or another address'],
];

export const inputOptionsSchema = z
  .unknown()
  .transform((input, context): Readonly<Record<string, string>> => {
    const report = (problem: Problem, path: readonly string[], target: 'key' | 'value'): void => {
      context.issues.push({ code: 'custom', message: problem.message, input, path: [...path], params: { problem, target } });
    };
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      report({ message: 'expected a group of ffmpeg input options, such as  probesize: 5M', found: describeValue(input) }, [], 'value');
      return z.NEVER;
    }
    const values: [string, string][] = [];
    for (const [name, value] of Object.entries(input)) {
      const checked = inputOptions.get(name)?.check(value);
      if (checked === undefined) report(unknownOption(name), [name], 'key');
      else if (checked.ok) values.push([name, checked.value]);
      else report(checked.problem, [name], 'value');
    }
    return Object.fromEntries(values);
  })
  .meta({
    type: 'object',
    properties: Object.fromEntries([...inputOptions].map(([name, option]) => [name, describeOption(option.kinds)])),
    additionalProperties: false,
    description: 'Extra ffmpeg input options, by allow-list; names without the dash.',
  });

function describeOption(kinds: readonly SourceKind[]): Readonly<Record<string, unknown>> {
  return { type: ['string', 'number', 'boolean'], description: `ffmpeg input option, for ${kinds.join(', ')}.` };
}

function unknownOption(name: string): Problem {
  const bare = name.replace(/^-+/, '');
  const reason = refusals.find(([pattern]) => pattern.test(bare))?.[1];
  if (reason !== undefined) return { message: `this ffmpeg option is refused: ${reason}` };
  const suggestion = inputOptions.has(bare) ? bare : nearestWord(bare, [...inputOptions.keys()]);
  const message = 'is not on the list of ffmpeg input options that are let through';
  return suggestion === undefined ? { message } : { message, suggestion };
}

/** Why an allowed option does not work with this kind of source, or undefined when it does. */
export function inputOptionMismatch(name: string, kind: SourceKind): string | undefined {
  const option = inputOptions.get(name);
  if (option === undefined || option.kinds.includes(kind)) return undefined;
  return `works only with ${option.kinds.join(', ')} sources, and this one is ${kind}`;
}
