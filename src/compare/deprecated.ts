import { builtinVersions, resourceOfKind } from '../manifest/index.js';
import { type GroupVersionKind, joinApiVersion } from '../model/index.js';

/**
 * The Kubernetes version in which an API version ended, by `group/version` or, where its kinds differ, by
 * `group/version/Kind`: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
 */
const ended: { [type: string]: string } = {
  'extensions/v1beta1': '1.16',
  'extensions/v1beta1/Ingress': '1.22',
  'apps/v1beta1': '1.16',
  'apps/v1beta2': '1.16',
  'admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration': '1.22',
  'admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration': '1.22',
  'apiextensions.k8s.io/v1beta1': '1.22',
  'apiregistration.k8s.io/v1beta1': '1.22',
  'certificates.k8s.io/v1beta1/CertificateSigningRequest': '1.22',
  'coordination.k8s.io/v1beta1/Lease': '1.22',
  'networking.k8s.io/v1beta1/Ingress': '1.22',
  'networking.k8s.io/v1beta1/IngressClass': '1.22',
  'rbac.authorization.k8s.io/v1alpha1': '1.22',
  'rbac.authorization.k8s.io/v1beta1': '1.22',
  'scheduling.k8s.io/v1beta1': '1.22',
  'storage.k8s.io/v1beta1/CSIDriver': '1.22',
  'storage.k8s.io/v1beta1/CSINode': '1.22',
  'storage.k8s.io/v1beta1/StorageClass': '1.22',
  'storage.k8s.io/v1beta1/VolumeAttachment': '1.22',
  'storage.k8s.io/v1beta1/CSIStorageCapacity': '1.27',
  'batch/v1beta1/CronJob': '1.25',
  'discovery.k8s.io/v1beta1': '1.25',
  'events.k8s.io/v1beta1': '1.25',
  'node.k8s.io/v1beta1': '1.25',
  'policy/v1beta1': '1.25',
  'autoscaling/v2beta1': '1.25',
  'autoscaling/v2beta2': '1.26',
  'flowcontrol.apiserver.k8s.io/v1beta1': '1.26',
  'flowcontrol.apiserver.k8s.io/v1beta2': '1.29',
  'flowcontrol.apiserver.k8s.io/v1beta3': '1.32',
};

/** Kinds that live on in another group. */
const moved: { [type: string]: { group: string; version: string } } = {
  'extensions/Ingress': { group: 'networking.k8s.io', version: 'v1' },
  'extensions/NetworkPolicy': { group: 'networking.k8s.io', version: 'v1' },
  'extensions/Deployment': { group: 'apps', version: 'v1' },
  'extensions/DaemonSet': { group: 'apps', version: 'v1' },
  'extensions/ReplicaSet': { group: 'apps', version: 'v1' },
};

/** What is to be said of the API version that an object is written in; undefined where it is a current one. */
export function deprecation({ group, version, kind }: GroupVersionKind): string | undefined {
  const name = joinApiVersion(group, version);
  const end = ended[`${name}/${kind}`] ?? ended[name];
  const successor = moved[`${group}/${kind}`] ?? stableOf(group, version, kind);
  if (end === undefined && successor === undefined) return undefined;
  const instead = successor === undefined ? 'it has no successor' : `write ${joinApiVersion(successor.group, successor.version)}`;
  return `${name} is deprecated for ${kind}${end === undefined ? '' : ` and not served since Kubernetes ${end}`}: ${instead}`;
}

/** The stable version of a built-in kind that is written in an alpha or beta one. */
function stableOf(group: string, version: string, kind: string): { group: string; version: string } | undefined {
  if (!/^v\d+(alpha|beta)\d+$/.test(version)) return undefined;
  const versions = builtinVersions();
  const known = Object.hasOwn(versions, group) ? (versions[group] ?? []) : [];
  const stable = known.find((one) => /^v\d+$/.test(one) && resourceOfKind(group, one, kind) !== undefined);
  return stable === undefined ? undefined : { group, version: stable };
}
