import { type FieldErrors, invalid } from '../strategy/field.js';
import type { Loose } from '../strategy/types.js';
import { goAny } from './validate.js';

export interface ScalePaths {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

const maxInt32 = 2147483647;

/** What is wrong with the fields that a scale subresource reads. */
export function scaleProblems(scale: ScalePaths | undefined, object: Loose, statusOnly: boolean): FieldErrors {
  if (!scale) return [];
  const out: FieldErrors = [];
  if (!statusOnly) out.push(...replicas(scale.specReplicasPath, object));
  out.push(...replicas(scale.statusReplicasPath, object));
  const selector = scale.labelSelectorPath ? reach(object, scale.labelSelectorPath, 'string') : undefined;
  if (selector?.problem !== undefined) out.push(invalid(scale.labelSelectorPath as string, '', selector.problem));
  return out;
}

function replicas(path: string, object: Loose): FieldErrors {
  const { value, problem } = reach(object, path, 'int64');
  if (problem !== undefined) return [invalid(path, 0, problem)];
  if (value === undefined) return [];
  if (Number(value) < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return Number(value) > maxInt32 ? [invalid(path, value, `should be less than or equal to ${maxInt32}`)] : [];
}

/** The value at a path of member names; a problem where something else stands there. */
function reach(object: Loose, path: string, wanted: 'int64' | 'string'): { value?: unknown; problem?: string } {
  const steps = path.replace(/^\./, '').split('.');
  let at: unknown = object;
  for (const [i, step] of steps.entries()) {
    if (at === undefined || at === null) return {};
    if (typeof at !== 'object' || Array.isArray(at))
      return {
        problem: `.${steps.slice(0, i + 1).join('.')} accessor error: ${show(at)} is of the type ${goType(at)}, expected map[string]interface{}`,
      };
    at = Object.hasOwn(at, step) ? (at as Loose)[step] : undefined;
  }
  if (at === undefined) return {};
  if (goType(at) !== wanted)
    return { problem: `.${steps.join('.')} accessor error: ${show(at)} is of the type ${goType(at)}, expected ${wanted}` };
  return { value: at };
}

function show(value: unknown): string {
  const shown = goAny(value);
  return value === null ? '<nil>' : typeof shown === 'object' ? (shown as { text: string }).text : String(shown);
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return 'int64';
  if (typeof value === 'number') return 'float64';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}
