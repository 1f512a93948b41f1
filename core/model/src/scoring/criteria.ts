import { availabilityCriteria } from './availability-criteria.ts';
import { containerCriteria } from './container-criteria.ts';
import type { Criterion } from './criterion.ts';
import { releaseCriteria, runningCriteria } from './release-criteria.ts';

/**
 * The table that the RE score is made from. A further criterion is a further row; the weights of those that apply are scaled to 100
 * (docs/RE-SCORE.md).
 */
export const criteria: readonly Criterion[] = [
  ...availabilityCriteria,
  ...containerCriteria,
  ...releaseCriteria,
  ...runningCriteria,
];
