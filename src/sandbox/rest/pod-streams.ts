import type { WireResponse } from '../../model/index.js';
import type { Loose } from '../strategy/types.js';
import type { Call } from './handle.js';
import { readObject } from './object.js';
import { containerOf } from './pod-container.js';
import { badRequest, failure, notFound } from './status.js';

/** What needs a process or a network behind an object, which the sandbox does not have: refused in words that say so. */
export function refuseStream(call: Call): WireResponse {
  const { api, type, info } = call;
  const object = readObject(
    api,
    type,
    type.namespaced ? info.namespace : '',
    info.name.split(':')[info.name.includes(':') ? 1 : 0] as string,
  )?.object as Loose;
  if (!object) throw notFound(type, info.name);
  const what = info.subresource;
  if (type.storage === 'pods.' && what !== 'proxy') {
    if (what !== 'portforward') containerOf(object, info.query.get('container') ?? '');
    if (!object.spec.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`);
  }
  const name = `${type.plural}/${what}`;
  throw failure(
    501,
    'NotImplemented',
    `${name} is not available: objects of the sandbox are simulated, so no process or address stands behind ${type.singular} ${JSON.stringify(info.name)}`,
    {
      name: info.name,
      kind: type.plural,
    },
  );
}
