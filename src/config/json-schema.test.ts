import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { schemaText } from './json-schema.ts';

const onDisk = readFileSync('docs/streams.schema.json', 'utf8');

describe('docs/streams.schema.json', () => {
  it('is up to date (else: node tests/tools/write-schema.ts)', () => {
    expect(onDisk).toBe(schemaText());
  });

  const schema = z.fromJSONSchema(JSON.parse(onDisk));

  it.each(['streams.yaml', 'tests/fixtures/streams/minimal.yaml', 'tests/fixtures/streams/all-kinds.yaml'])('accepts %s', (file) => {
    expect(schema.safeParse(parse(readFileSync(file, 'utf8'))).error?.issues ?? []).toEqual([]);
  });

  it.each([
    'version: 2\nstreams: []',
    'version: 1',
    'version: 1\nstreams: []\nsever: 1',
    'version: 1\nstreams: [{ id: News, source: "test:" }]',
    'version: 1\nstreams: [{ id: news, source: { url: a.ts, inputOptions: { protocol_whitelist: file } } }]',
    'version: 1\nserver: { runtime: dokcer }\nstreams: []',
    'version: 1\nserver: { ports: { http: 99999 } }\nstreams: []',
    'version: 1\nserver: { segment: 2x }\nstreams: []',
  ])('refuses %j', (text) => {
    expect(schema.safeParse(parse(text)).success).toBe(false);
  });

  it('lets references stand for numbers and words', () => {
    const text = 'version: 1\nserver: { runtime: "${RUNTIME}", ports: { http: "${PORT:-8000}" } }\nstreams: []';
    expect(schema.safeParse(parse(text)).success).toBe(true);
  });

  it('describes every key', () => {
    const undescribed: string[] = [];
    visit(JSON.parse(onDisk), '', undescribed);
    expect(undescribed).toEqual([]);
  });
});

/** Groups explain themselves by their keys; everything else needs a sentence. */
function visit(node: unknown, path: string, undescribed: string[]): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as { properties?: Record<string, unknown>; items?: unknown; anyOf?: unknown[]; description?: string; type?: unknown };
  if (schema.properties === undefined && schema.description === undefined && schema.type !== undefined && path.endsWith(':'))
    undescribed.push(path);
  for (const [key, member] of Object.entries(schema.properties ?? {})) visit(member, `${path}/${key}:`, undescribed);
  visit(schema.items, `${path}[]`, undescribed);
  for (const option of schema.anyOf ?? []) visit(option, path.replace(/:$/, ''), undescribed);
}
