import type { Actor } from '@catalyst/model/authorization.ts';
import type { Pusher } from '@catalyst/model/events/cloud-event.ts';
import { codes, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { PlannedApplication } from '@catalyst/model/views/plan.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Logger } from '../../ports/logger.ts';
import type { FileChanges, Repositories, RepositoryName } from '../../ports/repositories.ts';
import type { Person, PullRequest, Reviews } from '../../ports/reviews.ts';
import type { Access } from '../access/access.ts';
import type { Teams } from '../access/teams.ts';
import type { BreakGlass } from '../break-glass/break-glass.ts';
import type { Organizations } from '../organization-controller/organizations.ts';
import type { ProposablePlans } from '../provisioning/proposable-plans.ts';
import type { Verdicts } from '../verdict/verdicts.ts';
import type { Policies } from './policies.ts';
import type { ReadScores } from './scores.ts';
import type { ReadSoaks } from './soaks.ts';

/** What merging a change into a branch would do. */
export interface ForeseenChange {
  readonly application?: PlannedApplication;
  readonly problems: readonly Problem[];
  readonly consequences: readonly string[];
}

/** Answers a pull request from the branch of one Environment to that of another. */
export type PromoteBranch = (
  actor: Actor,
  wanted: {
    readonly organization: string;
    readonly application: string;
    /** Branches of Environments. */
    readonly source: string;
    readonly destination: string;
    /** Head of the source unless told. */
    readonly revision?: string;
    readonly as: { readonly title?: string; readonly description?: string };
  },
) => Promise<Result<PullRequest>>;

/** What pull requests need. */
export interface ReviewDeps {
  readonly reviews: Reviews;
  readonly repositories: Repositories;
  readonly teams: Pick<Teams, 'people'>;
  readonly policies: Pick<Policies, 'read'>;
  readonly breakGlass: Pick<BreakGlass, 'factOf'>;
  readonly verdicts: Pick<Verdicts, 'record'>;
  readonly soaks: ReadSoaks;
  readonly scores: ReadScores;
  readonly access: Pick<Access, 'members'>;
  readonly identity: Pick<Identity, 'findUser'>;
  readonly organizations: Pick<Organizations, 'environment'>;
  readonly database: Database;
  readonly plans: ProposablePlans;
  /** Opens the promotion of one Application, as planning it with the usual choices and proposing the plan would. */
  readonly promote: PromoteBranch;
  readonly foresee: (change: {
    readonly repository: RepositoryName;
    readonly environment: string;
    readonly branch: string;
    readonly head: string;
    readonly changes: FileChanges;
  }) => Promise<ForeseenChange>;
  /** Address of a page of the console. */
  readonly pageUrl: (path: string) => string;
  /** Told of every row of a pull request once it is durable. */
  readonly onWritten?: (pullRequest: PullRequest) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const mostAttempts = 20;

/** The refusal for what is not there and what the caller may not know of. */
export const noPullRequest: Problem = {
  code: codes.NotFound,
  message: 'There is no such pull request, or you may not see it.',
};

/** Decides on the row as it is now and writes it; decides again where somebody else was faster. */
export async function changeRow(
  reviews: Reviews,
  repository: RepositoryName,
  number: number,
  decide: (pullRequest: PullRequest) => Promise<Result<PullRequest>> | Result<PullRequest>,
): Promise<Result<PullRequest>> {
  for (let attempt = 1; ; attempt += 1) {
    const present = await reviews.get(repository, number);
    if (!present) return refused(noPullRequest);
    const decided = await decide(present);
    if (!decided.ok || decided.value === present) return decided;
    const updated = await reviews.update(decided.value);
    if (updated.ok || attempt >= mostAttempts) return updated;
  }
}

/** The refusal for what is done already. */
export function notOpen({ number, state }: PullRequest): Problem {
  return { code: codes.Conflict, message: `Pull request ${number} is ${state}.` };
}

/** The person behind an actor. */
export function toPerson({ id, name, email }: Pick<Actor, 'id' | 'name' | 'email'>): Person {
  return { id, name, email };
}

/** The pusher that an actor is. */
export function toPusher({ id, name, surface }: Actor): Pusher {
  return { id, name, surface };
}

/** `<organization>/<repository> #<number>` */
export function nameOf({ repository, number }: PullRequest): string {
  return `${repository.organization}/${repository.name} #${number}`;
}

/** Path of its page in the console. */
export function pathOf({ repository, number }: Pick<PullRequest, 'repository' | 'number'>): string {
  return `/organizations/${repository.organization}/pull-requests/${repository.name}/${number}`;
}
