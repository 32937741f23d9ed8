import type { Health, HealthStatus } from '../../model/index.js';

/** One health rule of the user's own. The first whose group, kind and `when` fit decides, before any rule that comes with Evenkeel. */
export interface HealthRule {
  /** API group; '' for the core group. `*` stands for any number of characters. Without it any group. */
  group?: string | undefined;
  /** Kind; `*` stands for any number of characters. */
  kind: string;
  /**
   * A CEL expression that says whether the rule applies, over `object`, `metadata`, `spec` and `status`. A field that the
   * object does not have makes the rule not apply, unless `has()` or `.?` asks for it. Without it the rule always applies.
   */
  when?: string | undefined;
  status: HealthStatus;
  /** Plain text, or a CEL expression that gives text (it names a variable, or begins with a quote). */
  message?: string | undefined;
}

/** Compiled rules; what compileHealthRules gives and assessHealth takes. */
export interface HealthRules {
  /** The answer of the first rule that applies, or undefined. Throws nothing. */
  assess(object: unknown, group: string, kind: string): Health | undefined;
}
