import { expect, it } from 'vitest';
import { createSandbox } from '../../index.js';
import { clientOf } from '../../test/client.js';
import { definitionOf, definitionsPath, widget, widgetsPath } from './fixtures.js';

const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

it('objects are printed in the columns of their definition', async () => {
  const sandbox = await createSandbox({ controllers: false });
  const client = clientOf(sandbox.wire);
  const additionalPrinterColumns = [
    { name: 'Count', type: 'integer', jsonPath: '.spec.count', description: 'How many.' },
    { name: 'Ready', type: 'string', jsonPath: '.spec.conditions[?(@.type=="Ready")].status' },
    { name: 'Map', type: 'string', jsonPath: '.spec.map', priority: 1 },
    { name: 'Flag', type: 'boolean', jsonPath: '.spec.count' },
    { name: 'When', type: 'date', jsonPath: '.spec.when' },
    { name: 'Gone', type: 'string', jsonPath: '.spec.none' },
  ];
  const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await client('POST', definitionsPath, definitionOf(free, { version: { additionalPrinterColumns } }));
  const spec = { count: 3, conditions: [{ type: 'Ready', status: 'True' }], map: { a: 1 }, when: 'never' };
  await client('POST', widgetsPath, widget(spec));
  const { body } = await client('GET', widgetsPath, undefined, table);
  expect(body.columnDefinitions.map((c: { name: string }) => c.name)).toEqual(['Name', 'Count', 'Ready', 'Map', 'Flag', 'When', 'Gone']);
  expect(body.columnDefinitions[1]).toEqual({ name: 'Count', type: 'integer', format: '', description: 'How many.', priority: 0 });
  expect(body.columnDefinitions[3]).toMatchObject({
    priority: 1,
    description: 'Custom resource definition column (in JSONPath format): .spec.map',
  });
  expect(body.rows[0].cells).toEqual(['a', 3, 'True', '{"a":1}', null, '<invalid>', null]);
  await sandbox.close();
});
