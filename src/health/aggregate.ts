import type { Health, HealthStatus } from '../model/index.js';

/** From best to worst, in Argo CD's order. */
export const healthOrder: readonly HealthStatus[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

/** Whether `a` is a worse state than `b`. */
export function isWorse(a: HealthStatus, b: HealthStatus): boolean {
  return healthOrder.indexOf(a) > healthOrder.indexOf(b);
}

/**
 * The health of the whole: the worst of its parts, with the message of the first part that is as bad. Parts that
 * have no health of their own (null) do not count; nothing at all is Healthy.
 */
export function aggregateHealth(parts: readonly (Health | null)[]): Health {
  let worst: Health = { status: 'Healthy', message: '' };
  for (const part of parts) if (part && isWorse(part.status, worst.status)) worst = part;
  return { status: worst.status, message: worst.message };
}
