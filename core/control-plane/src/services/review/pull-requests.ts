import type {
  AskAutoMerge,
  DecidePromotion,
  GiveReview,
  OpenPullRequest,
  ProposePlan,
  PullRequestDetail,
  PullRequestSummary,
  WriteComment,
} from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import { codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { PullRequestDoor } from '../../ports/repositories.ts';
import type { Check, Comment, PullRequest, PullRequestState } from '../../ports/reviews.ts';
import type { PullRequestGate } from '../receiving/check-under.ts';
import { createActs } from './act.ts';
import { type AutoMerges, createAutoMerges } from './auto-merge.ts';
import { decidePromotion } from './decide.ts';
import { createDetail, mayClose, toSummary } from './detail.ts';
import { createDoor } from './door.ts';
import { createPullRequestGate } from './gates.ts';
import { whyNotMerge } from './may-merge.ts';
import { createMerging, type MergeRequested } from './merge.ts';
import { openFromBranch } from './open.ts';
import { proposePlan } from './propose.ts';
import { noPullRequest, type ReviewDeps } from './review-context.ts';
import { createStandings, type Standings } from './standing.ts';
import { syncPullRequest } from './sync.ts';
import { createTellingReviews } from './telling-reviews.ts';

/** Which pull requests of an Organization. */
export interface ListRequest {
  readonly state?: PullRequestState;
  readonly environment?: string;
  readonly application?: string;
  readonly limit?: number;
}

/** Names one pull request. */
export interface PullRequestRef {
  readonly organization: string;
  readonly application: string;
  readonly number: number;
}

/**
 * Changes that people look at together before they reach an Environment. Callers have authorised the actor for the Organization; who
 * may approve, close and merge is decided here and, for the merge, by the judge of updates once more. Refusals change nothing.
 */
export interface PullRequests {
  /** Records merges that a crash left unrecorded, follows sources that moved meanwhile, and merges what was asked for. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Call it with every moved ref. */
  moved(update: RefUpdated): Promise<void>;
  list(organization: string, request: ListRequest): Promise<PullRequestSummary[]>;
  /** `NotFound` as problem where there is none. */
  find(ref: PullRequestRef): Promise<Result<PullRequest>>;
  detail(actor: Actor, ref: PullRequestRef): Promise<Result<PullRequestDetail>>;
  /** Codes: `Invalid`, `NotFound`, `NothingChanges`, `EnvironmentMissing`, `Conflict` (there is one for the branch), `TooMany`. */
  open(actor: Actor, organization: string, request: OpenPullRequest): Promise<Result<PullRequestSummary>>;
  /** Codes: those of `open`, `Stale`. Proposing the same plan again answers the same pull requests. */
  propose(
    actor: Actor,
    environment: string,
    planId: string,
    request: ProposePlan,
  ): Promise<Result<PullRequestSummary[]>>;
  /** Codes: `Denied` (opener, pusher, viewer), `Stale` (another head or content), `Invalid`, `Conflict` (not open). */
  review(actor: Actor, ref: PullRequestRef, request: GiveReview): Promise<Result<PullRequestDetail>>;
  /** Which side the paths of a promotion follow. Codes: `Invalid`, `Stale` (another head or content), `Conflict` (not open). */
  decide(actor: Actor, ref: PullRequestRef, request: DecidePromotion): Promise<Result<PullRequestDetail>>;
  comment(actor: Actor, ref: PullRequestRef, request: WriteComment): Promise<Result<Comment>>;
  /** Codes: `Denied`, `Conflict`. */
  edit(
    actor: Actor,
    ref: PullRequestRef,
    request: { title?: string; description?: string; state?: 'closed' },
  ): Promise<Result<PullRequestDetail>>;
  /** Codes: `Denied` (only a token with the right to this very name), `Invalid`, `Stale` (another head), `Conflict` (not open), `TooMany`. */
  postCheck(
    actor: Actor,
    ref: PullRequestRef,
    name: string,
    request: Pick<Check, 'revision' | 'status' | 'summary' | 'url'>,
  ): Promise<Result<PullRequestDetail>>;
  /** Codes: `Stale` (another head or content), `Invalid`, `MergeConflict`, `GateClosed`, `Held`, `Conflict` (not open), those of the judge. */
  merge(actor: Actor, ref: PullRequestRef, request: MergeRequested): Promise<Result<PullRequestDetail>>;
  /** Has it merged by itself as soon as its gates are open. Codes: `Denied`, `Stale`, `Invalid`, `Conflict` (not open), `TooMany`. */
  askAutoMerge(actor: Actor, ref: PullRequestRef, request: AskAutoMerge): Promise<Result<PullRequestDetail>>;
  /** By who asked for it, and by those who may merge it. Codes: `Denied`, `Conflict`. */
  stopAutoMerge(actor: Actor, ref: PullRequestRef): Promise<Result<PullRequestDetail>>;
  /** Call it when the state of an Application in an Environment became another one. */
  readonly healthChanged: AutoMerges['healthChanged'];
  /** Forgets all of an Organization whose repositories are gone. Idempotent. */
  forget(organization: string): Promise<void>;
  readonly standings: Standings;
  readonly door: PullRequestDoor;
  readonly gate: PullRequestGate;
}

/** Creates the service. */
export function createPullRequests(given: ReviewDeps): PullRequests {
  const reviews = createTellingReviews(given.reviews, (written) => {
    autoMerges.changed(written);
    given.onWritten?.(written);
  });
  const deps = { ...given, reviews };
  const { repositories } = deps;
  const acts = createActs(deps);
  const describe = createDetail(deps);
  const merge = createMerging(deps);
  const autoMerges = createAutoMerges(deps, merge);

  async function find({ organization, application, number }: PullRequestRef): Promise<Result<PullRequest>> {
    const found = await reviews.get({ organization, name: application }, number);
    return found ? ok(found) : refused(noPullRequest);
  }

  /** Finds it, does something, and answers what it is now. */
  async function act(
    actor: Actor,
    ref: PullRequestRef,
    work: (pullRequest: PullRequest) => Promise<Result<PullRequest>> | Result<PullRequest>,
  ): Promise<Result<PullRequestDetail>> {
    const found = await find(ref);
    if (!found.ok) return found;
    const done = await work(found.value);
    return done.ok ? ok(await describe(actor, done.value)) : done;
  }

  return {
    async start() {
      for (const pullRequest of await reviews.list({ state: 'open', limit: 200 }))
        try {
          const present = await syncPullRequest(deps, pullRequest);
          if (present.state === 'open')
            await repositories.setPullHead(present.repository, present.number, present.head);
        } catch (error) {
          deps.logger.warn(
            { err: error, of: pullRequest.repository },
            'a pull request could not be looked at',
          );
        }
      await autoMerges.start();
    },
    stop: () => autoMerges.stop(),
    async moved({ organization, repository: name, ref }) {
      const branch = ref.replace(/^refs\/heads\//, '');
      const repository = { organization, name };
      const open = await reviews.list({ repository, state: 'open', limit: 200 });
      for (const pullRequest of open)
        if (pullRequest.source === branch || pullRequest.destination === branch)
          await syncPullRequest(deps, pullRequest);
      autoMerges.moved(repository);
    },
    healthChanged: (of) => autoMerges.healthChanged(of),
    async list(organization, { application, ...request }) {
      const repository = application === undefined ? {} : { repository: { organization, name: application } };
      return (await reviews.list({ organization, ...request, ...repository })).map(toSummary);
    },
    find,
    detail: (actor, ref) => act(actor, ref, async (found) => ok(await syncPullRequest(deps, found))),
    async open(actor, organization, request) {
      const opened = await openFromBranch(deps, actor, organization, request);
      return opened.ok ? ok(toSummary(opened.value)) : opened;
    },
    async propose(actor, environment, planId, request) {
      const proposed = await proposePlan(deps, actor, environment, planId, request);
      return proposed.ok ? ok(proposed.value.map(toSummary)) : proposed;
    },
    review: (actor, ref, request) => act(actor, ref, (found) => acts.review(actor, found, request)),
    decide: (actor, ref, request) => act(actor, ref, (found) => decidePromotion(deps, actor, found, request)),
    async comment(actor, ref, request) {
      const found = await find(ref);
      return found.ok ? acts.comment(actor, found.value, request) : found;
    },
    edit: (actor, ref, request) =>
      act(actor, ref, (found) =>
        mayClose(actor, found)
          ? acts.edit(actor, found, request)
          : refused({
              code: codes.Denied,
              message: `Only its opener and those who may change ${found.environment} edit or close it.`,
            }),
      ),
    postCheck: (actor, ref, name, request) =>
      act(actor, ref, (found) => acts.postCheck(actor, found, name, request)),
    merge: (actor, ref, request) =>
      act(actor, ref, (found) => {
        const problem = whyNotMerge(actor, found);
        return problem ? refused(problem) : merge(actor, found, request);
      }),
    askAutoMerge: (actor, ref, request) =>
      act(actor, ref, (found) => {
        const problem = whyNotMerge(actor, found);
        return problem ? refused(problem) : autoMerges.arm(actor, found, request);
      }),
    stopAutoMerge: (actor, ref) => act(actor, ref, (found) => autoMerges.disarm(actor, found)),
    async forget(organization) {
      for (;;) {
        const some = await reviews.list({ organization, limit: 200 });
        if (some.length === 0) return;
        const names = new Set(some.map(({ repository }) => repository.name));
        for (const name of names) await reviews.forget({ organization, name });
      }
    },
    standings: createStandings(deps),
    door: createDoor(deps),
    gate: createPullRequestGate(deps),
  };
}
