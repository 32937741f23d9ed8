import { EvenkeelError } from '../../model/index.js';
import type { ParamSpec, ParamValue, SourcePlace } from '../types.js';

const specFields: readonly string[] = ['type', 'description', 'default', 'required', 'choices', 'secret'];
const types: readonly unknown[] = ['string', 'number', 'boolean', 'list', 'object'];

/** Whether a declaration is a specification and not a plain default: an object of nothing but a specification's members. */
function isParamSpec(declared: ParamSpec | ParamValue): declared is ParamSpec {
  if (typeof declared !== 'object' || declared === null || Array.isArray(declared)) return false;
  const fields = Object.keys(declared);
  return fields.length > 0 && fields.every((field) => specFields.includes(field));
}

/** A declaration in full: a plain default is of its own type. */
export function specOf(declared: ParamSpec | ParamValue): ParamSpec {
  const spec = isParamSpec(declared) ? declared : { default: declared };
  if (spec.type !== undefined || spec.default === undefined || spec.default === null) return spec;
  return { ...spec, type: typeOf(spec.default) };
}

export function typeOf(value: ParamValue): ParamSpec['type'] {
  if (Array.isArray(value)) return 'list';
  return value === null ? undefined : (typeof value as 'string' | 'number' | 'boolean' | 'object');
}

/** @throws EvenkeelError TASK_INVALID */
export function checkParams(what: string, params: unknown, place?: SourcePlace): void {
  if (params === undefined) return;
  const refuse = (field: string, message: string) =>
    new EvenkeelError('TASK_INVALID', `${what}: ${message}`, { where: { ...place, field } });
  if (typeof params !== 'object' || params === null || Array.isArray(params)) throw refuse('params', 'params is not an object');
  for (const [name, declared] of Object.entries(params as { [name: string]: unknown })) {
    const field = `params.${name}`;
    if (name === '__proto__' || !/^[A-Za-z_][\w.-]{0,99}$/.test(name))
      throw refuse('params', `a parameter cannot be called "${name.slice(0, 100)}": letters, digits, "_", "-" and "."`);
    if (!isData(declared, 0)) throw refuse(field, `the parameter "${name}" is not plain data`);
    if (!isParamSpec(declared as ParamValue)) continue;
    const spec = declared as { [member: string]: unknown };
    if (spec['type'] !== undefined && !types.includes(spec['type']))
      throw refuse(field, `the type of "${name}" is none of ${types.join(', ')}`);
    for (const member of ['required', 'secret'])
      if (spec[member] !== undefined && typeof spec[member] !== 'boolean')
        throw refuse(field, `"${member}" of "${name}" is not true or false`);
    if (spec['description'] !== undefined && typeof spec['description'] !== 'string')
      throw refuse(field, `the description of "${name}" is not a text`);
    if (spec['choices'] !== undefined && (!Array.isArray(spec['choices']) || spec['choices'].length === 0))
      throw refuse(field, `the choices of "${name}" are not a list`);
    if (spec['default'] !== undefined && spec['type'] !== undefined && typeOf(spec['default'] as ParamValue) !== spec['type'])
      throw refuse(field, `the default of "${name}" is not a ${String(spec['type'])}`);
    if (spec['default'] !== undefined && Array.isArray(spec['choices']) && !spec['choices'].includes(spec['default']))
      throw refuse(field, `the default of "${name}" is none of its choices`);
  }
}

function isData(value: unknown, depth: number): value is ParamValue {
  if (depth > 50) return false;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every((item) => isData(item, depth + 1));
  return typeof value === 'object' && Object.values(value).every((item) => item === undefined || isData(item, depth + 1));
}
