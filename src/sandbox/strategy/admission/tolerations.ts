import type { Loose } from '../types.js';

const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** A pod stays five minutes on a node that does not answer, unless it says something else. */
export function addDefaultTolerations(pod: Loose): void {
  const { spec } = pod;
  const given: Loose[] = spec.tolerations ?? [];
  const missing = taints.filter((key) => !given.some((t) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect)));
  if (missing.length > 0)
    spec.tolerations = [...given, ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))];
}
