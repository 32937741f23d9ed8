#!/usr/bin/env node
// Writes schema/evenkeel.schema.json, the JSON Schema of evenkeel.yaml for editors, from the schema that
// the program itself checks with.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { loadRoom } from './conformance/load.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { fileSchema } = await loadRoom('gitops');
const schema = z.toJSONSchema(fileSchema, { io: 'input' });
mkdirSync(join(root, 'schema'), { recursive: true });
writeFileSync(
  join(root, 'schema/evenkeel.schema.json'),
  `${JSON.stringify({ ...schema, title: 'evenkeel.yaml', description: 'What Evenkeel keeps in sync' }, null, 2)}\n`,
);
