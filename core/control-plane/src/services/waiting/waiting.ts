import type { WaitingChanges, WhyNotDeployed } from '@catalyst/model/api/people.ts';
import { basePaths } from '@catalyst/model/application-repository/paths.ts';
import { branchOf, parseEnvironmentName } from '@catalyst/model/names.ts';
import {
  type OpenPullRequest,
  toBlocker,
  whyNotDeployed,
} from '@catalyst/model/projection/why-not-deployed.ts';
import type { ApplicationView } from '@catalyst/model/views/application-view.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Repositories, RepositoryName } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import type { Assessed, Assessments } from '../inbox/assessments.ts';
import { pathOf } from '../review/review-context.ts';
import type { Standings } from '../review/standing.ts';

/** What is on its way to Environments and what it waits for. Callers have authorised the actor for the Environment. */
export interface Waiting {
  /** Why the newest change does not run yet; undefined where the Application is not here and no pull request brings it. */
  why(
    environment: string,
    application: string,
    view: ApplicationView | undefined,
  ): Promise<WhyNotDeployed | undefined>;
  /** The newest open pull request of each Application, with its first closed gate. */
  list(environment: string): Promise<WaitingChanges>;
}

/** Open pull requests that one answer looks at. */
const mostLookedAt = 200;

/** Composes it of Git, the gates and the card; nothing of it is kept. */
export function createWaiting(deps: {
  readonly standings: Pick<Standings, 'open'>;
  readonly assessments: Assessments;
  readonly repositories: Pick<Repositories, 'head' | 'files'>;
  readonly logger: Logger;
}): Waiting {
  async function openOnes(scope: Parameters<Standings['open']>[0]): Promise<PullRequest[]> {
    const found: PullRequest[] = [];
    for await (const pullRequest of deps.standings.open(scope)) {
      found.push(pullRequest);
      if (found.length >= mostLookedAt) break;
    }
    return found.sort((left, right) => (left.openedAt > right.openedAt ? -1 : 1));
  }

  async function look(pullRequest: PullRequest): Promise<Assessed | undefined> {
    try {
      return await deps.assessments.of(pullRequest, { now: 'always' });
    } catch (error) {
      const { repository, number } = pullRequest;
      deps.logger.warn({ err: error, repository, number }, 'an open pull request could not be assessed');
      return undefined;
    }
  }

  async function describe(pullRequest: PullRequest): Promise<OpenPullRequest> {
    const { number, title, openedBy, environment, destination } = pullRequest;
    const assessed = await look(pullRequest);
    return {
      ...{ number, title, environment, destination },
      path: pathOf(pullRequest),
      openedBy: openedBy.name,
      gates: assessed?.gates ?? [],
      conflicts: assessed?.conflicts ?? [],
      known: assessed !== undefined,
    };
  }

  async function readGit(repository: RepositoryName, branch: string) {
    const head = await deps.repositories.head(repository, branch);
    if (head === undefined) return { installed: false };
    const files = await deps.repositories.files(repository, head);
    return { head, installed: files.some(({ path }) => path === basePaths.application) };
  }

  return {
    async why(environment, application, view) {
      const parsed = parseEnvironmentName(environment);
      if (!parsed) return undefined;
      const repository = { organization: parsed.organization, name: application };
      const [git, open] = await Promise.all([
        readGit(repository, branchOf(parsed.envType)),
        openOnes({ repository, environment }),
      ]);
      if (!view && !git.installed && open.length === 0) return undefined;
      const pullRequests = await Promise.all(open.slice(0, 20).map(describe));
      const { blockers, ...answer } = whyNotDeployed({ ...git, ...(view ? { view } : {}), pullRequests });
      return { ...answer, blockers: [...blockers] };
    },

    async list(environment) {
      const newest = new Map<string, PullRequest>();
      for (const pullRequest of await openOnes({ environment }))
        if (!newest.has(pullRequest.repository.name)) newest.set(pullRequest.repository.name, pullRequest);
      const items: WaitingChanges['items'] = [];
      for (const [application, pullRequest] of newest)
        items.push({ application, ...toBlocker(await describe(pullRequest)) });
      return { items };
    },
  };
}
