#!/usr/bin/env node
// Writes docs/modules.md from the table that describes the modules and from examples/modules/.
//   node scripts/docs-modules.mjs [--print]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadRoom } from './conformance/load.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { moduleDescriptions } = await loadRoom('modules');

const snake = (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** A type in words; named objects are described apart. */
function typeText(type, named) {
  switch (type.type) {
    case 'bytes':
      return 'text or bytes';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return 'whole number';
    case 'time':
      return 'time';
    case 'kubernetes':
      return 'Kubernetes object';
    case 'callback':
      return 'function';
    case 'choice':
      return type.values.map((value) => `\`${value}\``).join(', ');
    case 'list':
      return `list of ${typeText(type.of, named)}`;
    case 'record':
      return `names to ${typeText(type.of, named)}`;
    case 'any-of':
      return [...new Set(type.of.map((each) => typeText(each, named)))].join(', or ');
    case 'object':
      if (type.name === undefined) return fieldsText(type.fields, named);
      named.set(type.name, type.fields);
      return `[${type.name}](#${type.name.toLowerCase()})`;
    default:
      return type.type;
  }
}

function fieldsText(fields, named) {
  return `{ ${Object.entries(fields)
    .map(([name, { type, optional }]) => `${name}${optional ? '?' : ''}: ${typeText(type, named)}`)
    .join('; ')} }`;
}

const cell = (text) => text.replaceAll('|', '\\|');

function nameCell(name) {
  return snake(name) === name ? `\`${name}\`` : `\`${name}\`, \`${snake(name)}\``;
}

function table(head, rows) {
  const line = (row) => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(cell)))].join('\n');
}

/** Options, with those of options within them under dotted names. */
function optionRows(fields, prefix, named) {
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const required = field.optional ? '' : ' (required)';
    if (field.type.type === 'object' && field.type.name === undefined) return optionRows(field.type.fields, `${path}.`, named);
    return [[nameCell(path), typeText(field.type, named), `${field.summary}${required}`.trim()]];
  });
}

