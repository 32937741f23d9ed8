import type { HealthStatus } from '../../model/index.js';
import { absent, conditions, type EachRule, of, type Rule, type WhenRule } from './language.js';

/** The answer where nothing above has answered: the controller has not said enough yet. */
export function waiting(say: string): WhenRule {
  return { is: 'Progressing', say };
}

/** The reading of most controllers: one condition that sums up, True is good and False is bad. */
export function summary(type: string, wait: string): Rule[] {
  return [trueOrFalse(type), waiting(wait)];
}

export function trueOrFalse(type: string): EachRule {
  return {
    each: conditions,
    cases: [
      { if: of(type, 'False'), is: 'Degraded', say: '{.message|.reason}' },
      { if: of(type, 'True'), is: 'Healthy' },
    ],
  };
}

/** Anything but True is bad, even Unknown. */
export function trueOrElse(type: string, wait: string): Rule[] {
  return [
    {
      each: conditions,
      cases: [
        { if: of(type, 'True'), is: 'Healthy' },
        { if: of(type), is: 'Degraded', say: '{.message|.reason}' },
      ],
    },
    waiting(wait),
  ];
}

/** Conditions that are True one at a time, each with a meaning of its own. */
export function whichIsTrue(meanings: { readonly [type: string]: HealthStatus }, wait: string): Rule[] {
  return [
    { each: conditions, cases: Object.entries(meanings).map(([type, is]) => ({ if: of(type, 'True'), is, say: '{.message|.reason}' })) },
    waiting(wait),
  ];
}

export const noStatus = { status: absent };
export const noConditions = { [conditions]: absent };
