import type { ErrorCode, Where } from '../model/index.js';
import { EvenkeelError, parseJson, printable } from '../model/index.js';

/** The Kubernetes Status object, as far as it is read here. */
export interface Status {
  kind: 'Status';
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  metadata?: { continue?: string };
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    retryAfterSeconds?: number;
    causes?: { reason?: string; message?: string; field?: string }[];
  };
}

export function isStatus(value: unknown): value is Status {
  return value !== null && typeof value === 'object' && (value as { kind?: unknown }).kind === 'Status' && !('items' in value);
}

export interface Refusal {
  status: number;
  text: string;
  /** Name of the cluster, for hints. */
  cluster: string;
  where: Where;
  /** What is known of the credentials that were refused. */
  note?: string;
}

/** An answer outside 2xx as our error: the Status's own message, a code by its reason, a hint by what helps. */
export function refusalError(refusal: Refusal): EvenkeelError {
  const status = readStatus(refusal.text);
  if (status === undefined) return withoutStatus(refusal);
  return statusError(status, refusal);
}

/**
 * How a server-side apply that does not fit its type is refused: with status 500, although the server is
 * well and the same request will never succeed.
 */
const MISTYPED =
  /^(?:failed to create typed patch object \([^)]*\): (?:errors:\s*)?(?:\.?([^\s:]+): )?|failed to merge config: |error decoding YAML: )/;

/** A Status, from an answer or from an ERROR event of a watch, as our error. */
export function statusError(status: Status, from: Omit<Refusal, 'text'>): EvenkeelError {
  const http = from.status >= 400 ? from.status : (status.code ?? 500);
  const mistyped = http === 500 ? MISTYPED.exec(status.message ?? '') : null;
  const code = mistyped ? 'KUBE_INVALID' : codeOf(http, status.reason);
  const message = printable(status.message ?? '') || `The API server answered ${http}${status.reason ? ` (${status.reason})` : ''}`;
  const causes = status.details?.causes ?? [];
  const field = mistyped?.[1] ?? (causes.length === 1 ? causes[0]?.field : undefined);
  return new EvenkeelError(code, message, {
    where: { ...from.where, ...(field === undefined ? {} : { field }) },
    hint: from.note ?? hintFor(code, status, from.cluster),
    details: { httpStatus: http, status, ...(causes.length > 0 ? { causes } : {}) },
    ...(http === 403 && causes.some((c) => c.reason === 'NamespaceTerminating') ? { transient: true } : {}),
  });
}

