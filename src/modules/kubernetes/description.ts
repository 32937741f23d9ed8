import {
  anyOf,
  boolean,
  choice,
  data,
  duration,
  integer,
  kubernetes,
  list,
  type ModuleDescription,
  object,
  optional,
  options,
  parameter,
  required,
  text,
} from '../describe/types.js';
import type { KubernetesModule } from './module.js';

const place = {
  namespace: optional(text, 'Default `default`'),
  cluster: optional(text, '`sandbox`, `context:NAME`, `kubeconfig` or `in-cluster`. Default: that of the run'),
  kubeconfig: optional(text, 'Path of the kubeconfig that has the context'),
};
const dryRun = optional(boolean, 'Ask the server to do all but keep it. Default false');
const timeout = optional(duration, 'How long to wait. Default 5m');
const waiting = { wait: optional(boolean, 'Wait until it is healthy. Default false'), timeout };
const kind = parameter('kind', text, 'Kind, plural, singular or short name, optionally with `.group`');
const name = parameter('name', text, 'Its name');
const kube = ['KUBE_UNREACHABLE', 'KUBE_FORBIDDEN', 'MANIFEST_UNKNOWN_KIND', 'CANCELLED'];

export const kubernetesDescription: ModuleDescription<KubernetesModule> = {
  summary: 'Objects of a cluster, as they are: nothing in them is renamed or left out.',
  functions: {
    get: {
      summary: 'Reads an object.',
      parameters: [kind, name, options(place)],
      returns: { type: kubernetes, optional: true, summary: 'Nothing where it does not exist' },
      async: true,
      throws: kube,
    },
    list: {
      summary: 'Lists objects.',
      parameters: [
        kind,
        options({
          ...place,
          allNamespaces: optional(boolean, 'Of all namespaces. Default false'),
          labelSelector: optional(text, 'Like `app=web,tier!=cache`'),
          fieldSelector: optional(text, 'Like `status.phase=Running`'),
        }),
      ],
      returns: { type: list(kubernetes) },
      async: true,
      throws: kube,
    },
    apply: {
      summary: 'Applies objects (server-side apply) in the order that they need. Fields that others own are a conflict.',
      parameters: [
        parameter('objects', anyOf(kubernetes, list(kubernetes), text), 'An object, several, or YAML'),
        options({
          ...place,
          dryRun,
          force: optional(boolean, 'Take fields that others own. Default false'),
          fieldManager: optional(text, 'Who owns the fields from then on. Default `evenkeel-script`'),
        }),
      ],
      returns: {
        type: object('Applied', {
          objects: required(list(kubernetes), 'The objects as the server has them now'),
          created: required(integer, 'How many were not there before'),
          warnings: required(list(text), 'What the server warned of'),
        }),
      },
      async: true,
      throws: [...kube, 'KUBE_CONFLICT', 'KUBE_INVALID'],
    },
    patch: {
      summary: 'Changes an object.',
      parameters: [
        kind,
        name,
        parameter('patch', data, 'What changes'),
        options({
          ...place,
          dryRun,
          type: optional(choice('merge', 'json', 'strategic'), 'Default merge'),
          subresource: optional(text, 'Like `status`'),
        }),
      ],
      returns: { type: kubernetes },
      async: true,
      throws: [...kube, 'KUBE_NOT_FOUND', 'KUBE_INVALID'],
    },
    delete: {
      summary: 'Deletes an object. One that is not there is no error.',
      parameters: [
        kind,
        name,
        options({
          ...place,
          dryRun,
          propagation: optional(choice('background', 'foreground', 'orphan'), 'What becomes of what it owns. Default background'),
          gracePeriod: optional(duration, 'How long its pods may take to end. Default: as they say'),
          wait: optional(boolean, 'Wait until it is gone. Default false'),
          timeout,
        }),
      ],
      returns: { type: choice('gone', 'deleted', 'deleting'), summary: '`gone`: it was not there. `deleting`: something holds it yet' },
      async: true,
      throws: [...kube, 'KUBE_WAIT'],
    },
    scale: {
      summary: 'Sets the number of replicas.',
      parameters: [kind, name, parameter('replicas', integer, 'How many'), options({ ...place, ...waiting })],
      returns: { type: kubernetes },
      async: true,
      throws: [...kube, 'KUBE_NOT_FOUND', 'KUBE_WAIT'],
    },
    restart: {
      summary: 'Starts the pods of a Deployment, StatefulSet or DaemonSet anew, by its own rules.',
      parameters: [kind, name, options({ ...place, ...waiting })],
      returns: { type: kubernetes },
      async: true,
      throws: [...kube, 'KUBE_NOT_FOUND', 'KUBE_WAIT'],
    },
    wait: {
      summary: 'Waits until an object is as wanted: healthy where nothing else is said.',
      parameters: [
        kind,
        name,
        options({
          ...place,
          healthy: optional(boolean, 'Until it is healthy; the default'),
          condition: optional(text, 'Until it has this condition, like `Ready`'),
          status: optional(text, 'Which status of the condition. Default `True`'),
          path: optional(text, 'Until there is something at this path, like `status.loadBalancer.ingress[0].ip`'),
          value: optional(data, 'Until it is this that is at the path'),
          deleted: optional(boolean, 'Until it is gone'),
          timeout,
        }),
      ],
      returns: { type: kubernetes, optional: true, summary: 'The object; nothing where its end was waited for' },
      async: true,
      throws: [...kube, 'KUBE_WAIT'],
    },
    health: {
      summary: 'The health of an object.',
      parameters: [kind, name, options(place)],
      returns: {
        type: object('Health', {
          status: required(choice('Healthy', 'Progressing', 'Suspended', 'Degraded', 'Missing', 'Unknown'), 'Its health'),
          message: required(text, 'Why'),
        }),
        optional: true,
        summary: 'Nothing where its kind has none',
      },
      async: true,
      throws: kube,
    },
    logs: {
      summary: 'What a container of a pod wrote, so far.',
      parameters: [
        parameter('pod', text, 'Name of the pod'),
        options({
          ...place,
          container: optional(text, 'Default: the only one'),
          previous: optional(boolean, 'Of the container before it was restarted. Default false'),
          timestamps: optional(boolean, 'With the time of each line. Default false'),
          since: optional(duration, 'No older than this'),
          tail: optional(integer, 'The last so many lines'),
          maxBytes: optional(integer, 'Default 16 MiB'),
        }),
      ],
      returns: { type: text },
      async: true,
      throws: [...kube, 'KUBE_NOT_FOUND'],
    },
  },
};
