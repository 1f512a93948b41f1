import { monotonicFactory, ulid } from 'ulid';
import { createRowReviews } from '../adapters/reviews/rows/row-reviews.ts';
import type { Clock } from '../ports/clock.ts';
import type { Database } from '../ports/database.ts';
import type { Identity } from '../ports/identity.ts';
import type { Logger } from '../ports/logger.ts';
import type { Repositories } from '../ports/repositories.ts';
import type { Access } from '../services/access/access.ts';
import { createTeams, type Teams } from '../services/access/teams.ts';
import {
  createRollbackWatches,
  type RollbackWatches,
} from '../services/automatic-rollback/rollback-watches.ts';
import type { WatchDeps } from '../services/automatic-rollback/watch-context.ts';
import { beginWatch } from '../services/automatic-rollback/watch-rows.ts';
import { type BreakGlassDeps, createBreakGlass } from '../services/break-glass/create-break-glass.ts';
import { createPolicyProposals } from '../services/policy-proposal/create-policy-proposals.ts';
import { createLanes, type LaneDeps, type Lanes } from '../services/promotion/lane.ts';
import { createPromoteBranch } from '../services/promotion/promote-branch.ts';
import { createProposablePlans } from '../services/provisioning/proposable-plans.ts';
import type { Provisioning } from '../services/provisioning/provisioning.ts';
import { toChanged } from '../services/review/announce.ts';
import { createForesee, type ForeseeDeps } from '../services/review/foresee.ts';
import { createPolicies } from '../services/review/policies.ts';
import { createPullRequests, type PullRequests } from '../services/review/pull-requests.ts';
import type { ReviewDeps } from '../services/review/review-context.ts';
import { createReadScores } from '../services/review/scores.ts';
import { createReadSoaks } from '../services/review/soaks.ts';
import { createVerdicts } from '../services/verdict/create-verdicts.ts';
import type { PullRequestPublisher } from '../services/webhook/pull-request-publisher.ts';

/** Who belongs to which team, what protects Environments and how that is changed: what the judge of updates asks. */
export function createRules(deps: {
  readonly database: Database;
  readonly access: Access;
  readonly repositories: () => Repositories;
  readonly identity: Pick<Identity, 'sovereignAdmins'>;
  readonly clock: Clock;
  readonly logger: Logger;
}) {
  const policies = createPolicies({ ...deps, people: (...question) => teams.people(...question) });
  const teams: Teams = createTeams({ ...deps, usesOf: policies.usesOf });
  const policyProposals = createPolicyProposals({
    ...deps,
    teams,
    createId: () => `pp_${ulid().toLowerCase()}`,
  });
  return { policies, teams, policyProposals };
}

/** What is recorded of decisions, and the way past the gates that is recorded with them. */
export function createGlass({
  publisher,
  ...deps
}: Pick<BreakGlassDeps, 'database' | 'access' | 'clock' | 'logger'> & {
  readonly publisher: Pick<PullRequestPublisher, 'recordBreakGlass'>;
}) {
  const next = monotonicFactory();
  const createId = () => next(deps.clock.now()).toLowerCase();
  return {
    verdicts: createVerdicts({ ...deps, createId }),
    breakGlass: createBreakGlass({ ...deps, createId, record: publisher.recordBreakGlass }),
  };
}

/** Pull requests, over rows of the database, and the watches of what they bring. */
export function createReviewing(
  deps: Omit<ReviewDeps, 'reviews' | 'plans' | 'foresee' | 'soaks' | 'promote' | 'scores' | 'onWritten'> &
    ForeseeDeps &
    Omit<WatchDeps, 'reviews'> &
    Parameters<typeof createReadScores>[0] &
    Pick<LaneDeps, 'organizations' | 'catalog' | 'viewOf'> &
    Parameters<typeof createProposablePlans>[0] & {
      readonly database: Database;
      readonly clock: Clock;
      readonly provisioning: Pick<Provisioning, 'plan'>;
      readonly publisher: Pick<PullRequestPublisher, 'record'>;
    },
): { readonly pullRequests: PullRequests; readonly watches: RollbackWatches; readonly lanes: Lanes } {
  const reviews = createRowReviews({
    ...deps,
    async onChange(tables, after, before) {
      await beginWatch(tables, after, before);
      await deps.publisher.record(toChanged(after, before), after.version, tables);
    },
  });
  const watches = createRollbackWatches({ ...deps, reviews });
  const plans = createProposablePlans(deps);
  const soaks = createReadSoaks(deps);
  const scores = createReadScores(deps);
  const lanes = createLanes({ ...deps, reviews, soaks, scores });
  const pullRequests = createPullRequests({
    ...deps,
    reviews,
    plans,
    promote: createPromoteBranch({ ...deps, reviews, plans }),
    foresee: createForesee(deps),
    soaks,
    scores,
    onWritten: (written) => watches.changed(written),
  });
  return {
    watches,
    lanes,
    pullRequests: {
      ...pullRequests,
      async moved(update) {
        await pullRequests.moved(update);
        await lanes.moved(update);
      },
      async forget(organization) {
        await pullRequests.forget(organization);
        await lanes.forget(organization);
      },
    },
  };
}
