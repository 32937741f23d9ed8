import { type Json, parseJson, stringifyJson, type WireResponse } from '../model/index.js';
import type { RequestFacts } from '../sandbox/index.js';
import type { FaultAction } from './types.js';

type JsonObject = { [key: string]: Json };

/** What the API server says for a status when nothing else is known, as k8s.io/apimachinery's api/errors words it. */
const said: { [status: number]: [reason: string, message: string] } = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'forbidden'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  409: ['Conflict', 'the object has been modified; please apply your changes to the latest version and try again'],
  410: ['Expired', 'The provided continue parameter is too old'],
  413: ['RequestEntityTooLarge', 'Request entity too large: limit is 3145728'],
  415: ['UnsupportedMediaType', 'the body of the request was in an unknown format'],
  422: ['Invalid', 'is invalid'],
  429: ['TooManyRequests', 'Too many requests, please try again later.'],
  500: ['InternalError', 'Internal error occurred'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

export function statusAnswer(action: FaultAction, facts: RequestFacts): WireResponse {
  const { status = 500, retryAfter } = action;
  const [reason, message] = said[status] ?? [status >= 500 ? 'InternalError' : 'Unknown', 'unknown'];
  const { resource, group, name } = facts;
  const details: JsonObject = {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(resource === '' ? {} : { kind: resource }),
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  };
  return failure(
    {
      message: action.message ?? worded(status, message, facts),
      ...(action.reason === '' ? {} : { reason: action.reason ?? reason }),
      ...(Object.keys(details).length > 0 ? { details } : {}),
      code: status,
    },
    retryAfter,
  );
}

function worded(status: number, message: string, { resource, group, name }: RequestFacts): string {
  if (resource === '') return message;
  const what = `${group === '' ? resource : `${resource}.${group}`}${name === '' ? '' : ` ${JSON.stringify(name)}`}`;
  if (status === 409) return `Operation cannot be fulfilled on ${what}: ${message}`;
  if (status === 404 && name !== '') return `${what} not found`;
  if (status === 403) return `${what} is forbidden: refused by a fault`;
  if (status === 422) return `${what} is invalid`;
  return message;
}

/** A write refused as a validating webhook does that gives no code of its own: HTTP 400 without a reason. */
export function admissionAnswer(message: string): WireResponse {
  return failure({ message: `admission webhook "fault.testing.evenkeel.dev" denied the request: ${message}`, code: 400 });
}

function failure(fields: JsonObject & { code: number }, retryAfter?: number): WireResponse {
  return {
    status: fields.code,
    headers: { 'content-type': 'application/json', ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
    body: stringifyJson({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...fields }),
  };
}

/** The event that tells a watch that its version is too old. */
export function goneEvent(): string {
  const object = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'too old resource version',
    reason: 'Expired',
    code: 410,
  };
  return `${stringifyJson({ type: 'ERROR', object })}\n`;
}

/** Whether discovery of a group is asked for here; `within` where it is the list of all groups. */
export function asksOfGroup(path: string, group: string): 'within' | 'group' | undefined {
  const parts = (path.split('?')[0] as string).split('/').filter((part) => part !== '');
  if (group === '' ? parts[0] === 'api' && parts.length === 1 : parts[0] === 'apis' && parts.length === 1) return 'within';
  return parts[0] === 'apis' && parts[1] === group && parts.length <= 3 ? 'group' : undefined;
}

/** The list of groups as it is where one group's server does not answer: named, without resources. */
export async function withoutGroup(answer: WireResponse, group: string): Promise<WireResponse> {
  if (typeof answer.body !== 'string' || answer.status !== 200) return answer;
  const document = parseJson(answer.body) as JsonObject;
  if (document['kind'] === 'APIGroupDiscoveryList') {
    const items = document['items'] as { metadata: { name?: string }; versions: JsonObject[] }[];
    let item = items.find((one) => one.metadata.name === group);
    if (!item) {
      item = { metadata: { name: group }, versions: [{ version: 'v1' }] };
      items.push(item);
    }
    item.versions = item.versions.map((one) => ({ version: one['version'] as Json, freshness: 'Stale' }));
  } else if (document['kind'] === 'APIGroupList') {
    const groups = document['groups'] as JsonObject[];
    const version = { groupVersion: `${group}/v1`, version: 'v1' };
    if (!groups.some((one) => one['name'] === group)) groups.push({ name: group, versions: [version], preferredVersion: version });
  } else return answer;
  return { ...answer, body: stringifyJson(document) };
}
