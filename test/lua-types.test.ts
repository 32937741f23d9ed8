import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toSnake } from '../src/gitops/index.js';
import { luaAnnotations } from '../src/lua/index.js';
import { moduleDescriptions } from '../src/modules/index.js';

const folder = join(import.meta.dirname, '../types/lua');

describe('annotations for editors', () => {
  test('are as they are written: npm run generate', () => {
    const written = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    expect(written).toEqual(luaAnnotations());
  });

  test('have every function of every module, with every parameter', () => {
    for (const [module, { functions }] of Object.entries(moduleDescriptions)) {
      const text = luaAnnotations().get(`${module}.lua`) ?? '';
      for (const [name, about] of Object.entries(functions)) {
        const names = about.parameters.map((parameter) => (parameter.repeated === true ? '...' : toSnake(parameter.name)));
        expect(text).toContain(`function ${module}.${toSnake(name)}(${names.join(', ')}) end`);
        for (const parameter of names) expect(text).toMatch(new RegExp(`---@param ${parameter.replaceAll('.', '\\.')}\\??( |$)`, 'm'));
      }
    }
  });
});
