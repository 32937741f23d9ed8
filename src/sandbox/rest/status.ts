/** The API server's errors: Status objects with its own reasons, details and sentences. */

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { [key: string]: unknown };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** A request that the API server refuses. `code` is the HTTP status. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(readonly status: Status) {
    super(status.message ?? status.reason ?? 'request refused');
    this.name = 'ApiError';
    this.code = status.code ?? 500;
    this.reason = status.reason ?? '';
  }
}

export function failure(code: number, reason: string, message: string, details?: StatusDetails): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details ? { details } : {}),
    code,
  });
}

/** What a request is answered with that only succeeds. */
export const successStatus = (code: number): Status => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code });

/** A resource as errors name it: `deployments.apps`. */
export interface Named {
  group: string;
  plural: string;
}

const qualified = (resource: Named) => (resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`);
const details = (resource: Named, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.plural,
});

export const notFound = (resource: Named, name: string) =>
  failure(404, 'NotFound', `${qualified(resource)} ${JSON.stringify(name)} not found`, details(resource, name));

export const alreadyExists = (resource: Named, name: string) =>
  failure(409, 'AlreadyExists', `${qualified(resource)} ${JSON.stringify(name)} already exists`, details(resource, name));

export const conflict = (resource: Named, name: string, why: string) =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${why}`,
    details(resource, name),
  );

export const modified = (resource: Named, name: string) =>
  conflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again');

export const forbidden = (resource: Named, name: string, why: string) =>
  failure(
    403,
    'Forbidden',
    `${qualified(resource)}${name === '' ? '' : ` ${JSON.stringify(name)}`} is forbidden: ${why}`,
    details(resource, name),
  );

export const badRequest = (message: string) => failure(400, 'BadRequest', message);

export const unauthorized = () => failure(401, 'Unauthorized', 'Unauthorized');

export const methodNotAllowed = (resource: Named, verb: string) =>
  failure(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind "${qualified(resource)}"`, {
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
  });

export const genericMethodNotAllowed = () =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const genericNotFound = () => failure(404, 'NotFound', 'the server could not find the requested resource', {});

export const genericUnprocessable = () => failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

export const unsupportedMediaType = (accepted: readonly string[]) =>
  failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

export const notAcceptableText = (message: string) => failure(406, 'NotAcceptable', message);

export const notAcceptable = (accepted: readonly string[]) =>
  notAcceptableText(`only the following media types are accepted: ${accepted.join(', ')}`);

export const tooLarge = (limit: number) => failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);

export const expired = (message: string) => failure(410, 'Expired', message);

export const internalError = (message: string) =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

/** An error without a reason, as the server writes one that it did not foresee. */
export const plainError = (message: string) => failure(500, '', message);
