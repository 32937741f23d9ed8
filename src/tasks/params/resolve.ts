import { EvenkeelError, nearest, printable } from '../../model/index.js';
import { describe } from '../dsl/check.js';
import type { ParamSpec, ParamValue, PipelineDefinition, TaskDefinition } from '../types.js';
import { specOf, typeOf } from './declare.js';

export type GivenParams = { readonly [name: string]: ParamValue };

export interface ResolvedParams {
  /** What a task gets: its own defaults before those of the pipeline, and what was given before both. */
  of(task: TaskDefinition): { [name: string]: ParamValue };
  /** Values of parameters that are declared secret. */
  secrets: string[];
  /** What was given, with the types that are declared. */
  given: { [name: string]: ParamValue };
}

/**
 * Holds what was given against what is declared. Text from a command line becomes the type that is declared. Where
 * neither the pipeline nor a task declares parameters, any may be given.
 * @param texts names whose values are text from a command line
 * @throws EvenkeelError PARAM_UNKNOWN, PARAM_INVALID
 */
export function resolveParams(pipeline: PipelineDefinition, given: GivenParams, texts: ReadonlySet<string> = new Set()): ResolvedParams {
  const specs = new Map<string, ParamSpec[]>();
  for (const declared of [pipeline.params, ...pipeline.tasks.map((task) => task.params)])
    for (const [name, one] of Object.entries(declared ?? {})) specs.set(name, [...(specs.get(name) ?? []), specOf(one)]);
  const values: { [name: string]: ParamValue } = {};
  for (const [name, value] of Object.entries(given)) {
    const known = specs.get(name);
    if (known === undefined && specs.size > 0) throw unknown(name, [...specs.keys()], pipeline);
    values[name] = typed(name, value, known ?? [], texts.has(name));
  }
  for (const [name, known] of specs) {
    if (name in values || !known.some((spec) => spec.required === true) || known.some((spec) => spec.default !== undefined)) continue;
    throw new EvenkeelError('PARAM_INVALID', `the parameter "${name}" is missing`, {
      where: { ...pipeline.source, field: `params.${name}` },
      hint: `Give it: --param ${name}=…${known[0]?.description === undefined ? '' : ` (${known[0].description})`}`,
    });
  }
  const defaultsOf = (declared: PipelineDefinition['params']) => {
    const defaults: { [name: string]: ParamValue } = {};
    for (const [name, one] of Object.entries(declared ?? {})) {
      const { default: value } = specOf(one);
      if (value !== undefined) defaults[name] = value;
    }
    return defaults;
  };
  const common = defaultsOf(pipeline.params);
  const secrets = [...specs].flatMap(([name, known]) =>
    known.some((spec) => spec.secret === true) ? [...known.map((spec) => spec.default), values[name]].flatMap(textsOf) : [],
  );
  return { secrets, given: values, of: (task) => structuredClone({ ...common, ...defaultsOf(task.params), ...values }) };
}

/** `name=value` as a command line gives it. @throws EvenkeelError PARAM_INVALID */
export function parseParam(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  if (at < 1 || name === '__proto__')
    throw new EvenkeelError('PARAM_INVALID', `"${printable(name).slice(0, 80)}" is not name=value`, {
      hint: 'For example: --param image=nginx:1.25',
    });
  return [name, text.slice(at + 1)];
}

function typed(name: string, value: ParamValue, specs: readonly ParamSpec[], isText: boolean): ParamValue {
  const type = specs.find((spec) => spec.type !== undefined)?.type;
  const fitted = isText && typeof value === 'string' ? fromText(name, value, type) : value;
  if (type !== undefined && typeOf(fitted) !== type) throw wrong(name, `is ${described(fitted, specs)}, not a ${type}`);
  for (const { choices } of specs)
    if (choices !== undefined && !choices.includes(fitted as string))
      throw wrong(name, `is ${described(fitted, specs)}; it can be ${choices.join(', ')}`);
  return fitted;
}

function fromText(name: string, text: string, type: ParamSpec['type']): ParamValue {
  switch (type) {
    case 'number': {
      if (!/^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$/i.test(text.trim())) throw wrong(name, 'is not a number');
      return Number(text);
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw wrong(name, 'is neither true nor false');
      return text === 'true';
    case 'list':
    case 'object': {
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        if (type === 'list') return text === '' ? [] : text.split(',').map((item) => item.trim());
        throw wrong(name, 'is not JSON');
      }
      return value as ParamValue;
    }
    default:
      return text;
  }
}

const described = (value: ParamValue, specs: readonly ParamSpec[]) =>
  specs.some((spec) => spec.secret === true) ? 'something' : describe(value);

function wrong(name: string, what: string): EvenkeelError {
  return new EvenkeelError('PARAM_INVALID', `the parameter "${name}" ${what}`, { where: { field: `params.${name}` } });
}

function unknown(name: string, known: readonly string[], pipeline: PipelineDefinition): EvenkeelError {
  const near = nearest(name, known);
  return new EvenkeelError('PARAM_UNKNOWN', `the pipeline "${pipeline.name}" has no parameter "${printable(name).slice(0, 80)}"`, {
    hint: near === undefined ? `It has ${known.join(', ')}.` : `Did you mean "${near}"?`,
  });
}

function textsOf(value: ParamValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}
