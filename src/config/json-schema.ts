// The JSON Schema that editors use for streams.yaml, made from the same zod schema.

import { z } from 'zod';
import { fileSchema } from './schema.ts';

/** The text of docs/streams.schema.json. */
export function schemaText(): string {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', override: ({ jsonSchema }) => allowReferences(jsonSchema) });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** A value may also be a reference such as `${PORT:-8088}`; an editor must not mark it. */
function allowReferences(schema: z.core.JSONSchema.BaseSchema): void {
  const reference = { type: 'string' as const, pattern: '\\$\\{' };
  if (typeof schema.pattern === 'string') {
    // Called once for a pipe and once for what goes into it, which share the pattern.
    if (!schema.pattern.endsWith(`|${reference.pattern}`)) schema.pattern = `(?:${schema.pattern})|${reference.pattern}`;
  } else if (schema.enum !== undefined || schema.type === 'integer' || schema.type === 'boolean') {
    const { description, ...plain } = schema;
    for (const key of Object.keys(schema)) delete schema[key];
    Object.assign(schema, { ...(description === undefined ? {} : { description }), anyOf: [plain, reference] });
  }
}
