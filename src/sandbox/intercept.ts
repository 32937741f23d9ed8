import type { WireRequest, WireResponse } from '../model/index.js';
import type { User } from './auth/types.js';
import { parseRequest } from './rest/request.js';
import type { RequestFacts, SandboxOptions } from './types.js';

type Handle = (request: WireRequest, user: User) => Promise<WireResponse>;

/** A handler of requests that asks a hook first. */
export function intercepted(hook: NonNullable<SandboxOptions['intercept']>, handle: Handle): Handle {
  return async (request, user) => {
    let handled: Promise<WireResponse> | undefined;
    const next = () => {
      handled ??= handle(request, user);
      return handled;
    };
    const answer = await hook(request, { user: { name: user.name, groups: user.groups }, facts: factsOf(request), next });
    return answer ?? next();
  };
}

function factsOf(request: WireRequest): RequestFacts {
  const info = parseRequest(request);
  if (!info)
    return {
      verb: request.method.toLowerCase(),
      group: '',
      version: '',
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
      dryRun: false,
    };
  const { verb, group, version, resource, subresource, namespace, query } = info;
  // A field selector for one name is a request for that object.
  const selected = /(?:^|,)metadata\.name==?([^,]+)/.exec(query.get('fieldSelector') ?? '')?.[1];
  const name = info.name === '' && resource !== '' ? (selected ?? '') : info.name;
  return { verb, group, version, resource, subresource, namespace, name, dryRun: query.getAll('dryRun').includes('All') };
}
