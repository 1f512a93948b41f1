import { parseDuration } from '../change-window/duration.ts';
import type { Problem } from '../problem.ts';
import type { EnvironmentPolicyFile } from '../resources/environment-policy.ts';

const longestMs = 7 * 24 * 60 * 60_000;

/** What of `automaticRollback` contradicts the rest of the policy, or itself. */
export function checkAutomaticRollback(spec: EnvironmentPolicyFile['spec'], file: string): Problem[] {
  const { automaticRollback, rollback } = spec;
  if (!automaticRollback) return [];
  const problems: Problem[] = [];
  if (rollback === 'gated')
    problems.push({
      code: 'Contradiction',
      file,
      field: 'spec.automaticRollback',
      message:
        'A rollback that needs the gates cannot happen by itself: nobody would have opened them. Set `rollback: free`, or leave `automaticRollback` out.',
    });
  if (!(parseDuration(automaticRollback.after) <= longestMs))
    problems.push({
      code: 'InvalidDuration',
      file,
      field: 'spec.automaticRollback.after',
      message: 'What is merged gets at least a minute and at most 7 days to come to run.',
    });
  return problems;
}

/** The sentence of `describePolicy`. */
export function describeAutomaticRollback({ after }: { readonly after: string }): string {
  return `What is merged goes back by itself when it is not Running within ${after}.`;
}
