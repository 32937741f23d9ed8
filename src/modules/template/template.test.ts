import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../../test/support/modules.js';
import { EvenkeelError } from '../../model/index.js';

let lab: ModuleLab;
beforeAll(async () => {
  lab = await moduleLab();
});
afterAll(() => lab.close());

const data = {
  image: { name: 'web', tag: 'v2' },
  hosts: ['a.example', 'b.example'],
  labels: { app: 'web', tier: 'front' },
  replicas: 3,
  empty: '',
  none: null,
  big: 9007199254740993n,
  'odd key': { 'x.y/z': 1 },
};
const render = (template: string, options = {}) => lab.modules.template.render(template, data, options);

describe('templates', () => {
  test.each<[string, string]>([
    ['plain { } %} }} text', 'plain { } %} }} text'],
    ['{{ image.name }}:{{image["tag"]}}', 'web:v2'],
    ['{{ hosts[0] }} {{ hosts[-1] }} {{ hosts.1 }}', 'a.example b.example b.example'],
    ['{{ replicas * 2 + 1 - 6 / 3 }} {{ 7 % 4 }} {{ -replicas }} {{ (1 + 2) * 3 }}', '5 3 -3 9'],
    ['{{ "a" ~ replicas ~ \'b\' }}{{ "\\n\\"}}" }}', 'a3b\n"}}'],
    ['{{ none }}|{{ true }}|{{ big }}|{{ labels }}', '|true|9007199254740993|{"app":"web","tier":"front"}'],
    ['{{ missing | default("x") }}{{ empty | default(image.tag) }}', 'xv2'],
    ['{{ hosts | join(", ") | upper }} {{ hosts | length }} {{ labels | keys | last }}', 'A.EXAMPLE, B.EXAMPLE 2 tier'],
    [
      '{{ image.name | quote }} {{ image | json }} {{ "a-b" | replace("-", "_") }} {{ [3, 1, 2] | sort | json }}',
      '"web" {"name":"web","tag":"v2"} a_b [1,2,3]',
    ],
    ['env:\n  {{ labels | yaml | indent(2) }}', 'env:\n  app: web\n  tier: front'],
    ['{{ "x" | base64 }} {{ " y " | trim }} {{ "a,b" | split(",") | first }} {{ "Q" | lower }}', 'eA== y a q'],
    ['{% if replicas > 2 and image.tag != "v1" %}many{% elif true %}no{% else %}few{% endif %}', 'many'],
    ['{% if not missing.deep and "app" in labels and "b.example" in hosts and "we" in "web" %}yes{% endif %}', 'yes'],
    ['{% if not replicas == 4 %}so{% endif %}{% if none or empty or [] %}x{% else %}!{% endif %}', 'so!'],
    ['{% for h in hosts %}{{ loop.index }}={{ h }}{% if not loop.last %},{% endif %}{% endfor %}', '1=a.example,2=b.example'],
    ['{% for k, v in labels %}{{ k }}:{{ v }};{% endfor %}{% for k in labels %}{{ k }}{% endfor %}', 'app:web;tier:front;apptier'],
    ['{% for x in [] %}x{% else %}nobody{% endfor %}', 'nobody'],
    ['{% set n = replicas + 1 %}{{ n }}{% for x in [1] %}{% set n = 9 %}{{ n }}{% endfor %}{{ n }}', '494'],
    ['a  {{- replicas -}}  b{# gone -#}   c', 'a3bc'],
    ['{% raw %}{{ .Values.x }}{% endraw %}', '{{ .Values.x }}'],
    ['{{ data["odd key"] | default("-") }}', '-'],
  ])('%s', (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  test('are files, too', async () => {
    writeFileSync(join(lab.folder, 'job.tpl'), 'a\n{{ imagee.tag }}');
    await expect(lab.modules.template.renderFile('job.tpl', data)).rejects.toMatchObject({
      code: 'TEMPLATE_FAILED',
      where: { file: 'job.tpl', line: 2, column: 4 },
      hint: 'Did you mean "image"?',
    });
    expect(await lab.modules.template.renderFile('job.tpl', data, { strict: false })).toBe('a\n');
    await expect(lab.modules.template.renderFile('../x', data)).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
  });

  test.each<[string, string, object]>([
    ['an open tag', 'x {{ image', { code: 'TEMPLATE_INVALID', where: { line: 1, column: 3 } }],
    ['an open block', '\n {% if true %}', { code: 'TEMPLATE_INVALID', where: { line: 2, column: 2 } }],
    ['a stray end', '{% endif %}', { code: 'TEMPLATE_INVALID' }],
    ['a misspelt tag', '{% iff true %}', { code: 'TEMPLATE_INVALID', hint: 'Did you mean "if"?' }],
    ['a leading dot', '{{ .Values.x }}', { code: 'TEMPLATE_INVALID', hint: /leading dot/ }],
    ['two else', '{% if true %}{% else %}{% else %}{% endif %}', { code: 'TEMPLATE_INVALID' }],
    ['words behind an end', '{% if true %}{% endif true %}', { code: 'TEMPLATE_INVALID' }],
    ['a keyword as a name', '{{ and }}', { code: 'TEMPLATE_INVALID' }],
    ['a misspelt filter', '{{ image | jsonn }}', { code: 'TEMPLATE_FAILED', hint: 'Did you mean "json"?' }],
    ['what is not there', '{{ image.tagg }}', { code: 'TEMPLATE_FAILED', message: /image\.tagg is not there/ }],
    ['what is required', '{{ none | required("set none") }}', { code: 'TEMPLATE_FAILED', message: /none: set none/ }],
    ['a sum of texts', '{{ image.tag + 1 }}', { code: 'TEMPLATE_FAILED', message: /image\.tag is no number/ }],
    ['a division by zero', '{{ 1 / 0 }}', { code: 'TEMPLATE_FAILED' }],
    ['a loop over a number', '{% for x in replicas %}{% endfor %}', { code: 'TEMPLATE_FAILED' }],
  ])('%s is an error with its place', (_, template, expected) => {
    let error: unknown;
    try {
      render(template);
    } catch (thrown) {
      error = thrown;
    }
    const { message, hint, ...rest } = expected as { message?: RegExp; hint?: string | RegExp };
    expect(error).toMatchObject(rest);
    if (message !== undefined) expect((error as Error).message).toMatch(message);
    if (hint instanceof RegExp) expect((error as EvenkeelError).hint).toMatch(hint);
    else if (hint !== undefined) expect((error as EvenkeelError).hint).toBe(hint);
  });
});

describe('hostile templates', () => {
  test('reach no prototype, function or global', () => {
    for (const path of [
      'constructor',
      'image.constructor',
      'hosts.constructor',
      'image["__proto__"]',
      'toString',
      'hosts.length',
      'process',
      'image.name.length',
      'hosts["map"]',
      'labels.hasOwnProperty',
    ])
      expect(() => render(`{{ ${path} }}`), path).toThrow(/is not there/);
    render('{% set __proto__ = labels %}{% set constructor = 1 %}');
    expect(({} as { app?: string }).app).toBeUndefined();
  });

  const many = '{% for a in l %}'.repeat(8);
  test.each<[string, string]>([
    ['loops in loops', `{% set l = [${'1,'.repeat(50)}1] %}${many}x${'{% endfor %}'.repeat(8)}`],
    ['a text that doubles', `{% set s = "xxxxxxxxxxxxxxxx" %}${'{% set s = s ~ s %}'.repeat(40)}`],
    ['a text that is replaced by itself', `{% set s = "xxxxxxxxxxxxxxxx" %}${'{% set s = s | replace("x", s) %}'.repeat(5)}`],
    ['joins that grow', `{% set s = "xxxx" %}${'{% set s = [s, s, s, s] | join(s) %}'.repeat(20)}`],
    ['indents that grow', `{% set s = "x\\nx" %}${'{% set s = (s ~ "\\n" ~ s) | indent(100) %}'.repeat(30)}`],
    ['parentheses', `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`],
    ['brackets', `{{ ${'['.repeat(500)}${']'.repeat(500)} }}`],
    ['operators', `{{ ${'1 + '.repeat(100_000)}1 }}`],
    ['signs', `{{ ${'- '.repeat(5000)}1 }}`],
    ['not', `{{ ${'not '.repeat(5000)}1 }}`],
    ['members', `{{ image${'.a'.repeat(50_000)} }}`],
    ['filters', `{{ "x"${' | trim'.repeat(50_000)} }}`],
    ['blocks', `${'{% if true %}'.repeat(1000)}${'{% endif %}'.repeat(1000)}`],
    ['length', 'x'.repeat(4 * 1024 * 1024 + 1)],
  ])('end at a limit: %s', (_, template) => {
    expect(() => render(template)).toThrow(expect.objectContaining({ code: 'TEMPLATE_LIMIT' }));
  });

  test('are read in time that grows with their length only', () => {
    for (const piece of ['{{', '{%', '{#', '{% raw %}', '{{ "', "{{ '", '{', '{% if ', '{{ 1 }}', '{%-', ' '])
      try {
        render(piece.repeat(50_000));
      } catch (error) {
        expect(error).toBeInstanceOf(EvenkeelError);
      }
  });

  test('whatever they are, are rendered or refused with an error of ours', () => {
    const word = fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      'if',
      'for',
      'x',
      'in',
      'hosts',
      'endif',
      'endfor',
      '|',
      'json',
      '(',
      ')',
      '[',
      ']',
      '.',
      '"',
      "'",
      '-',
      '+',
      'else',
      'set',
      '=',
      ' ',
      '\n',
      '1',
      '{#',
      '#}',
      'raw',
      '\\',
      'é',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 25 }), fc.boolean(), (words, strict) => {
        try {
          expect(typeof render(words.join(' '), { strict })).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(EvenkeelError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