function readStatus(text: string): Status | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = parseJson(text);
    return isStatus(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** By reason first, as client-go decides; by HTTP status where the reason is unknown. */
function codeOf(http: number, reason: string | undefined): ErrorCode {
  switch (reason) {
    case 'AlreadyExists':
      return 'KUBE_ALREADY_EXISTS';
    case 'Conflict':
      return 'KUBE_CONFLICT';
    case 'Invalid':
      return 'KUBE_INVALID';
    case 'Gone':
    case 'Expired':
      return 'KUBE_GONE';
    case 'Timeout':
    case 'ServerTimeout':
      return 'KUBE_TIMEOUT';
    case 'TooManyRequests':
      return 'KUBE_TOO_MANY_REQUESTS';
    case 'RequestEntityTooLarge':
      return 'KUBE_TOO_LARGE';
    default:
      return codeOfHttp(http);
  }
}

function codeOfHttp(http: number): ErrorCode {
  const known: { [http: number]: ErrorCode } = {
    401: 'KUBE_UNAUTHORIZED',
    403: 'KUBE_FORBIDDEN',
    404: 'KUBE_NOT_FOUND',
    408: 'KUBE_TIMEOUT',
    409: 'KUBE_CONFLICT',
    410: 'KUBE_GONE',
    413: 'KUBE_TOO_LARGE',
    422: 'KUBE_INVALID',
    429: 'KUBE_TOO_MANY_REQUESTS',
    504: 'KUBE_TIMEOUT',
  };
  return known[http] ?? (http >= 500 ? 'KUBE_SERVER_ERROR' : http >= 400 ? 'KUBE_BAD_REQUEST' : 'KUBE_BAD_ANSWER');
}

function hintFor(code: ErrorCode, status: Status, cluster: string): string | undefined {
  const message = status.message ?? '';
  const webhook = /webhook "([^"]{1,200})"/.exec(message)?.[1];
  switch (code) {
    case 'KUBE_UNAUTHORIZED':
      return `The credentials for ${cluster} are missing, wrong or expired: sign in again, or check that this is the right context.`;
    case 'KUBE_FORBIDDEN':
      if (webhook) return `The admission webhook ${webhook} refuses it: change what its message names.`;
      if (/because it is being terminated/.test(message)) return 'The namespace is being deleted: wait until it is gone, then try again.';
      if (/exceeded quota/.test(message)) return 'A ResourceQuota of the namespace is used up: ask for less, or raise it.';
      return `Give the user of ${cluster} the permission that the message names (Role or ClusterRole and a binding), or use another context.`;
    case 'KUBE_NOT_FOUND':
      return /could not find the requested resource/.test(message)
        ? 'The server does not serve this type: is its CustomResourceDefinition installed, and is this the right cluster?'
        : undefined;
    case 'KUBE_CONFLICT':
      return status.details?.causes?.some((c) => c.reason === 'FieldManagerConflict')
        ? 'Take the field out of the manifest, let its owner give it up, or apply with force to take it over.'
        : 'The object was changed in between: read it again and repeat.';
    case 'KUBE_INVALID':
      return /field is immutable/.test(message)
        ? 'The field cannot be changed once set: the object has to be deleted and created anew.'
        : 'Correct the fields that the message names.';
    case 'KUBE_BAD_REQUEST':
      return webhook ? `The admission webhook ${webhook} refuses it: change what its message names.` : undefined;
    case 'KUBE_TOO_LARGE':
      return 'Split the object: the API server stores at most about 1.5 MB in one.';
    case 'KUBE_SERVER_ERROR':
      return webhook
        ? `The webhook ${webhook} does not answer: check the service behind it, or its failurePolicy.`
        : 'Try again; if it stays, look into the log of the API server.';
    case 'KUBE_TOO_MANY_REQUESTS':
    case 'KUBE_TIMEOUT':
      return 'The API server is busy: try again later.';
    default:
      return undefined;
  }
}

/** Something answered that is no API server, or one of its plain-text answers. */
function withoutStatus(refusal: Refusal): EvenkeelError {
  const { status: http, text } = refusal;
  const said = summary(text);
  const html = isHtml(text);
  const redirect = http >= 300 && http < 400;
  const code = redirect || (html && http < 500 && http !== 401 && http !== 403) ? 'KUBE_BAD_ANSWER' : codeOfHttp(http);
  return new EvenkeelError(code, `The server answered ${http}${html ? ' with a web page' : ''}${said === '' ? '' : `: ${said}`}`, {
    where: refusal.where,
    hint:
      refusal.note ??
      hintFor(code, { kind: 'Status' }, refusal.cluster) ??
      (code === 'KUBE_NOT_FOUND'
        ? 'The server does not serve this path: is the type installed, and is the address of the server right?'
        : 'Check the address of the API server in the kubeconfig, and any proxy in between.'),
    details: { httpStatus: http },
  });
}

export function isHtml(text: string): boolean {
  return /^\s*<(!doctype|html|head|body|\?xml)/i.test(text.slice(0, 500));
}

function summary(text: string): string {
  const line = isHtml(text) ? (/<title[^>]*>([^<]{0,200})/i.exec(text.slice(0, 20_000))?.[1] ?? '') : text.slice(0, 400);
  return printable(line).split('\n', 1)[0]?.trim().slice(0, 200) ?? '';
}
