import { cloneJson, type Json, type KubeObject, maskValue, redactor } from '../model/index.js';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

export function isSecret(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

/**
 * A Secret whose values are masks: equal values have equal masks, whether they stand in `data` or in
 * `stringData`. Objects of other kinds are returned as they are.
 * @param key of the store, so that masks of two runs compare
 */
export function maskSecret(object: KubeObject, key: Uint8Array): KubeObject {
  if (!isSecret(object)) return object;
  const out = cloneJson(object);
  out['data'] = maskMap(out['data'] as Json, (value) => maskValue(value, key));
  out['stringData'] = maskMap(out['stringData'] as Json, (value) => maskValue(Buffer.from(value).toString('base64'), key));
  for (const name of ['data', 'stringData']) if (out[name] === undefined) delete out[name];
  const annotations = out.metadata.annotations;
  if (annotations?.[lastApplied] !== undefined) annotations[lastApplied] = maskValue(annotations[lastApplied], key);
  return out;
}

function maskMap(map: Json | undefined, mask: (value: string) => string): Json | undefined {
  if (map === undefined || map === null) return map;
  // A Secret of the wrong shape may hold its values anywhere: nothing of it is shown.
  if (typeof map !== 'object' || Array.isArray(map))
    return mask(JSON.stringify(map, (_k, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)));
  return Object.fromEntries(Object.entries(map).map(([k, v]) => [k, mask(typeof v === 'string' ? v : String(v))]));
}

/** A function that cuts a Secret's values, plain and encoded, out of texts such as error messages. */
export function secretRedactor(objects: readonly (KubeObject | undefined)[]): (text: string) => string {
  const values: string[] = [];
  for (const object of objects) {
    if (object === undefined || !isSecret(object)) continue;
    for (const field of ['data', 'stringData']) {
      const map = object[field];
      if (map === null || typeof map !== 'object') continue;
      for (const value of Object.values(map)) {
        if (typeof value !== 'string') continue;
        values.push(value);
        if (field === 'data') values.push(Buffer.from(value, 'base64').toString('utf8'));
      }
    }
  }
  return values.length === 0 ? (text) => text : redactor(values);
}
