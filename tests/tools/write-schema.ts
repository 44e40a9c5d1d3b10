// Writes docs/streams.schema.json from the schema in src/config: node tests/tools/write-schema.ts

import { writeFileSync } from 'node:fs';
import { schemaText } from '../../src/config/json-schema.ts';

writeFileSync(new URL('../../docs/streams.schema.json', import.meta.url), schemaText());
