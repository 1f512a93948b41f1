import type { Actor } from '@catalyst/model/authorization.ts';
import { listWords } from '@catalyst/model/policy/approvals.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { RepositoryName } from '../../../ports/repositories.ts';
import type { PullRequest } from '../../../ports/reviews.ts';
import { openPullRequest } from '../../review/open.ts';
import { nameOf, type ReviewDeps, toPerson, toPusher } from '../../review/review-context.ts';
import { backflowBranch, findProposal } from './backflow-offers.ts';
import type { Found } from './own-changes.ts';
import { ownContents, type Pairs } from './pairs.ts';
import { readMakers } from './read-makers.ts';

type AcceptDeps = Pick<ReviewDeps, 'reviews' | 'repositories' | 'organizations' | 'clock'> & {
  readonly pairs: Pick<Pairs, 'merge' | 'read'>;
};

/**
 * Proposes a change of a higher Environment to a lower one: one commit without second parent on the lower one's head, so that nothing
 * else of the higher one comes along, and an ordinary pull request for it. Asking again answers the same one, also after a crash.
 */
export async function acceptBackflow(
  deps: AcceptDeps,
  actor: Actor,
  repository: RepositoryName,
  found: Found,
): Promise<Result<PullRequest>> {
  const { from, to, paths, fingerprint } = found;
  const open = await deps.reviews.list({ repository, state: 'open', limit: 200 });
  const types = { from: from.envType, to: to.envType };
  const proposal = findProposal(open, { repository: repository.name, ...types, fingerprint });
  if (proposal?.same) return ok(proposal.pullRequest);
  if (proposal) return refused(otherProposal(found, proposal.pullRequest));
  const conflicts = paths.filter(({ conflict }) => conflict).map(({ path }) => path);
  if (conflicts.length > 0) return refused(conflicting(found, conflicts));
  const makers = await readMakers(deps, repository, found);
  if (!makers.ok) return makers;
  const source = backflowBranch(found);
  const head = await ensureBranch(deps, actor, repository, found, source);
  if (!head.ok) return head;
  return openPullRequest(deps, {
    repository,
    destination: to.branch,
    source,
    head: head.value,
    title: `Bring the change of ${from.environment} to ${to.environment}`,
    description: describe(found),
    by: toPerson(actor),
    surface: actor.surface,
    madeBy: makers.value,
  });
}

async function ensureBranch(
  deps: AcceptDeps,
  actor: Actor,
  repository: RepositoryName,
  found: Found,
  branch: string,
): Promise<Result<string>> {
  const { from, to, paths, fingerprint } = found;
  const present = await deps.repositories.head(repository, branch);
  if (present !== undefined) return ok(present);
  const key = { repository, lower: to.head, higher: from.head };
  const names = paths.map(({ path }) => path);
  const changes = await ownContents(deps.repositories, key, await deps.pairs.merge(key), names);
  const made = await deps.repositories.commit({
    repository,
    branch,
    expectedHead: null,
    from: to.head,
    changes,
    message: `Bring the change of ${from.environment} to ${to.environment}\n\n${describe(found)}\n\nCatalyst-Backflow: ${fingerprint}\n`,
    author: { name: actor.name, email: actor.email },
    pusher: toPusher(actor),
  });
  if (made.ok) return ok(made.value.newRevision);
  // Somebody accepted it at the same moment.
  const now = await deps.repositories.head(repository, branch);
  return now === undefined ? made : ok(now);
}

function describe({ from, commits }: Found): string {
  if (commits.length === 0) return `Made first in ${from.environment}, at ${from.head.slice(0, 10)}.`;
  const lines = commits.map(({ revision, subject, by }) => `- ${revision.slice(0, 10)} ${subject} (${by})`);
  return [`Made first in ${from.environment}:`, ...lines].join('\n');
}

function conflicting({ from, to, commits }: Found, conflicts: readonly string[]): Problem {
  const [first] = commits;
  const pick = first ? ` (\`git cherry-pick -n ${first.revision.slice(0, 10)}\`)` : '';
  return {
    code: codes.Conflict,
    field: 'from',
    message: `${listWords(conflicts)} changed in ${from.environment} and in ${to.environment} in ways that do not go together. Make the change on a branch of your own from ${to.branch}${pick} and open a pull request, or decline it with a reason.`,
  };
}

function otherProposal({ from, to }: Found, pullRequest: PullRequest): Problem {
  return {
    code: codes.Conflict,
    field: 'from',
    message: `${nameOf(pullRequest)} proposes an earlier state of the change of ${from.environment} to ${to.environment}. Merge or close it first.`,
  };
}
