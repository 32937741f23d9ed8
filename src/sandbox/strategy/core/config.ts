import { equalJson } from '../../../model/index.js';
import { all } from '../check.js';
import { type FieldErrors, forbiddenField, invalid, required, tooLong } from '../field.js';
import { configKeyProblems } from '../names.js';
import type { Loose, Strategy } from '../types.js';
import { goJsonProblem } from './go-json.js';

const mostBytes = 1024 * 1024;
const frozenText = 'field is immutable when `immutable` is set';

function frozen(next: Loose, old: Loose, fields: readonly string[]): FieldErrors {
  if (old.immutable !== true) return [];
  const out: FieldErrors = [];
  if (next.immutable !== true) out.push(forbiddenField('immutable', frozenText));
  for (const field of fields) if (!equalJson(next[field] ?? {}, old[field] ?? {})) out.push(forbiddenField(field, frozenText));
  return out;
}

const keys = (data: Loose) => Object.keys(data ?? {}).sort();
const textBytes = (data: Loose) => keys(data).reduce((sum, key) => sum + Buffer.byteLength(data[key]), 0);
/** How long what base64 stands for is. */
const decodedBytes = (data: Loose) => keys(data).reduce((sum, key) => sum + Buffer.byteLength(data[key] ?? '', 'base64'), 0);

const configMap: Strategy = {
  updateSteps: ['change of metadata', 'change', 'metadata', 'object'],
  validate(object) {
    const out: FieldErrors = [];
    for (const key of keys(object.data)) {
      out.push(...all(`data[${key}]`, key, configKeyProblems(key)));
      if (Object.hasOwn(object.binaryData ?? {}, key)) out.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    for (const key of keys(object.binaryData)) out.push(...all(`binaryData[${key}]`, key, configKeyProblems(key)));
    // The whole object is meant; the API server writes its path so.
    if (textBytes(object.data) + decodedBytes(object.binaryData) > mostBytes) out.push(tooLong('[]', mostBytes));
    return out;
  },
  validateUpdate: (next, old) => frozen(next, old, ['data', 'binaryData']),
};

const account = 'kubernetes.io/service-account.name';

/** What a secret's type asks of its data. */
const typed: { [type: string]: (secret: Loose) => FieldErrors } = {
  'kubernetes.io/service-account-token': ({ metadata }) =>
    metadata.annotations?.[account] ? [] : [required(`metadata.annotations[${account}]`)],
  'kubernetes.io/dockercfg': ({ data }) => jsonMap(data, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': ({ data }) => jsonMap(data, '.dockerconfigjson'),
  'kubernetes.io/basic-auth': ({ data }) =>
    data?.username === undefined && data?.password === undefined ? [required('data[username]'), required('data[password]')] : [],
  'kubernetes.io/ssh-auth': ({ data }) => (data?.['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')]),
  'kubernetes.io/tls': ({ data }) =>
    ['tls.crt', 'tls.key'].filter((key) => !Object.hasOwn(data ?? {}, key)).map((key) => required(`data[${key}]`)),
};

function jsonMap(data: Loose, key: string): FieldErrors {
  if (!Object.hasOwn(data ?? {}, key)) return [required(`data[${key}]`)];
  const problem = goJsonProblem(Buffer.from(data[key] ?? '', 'base64').toString('utf8'));
  return problem === undefined ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', problem)];
}

const secret: Strategy = {
  updateSteps: ['change of metadata', 'change', 'metadata', 'object'],
  defaults(object) {
    object.type ??= 'Opaque';
    if (!object.stringData) return;
    object.data ??= {};
    for (const [key, value] of Object.entries(object.stringData) as [string, string][])
      object.data[key] = Buffer.from(value).toString('base64');
    delete object.stringData;
  },
  validate(object) {
    const out = keys(object.data).flatMap((key) => all(`data[${key}]`, key, configKeyProblems(key)));
    if (decodedBytes(object.data) > mostBytes) out.push(tooLong('data', mostBytes));
    const check = Object.hasOwn(typed, object.type) ? typed[object.type] : undefined;
    return [...out, ...(check?.(object) ?? [])];
  },
  validateUpdate(next, old) {
    const out: FieldErrors = next.type === old.type ? [] : [invalid('type', next.type, 'field is immutable')];
    return [...out, ...frozen(next, old, ['data'])];
  },
  fields: { type: (o) => String(o['type'] ?? '') },
};

export const config: { [resource: string]: Strategy } = { 'configmaps.': configMap, 'secrets.': secret };
