import type { Loose, StrategyHost, UpdateContext } from '../types.js';
import { refused } from './forbidden.js';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const prefix = 'kube-api-access-';
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A pod runs as a service account of its namespace that must be there; it gets the account's pull secrets and,
 * unless it or the account says no, a volume with a token.
 */
export function applyServiceAccount(pod: Loose, { host, type }: UpdateContext): void {
  const { spec, metadata } = pod;
  // Pods that a kubelet mirrors stand for files on its node and have no account.
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    if (spec.serviceAccountName) throw refused(type, pod, 'a mirror pod may not reference service accounts');
    return;
  }
  spec.serviceAccountName ||= 'default';
  spec.serviceAccount = spec.serviceAccountName;
  const key = `${metadata.namespace}/${spec.serviceAccountName}`;
  const account = host.read('serviceaccounts.', key) as Loose;
  if (!account && !host.provides('serviceaccounts.', key))
    throw refused(
      type,
      pod,
      `error looking up service account ${key}: serviceaccount ${JSON.stringify(spec.serviceAccountName)} not found`,
    );
  if ((spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true) === true) mountToken(spec, host);
  if ((spec.imagePullSecrets ?? []).length === 0 && (account?.imagePullSecrets ?? []).length > 0)
    spec.imagePullSecrets = account.imagePullSecrets.map((ref: Loose) => ({ ...ref }));
}

function mountToken(spec: Loose, host: StrategyHost): void {
  const present = (spec.volumes ?? []).find((v: Loose) => v.name.startsWith(prefix));
  const name: string = present?.name ?? freeName(spec, host);
  let needed = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if ((container.volumeMounts ?? []).some((m: Loose) => m.mountPath === mountPath)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
    needed = true;
  }
  if (!needed || present) return;
  spec.volumes = [
    ...(spec.volumes ?? []),
    {
      name,
      projected: {
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
        ],
        defaultMode: 420,
      },
    },
  ];
}

function freeName(spec: Loose, host: StrategyHost): string {
  const taken = new Set((spec.volumes ?? []).map((v: Loose) => v.name));
  for (;;) {
    const digits = Buffer.from(host.uid().replaceAll('-', ''), 'hex');
    const name = `${prefix}${[...digits.subarray(0, 5)].map((b) => alphabet[b % alphabet.length]).join('')}`;
    if (!taken.has(name)) return name;
  }
}