function functionText(module, name, about, named) {
  const signature = (rename) => about.parameters.map((p) => `${p.repeated ? '…' : ''}${rename(p.name)}${p.optional ? '?' : ''}`).join(', ');
  const lua =
    snake(name) === name && about.parameters.every((p) => snake(p.name) === p.name)
      ? ''
      : ` · Lua \`${module}.${snake(name)}(${signature(snake)})\``;
  const { type, optional, summary, convention } = about.returns;
  const given =
    type.type === 'nothing' ? '' : `Gives ${typeText(type, named)}${optional ? ', or nothing' : ''}${summary ? `: ${summary}` : ''}.`;
  const report = convention === 'success' ? ' In Lua `true`, or `false` and the reason.' : '';
  const rows = about.parameters.flatMap((p) => {
    const isOptions = p.type.type === 'object' && p.type.name === undefined;
    if (!isOptions) return [[nameCell(p.name), typeText(p.type, named), `${p.summary}${p.optional ? ' (may be left out)' : ''}`]];
    return optionRows(p.type.fields, p.name === 'options' ? '' : `${p.name}.`, named);
  });
  return [
    `### ${module}.${name}(${signature((n) => n)})${about.async ? '' : ' '}`.trimEnd(),
    '',
    `${about.summary}${given === '' ? '' : ` ${given}`}${report}${lua === '' ? '' : `\n\n${lua.replace(/^ · /, '')}`}`,
    ...(rows.length === 0 ? [] : ['', table(['argument or option', 'type', 'meaning'], rows)]),
    ...(about.throws === undefined ? [] : ['', `Errors: ${about.throws.map((code) => `\`${code}\``).join(', ')}.`]),
    '',
  ].join('\n');
}

function moduleText(name, { summary, functions }) {
  const named = new Map();
  const example = readFileSync(join(root, `examples/modules/${name}.ts`), 'utf8').trimEnd();
  const parts = [`## ${name}`, '', summary, '', '```ts', example, '```', ''];
  for (const [fn, about] of Object.entries(functions)) parts.push(functionText(name, fn, about, named));
  const described = new Set();
  while (described.size < named.size)
    for (const [type, fields] of [...named]) {
      if (described.has(type)) continue;
      described.add(type);
      const rows = Object.entries(fields).map(([field, about]) => [
        nameCell(field),
        typeText(about.type, named),
        `${about.summary}${about.optional ? ' (may be absent)' : ''}`,
      ]);
      parts.push(`#### ${type}`, '', table(['field', 'type', 'meaning'], rows), '');
    }
  return parts.join('\n');
}

const language = `## The language of templates

\`{{ value }}\` writes a value, \`{% … %}\` does something, \`{# … #}\` is a comment; a \`-\` inside (\`{{-\`, \`-%}\`) takes the white space on
that side away.

- \`{% if a %}…{% elif b %}…{% else %}…{% endif %}\`; nothing, \`false\`, 0, and what is empty count as no.
- \`{% for item in list %}…{% else %}…{% endfor %}\`, \`{% for key, value in object %}\`; inside, \`loop.index\` (from 1), \`loop.first\`,
  \`loop.last\` and \`loop.length\`.
- \`{% set name = value %}\` until the end of the loop that it stands in; \`{% raw %}…{% endraw %}\` is left as it is.
- Values: \`image.tag\`, \`hosts[0]\`, \`labels["example.com/x"]\`, texts in either quotes, numbers, \`true\`, \`false\`, \`null\`, \`[1, 2]\`.
- Operators: \`or\`, \`and\`, \`not\`, \`==\`, \`!=\`, \`<\`, \`<=\`, \`>\`, \`>=\`, \`in\`, \`~\` (joins texts), \`+\`, \`-\`, \`*\`, \`/\`, \`%\`.
- Filters: \`default(x)\`, \`required("why")\`, \`upper\`, \`lower\`, \`trim\`, \`quote\`, \`json\`, \`yaml\`, \`indent(n)\`, \`join(",")\`,
  \`replace(a, b)\`, \`split(",")\`, \`length\`, \`keys\`, \`first\`, \`last\`, \`sort\`, \`base64\`, \`sha256\`.

A name that stands for nothing is an error, except in conditions and before \`default\`. A template sees own members of its values and nothing
else, and ends at 2 million steps or 16 MiB of text.
`;

const judged = `## How predictions are made

The share of failures among executions that are like it, newer and more similar ones counting more (half after 30 days, and half after 60
executions), drawn towards one in twenty while they are few. Commands are compared by their words; versions, hashes and numbers count as
their kind. Executions of other tasks count where their commands are similar. Then the odds are moved by what went along with failures in
this history as far as that is more than chance: that the last execution failed, and, where the task syncs a workflow (one that is named, or
that its last executions synced), the size of the diff, what it deletes and its impact. Without any history the answer is 0.05 with confidence 0, and says so.

A test holds it on simulated histories: over tasks that fail at steady rates from 1% to 90% its Brier score is under 0.75 of that of the
common rate and within 6% of who knows each rate; where rates change, commands differ, changes vary in size or failures come in a row, it
is well under the common rate; and in every tenth of probabilities what was predicted is what came, within 0.1.
\`ai.getTaskStats\` has the same score for your own predictions.
`;

const intro = `# Modules

What scripts call. In TypeScript each is imported from the package, and functions that take time return promises:

\`\`\`ts
import { gitops, kubernetes, log } from 'evenkeel';
\`\`\`

In Lua they are \`require("kubernetes")\`, with names in snake_case ([docs/lua.md](lua.md)); where two names stand in a table, the second is
Lua's. What is inside Kubernetes objects, parsed data, headers, labels and the like is never renamed.

- An option that nobody knows, or of the wrong type, is an error that names it and the nearest known one.
- Durations are written \`30s\`, \`5m\`, \`1h30m\`, or as a number of seconds. Times are RFC 3339 in UTC.
- Errors are \`EvenkeelError\` with a \`code\`: [docs/errors.md](errors.md). Every function that takes time ends with the task that called it.
- Secrets that a run knows are masked in logs and errors; tokens, passwords and webhook URLs that are given to a module are known from then
  on.
- In a program of your own there is no run that gives modules anything to work on. Make them:

\`\`\`ts
import { createMasker, createModules, openWorkspace } from 'evenkeel';

const workspace = await openWorkspace({ directory: '.' });
const { kubernetes } = createModules({
  ...workspace.moduleHost,
  workingDirectory: process.cwd(),
  env: process.env,
  signal: new AbortController().signal,
  log: ({ level, message }) => console.error(level, message),
  secrets: createMasker(),
  prompt: async () => 'yes',
});
\`\`\`

The examples are files of \`examples/modules/\`; each is run by a test. This page is written by \`npm run generate\`.
`;

const order = Object.keys(moduleDescriptions);
const page = [
  intro,
  order.map((name) => `[${name}](#${name})`).join(' · '),
  '',
  ...order.flatMap((name) => [
    moduleText(name, moduleDescriptions[name]),
    ...(name === 'template' ? [language] : name === 'ai' ? [judged] : []),
  ]),
]
  .join('\n')
  .replace(/\n{3,}/g, '\n\n')
  .trimEnd();

if (process.argv.includes('--print')) process.stdout.write(`${page}\n`);
else writeFileSync(join(root, 'docs/modules.md'), `${page}\n`);
