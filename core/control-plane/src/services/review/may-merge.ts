import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import { envTypeOfBranch } from '@catalyst/model/names.ts';
import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { PullRequest } from '../../ports/reviews.ts';

/** Why somebody may not merge a pull request; undefined: he may. */
export function whyNotMerge(
  actor: Actor,
  { repository, environment, destination }: PullRequest,
): Problem | undefined {
  const scope = { organization: repository.organization, environment };
  return envTypeOfBranch(destination) && authorize(actor, 'application.write', scope) === 'allowed'
    ? undefined
    : {
        code: codes.Denied,
        message: `Merging into ${environment} needs the role org-developer for it.`,
      };
}
