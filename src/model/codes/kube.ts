import type { CodeFacts } from '../errors.js';

export const kubeCodes = {
  KUBE_UNREACHABLE: {
    class: 'environment',
    transient: true,
    summary: 'The API server could not be reached, or the connection to it broke.',
  },
  KUBE_TLS: { class: 'environment', summary: 'The TLS connection to the API server failed: its certificate or ours was not accepted.' },
  KUBE_UNAUTHORIZED: {
    class: 'environment',
    summary: 'The API server does not know who we are: credentials are missing, wrong or expired.',
  },
  KUBE_FORBIDDEN: { class: 'environment', summary: 'The API server knows who we are and does not permit the request.' },
  KUBE_NOT_FOUND: { class: 'environment', summary: 'The API server does not have the object, or does not serve its type.' },
  KUBE_CONFLICT: { class: 'refused', summary: 'Another field manager owns a field, or the object was changed in the meantime.' },
  KUBE_ALREADY_EXISTS: { class: 'refused', summary: 'An object with this name exists already.' },
  KUBE_INVALID: { class: 'input', summary: 'The API server refuses the object: a field is unknown, wrong, missing or immutable.' },
  KUBE_BAD_REQUEST: { class: 'input', summary: 'The API server could not make sense of the request, or does not offer what it asks for.' },
  KUBE_GONE: {
    class: 'environment',
    transient: true,
    summary: 'The resource version or the page token is too old; a new list is needed.',
  },
  KUBE_TOO_LARGE: { class: 'input', summary: 'The object is larger than the API server accepts.' },
  KUBE_TOO_MANY_REQUESTS: { class: 'environment', transient: true, summary: 'The API server asks for fewer requests and went on asking.' },
  KUBE_TIMEOUT: { class: 'environment', transient: true, summary: 'The API server did not answer in time.' },
  KUBE_SERVER_ERROR: { class: 'environment', transient: true, summary: 'The API server, or a webhook that it calls, failed.' },
  KUBE_BAD_ANSWER: {
    class: 'environment',
    summary: 'What answered does not speak the Kubernetes API: a web page, cut-off text or something too large.',
  },
  KUBE_REQUEST_REFUSED: {
    class: 'input',
    summary: 'A request was not sent because its name or namespace is missing or cannot be in a URL.',
  },
  KUBE_CONFIG_INVALID: { class: 'input', summary: 'A kubeconfig file cannot be read or says something impossible.' },
  KUBE_CONFIG_NOT_FOUND: { class: 'input', summary: 'There is no kubeconfig, or a file that it names is missing.' },
  KUBE_CONTEXT_UNKNOWN: { class: 'input', summary: 'The kubeconfig has no such context, cluster or user.' },
  KUBE_CREDENTIALS_UNSUPPORTED: { class: 'input', summary: 'The kubeconfig asks for a way of signing in that Evenkeel does not have.' },
  KUBE_EXEC_FAILED: { class: 'environment', summary: 'The program that the kubeconfig names for getting credentials failed.' },
  KUBE_PROXY_FAILED: { class: 'environment', transient: true, summary: 'The proxy in front of the API server could not be used.' },
} satisfies Record<string, CodeFacts>;
