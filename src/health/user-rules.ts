import type { Health } from '../model/index.js';

/** Compiled rules of the user's own. */
export interface HealthRules {
  /** The first rule that matches, or undefined. */
  assess(object: unknown, group: string, kind: string): Health | undefined;
}
