import type { BackflowOffer } from '@catalyst/model/api/lanes.ts';
import type { EnvType } from '@catalyst/model/names.ts';
import type { PullRequest } from '../../../ports/reviews.ts';
import { type DeclinedBackflow, targetOf } from './backflow-rows.ts';
import type { Found } from './own-changes.ts';

const mostPaths = 200;

/** Branches below it propose the changes of one Environment to another; the rest of the name is the change and what it was made on. */
function branchesOf(from: EnvType, to: EnvType): string {
  return `proposals/backflow-${from}-${to}-`;
}

/** Branch that proposes a found change. */
export function backflowBranch({ from, to, fingerprint }: Found): string {
  return `${branchesOf(from.envType, to.envType)}${fingerprint}-${to.head.slice(0, 12)}`;
}

/** The open pull request that proposes the change of one Environment to another; `same` where it proposes the change as it is now. */
export function findProposal(
  open: readonly PullRequest[],
  { repository, from, to, fingerprint }: ProposalKey,
): { readonly pullRequest: PullRequest; readonly same: boolean } | undefined {
  const prefix = branchesOf(from, to);
  const pullRequest = open.find(
    (entry) =>
      entry.repository.name === repository &&
      entry.state === 'open' &&
      entry.source?.startsWith(prefix) === true,
  );
  return (
    pullRequest && {
      pullRequest,
      same: pullRequest.source?.startsWith(`${prefix}${fingerprint}-`) === true,
    }
  );
}

interface ProposalKey {
  readonly repository: string;
  readonly from: EnvType;
  readonly to: EnvType;
  readonly fingerprint: string;
}

/** Key of the decision about a change. */
export function declinedKey(
  repository: { readonly organization: string; readonly name: string },
  to: string,
  fingerprint: string,
): string {
  return `${targetOf(repository)}/${to}/${fingerprint}`;
}

/** A found change as people see it, before it is asked what became of it. */
export function toOffer(application: string, found: Found): BackflowOffer {
  const { from, to, paths, fingerprint, commits } = found;
  const only = (conflict: boolean) =>
    paths
      .filter((path) => path.conflict === conflict)
      .map(({ path }) => path)
      .slice(0, mostPaths);
  return {
    application,
    from: from.environment,
    to: to.environment,
    fingerprint,
    files: only(false),
    conflicts: only(true),
    commits: [...commits],
  };
}

/** With the pull request that proposes it, or who declined it. */
export function withOutcome(
  offer: BackflowOffer,
  types: { readonly from: EnvType; readonly to: EnvType },
  open: readonly PullRequest[],
  declined: DeclinedBackflow | undefined,
): BackflowOffer {
  const { application: repository, fingerprint } = offer;
  const proposal = findProposal(open, { repository, ...types, fingerprint });
  return {
    ...offer,
    ...(proposal?.same ? { pullRequest: proposal.pullRequest.number } : {}),
    ...(declined
      ? {
          declined: {
            by: { id: declined.by.id, name: declined.by.name },
            at: declined.at,
            reason: declined.reason,
          },
        }
      : {}),
  };
}
