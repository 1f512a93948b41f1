import type { ReviewFacts } from '@catalyst/model/policy/facts.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { GateVerdict } from '@catalyst/model/views/plan.ts';
import type { RepositoryName } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { contentOf } from './content.ts';
import { assess } from './gates.ts';
import type { ReviewDeps } from './review-context.ts';

/** Where an open pull request stands against one head of its destination. */
export interface PullRequestStanding {
  readonly gates: readonly GateVerdict[];
  readonly conflicts: readonly string[];
  readonly facts: ReviewFacts;
}

/** What others ask of open pull requests: the rows, and where each stands, by the same assessment as page and merge. */
export interface Standings {
  /** Open pull requests in a steady order, a page at a time. */
  open(scope: {
    readonly organization?: string;
    readonly repository?: RepositoryName;
    readonly environment?: string;
  }): AsyncGenerator<PullRequest>;
  get(repository: RepositoryName, number: number): Promise<PullRequest | undefined>;
  of(pullRequest: PullRequest, destinationHead: string): Promise<PullRequestStanding>;
  /** What would refuse the merge beside the gates. Renders, and so takes its time. */
  problems(pullRequest: PullRequest, destinationHead: string): Promise<readonly Problem[]>;
}

const pageSize = 200;

/** Reads them from rows and Git; decides nothing of its own. */
export function createStandings(deps: ReviewDeps): Standings {
  const mergeOf = (pullRequest: PullRequest, ours: string) => contentOf(deps.repositories, pullRequest, ours);
  return {
    async *open(scope) {
      for (let after: 'the first' | PullRequest = 'the first'; ; ) {
        const page: PullRequest[] = await deps.reviews.list({
          ...scope,
          state: 'open',
          after,
          limit: pageSize,
        });
        yield* page;
        const last = page.at(-1);
        if (!last || page.length < pageSize) return;
        after = last;
      }
    },
    get: (repository, number) => deps.reviews.get(repository, number),
    async of(pullRequest, destinationHead) {
      const outcome = await mergeOf(pullRequest, destinationHead);
      const { gates, facts } = await assess(deps, pullRequest, destinationHead, outcome);
      return { gates, facts, conflicts: outcome.conflicts };
    },
    async problems(pullRequest, destinationHead) {
      const { repository, environment, destination } = pullRequest;
      const { changes } = await mergeOf(pullRequest, destinationHead);
      const change = { repository, environment, branch: destination, head: destinationHead, changes };
      return (await deps.foresee(change)).problems;
    },
  };
}
