#!/usr/bin/env node
// Writes types/lua/, the annotations of the modules for editors (LuaLS), from the descriptions that arguments are checked by.
//   node scripts/lua-types.mjs
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadRoom } from './conformance/load.mjs';

const folder = fileURLToPath(new URL('../types/lua', import.meta.url));
const { luaAnnotations } = await loadRoom('lua');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of luaAnnotations()) writeFileSync(join(folder, name), text);
