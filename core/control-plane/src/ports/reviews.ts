import type { Pusher } from '@catalyst/model/events/cloud-event.ts';
import type { Result } from '@catalyst/model/problem.ts';
import type { DecidedPath, OverlayEdit } from '@catalyst/model/promotion/promoted-content.ts';
import type { RepositoryName } from './repositories.ts';

/** What became of a pull request. */
export type PullRequestState = 'open' | 'merged' | 'closed';

/** A person as a pull request remembers him. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Somebody's decision about a path that the destination of a promotion has changed for itself. */
export interface PromotionDecision extends DecidedPath {
  readonly by: Person;
  readonly at: string;
}

/** Somebody made a promotion write something else than it did before, at the same head or at another one. */
export interface ContentChange {
  readonly by: Person;
  readonly at: string;
  readonly how: 'planned' | 'decided';
}

/** What makes a pull request a promotion: its head is a commit of the source's branch, and stays it when that branch moves on. */
export interface Promotion {
  /** Environment that it comes from. */
  readonly from: string;
  /** Head of the destination when it was opened. */
  readonly base: string;
  /** What changes in the destination's own overlay with it, by path: it is made by the first promotion. */
  readonly overlay: Readonly<Record<string, OverlayEdit>>;
  /** By path. */
  readonly decisions: Readonly<Record<string, PromotionDecision>>;
  /** The last one since it was opened. */
  readonly changed?: ContentChange;
}

/** A verdict on one exact head. A later one of the same person replaces it. */
export interface Review {
  readonly by: Person;
  readonly verdict: 'approve' | 'request-changes';
  readonly revision: string;
  /** Of a promotion: what else the content came of (`decidedKey`); approvals of another one have fallen. */
  readonly content?: string;
  readonly comment?: string;
  /** RFC 3339, UTC; so are all times here. */
  readonly at: string;
}

/** Something said, optionally about a line of a file. */
export interface Comment {
  readonly id: string;
  readonly by: Person;
  readonly text: string;
  readonly file?: string;
  readonly line?: number;
  readonly at: string;
}

/** A named external result for one exact head. */
export interface Check {
  readonly name: string;
  readonly revision: string;
  readonly status: 'pending' | 'success' | 'failure';
  readonly summary?: string;
  readonly url?: string;
  /** The token that posted it; without one, as in rows of before it was a right, it opens no gate. */
  readonly token?: { readonly id: string; readonly name: string };
  /** Name of its owner. */
  readonly by: string;
  readonly at: string;
}

/** Somebody's wish that it is merged as soon as its gates are open; only at the head that he looked at. */
export interface AutoMerge {
  readonly by: Person;
  /** Where he asked. */
  readonly surface: Pusher['surface'];
  readonly at: string;
  readonly head: string;
  /** What hinders it beside its gates. */
  readonly hindrance?: string;
}

/** A pull request inside one repository. */
export interface PullRequest {
  readonly repository: RepositoryName;
  /** From 1, counted per repository, without gaps. */
  readonly number: number;
  readonly title: string;
  readonly description: string;
  readonly state: PullRequestState;
  /** Branch that the change comes from; absent for one opened by a push option. */
  readonly source?: string;
  /** Branch that it is to reach. */
  readonly destination: string;
  /** Environment of the destination. */
  readonly environment: string;
  readonly head: string;
  readonly openedBy: Person;
  readonly openedOn: Pusher['surface'];
  readonly openedAt: string;
  readonly updatedAt: string;
  /** Pushers of everything that the head carried at some time; none of them may approve. */
  readonly pushers: readonly string[];
  readonly planId?: string;
  readonly promotion?: Promotion;
  /** Pull requests of several repositories that belong together, merged in `order`. */
  readonly set?: { readonly id: string; readonly order: number };
  readonly reviews: readonly Review[];
  readonly checks: readonly Check[];
  /** `base`: the destination's head that it was merged into. */
  readonly merged?: {
    readonly revision: string;
    readonly base: string;
    readonly by: Person;
    readonly at: string;
  };
  readonly closed?: { readonly by: Person; readonly at: string; readonly reason?: string };
  readonly autoMerge?: AutoMerge;
  /** Counts every change of the row; a write names the one that it saw. */
  readonly version: number;
}

/** What opens a pull request. */
export type NewPullRequest = Omit<
  PullRequest,
  | 'number'
  | 'state'
  | 'reviews'
  | 'checks'
  | 'merged'
  | 'closed'
  | 'version'
  | 'updatedAt'
  | 'openedAt'
  | 'autoMerge'
>;

/** Which pull requests. */
export interface PullRequestQuery {
  readonly organization?: string;
  readonly repository?: RepositoryName;
  readonly environment?: string;
  readonly state?: PullRequestState;
  /** Members of one set. */
  readonly set?: string;
  readonly planId?: string;
  /** 1 to 200; 50 unless told. Newest first, unless `after` is given. */
  readonly limit?: number;
  /** For going through all: by repository and number instead, those that come after this one. */
  readonly after?: 'the first' | Pick<PullRequest, 'repository' | 'number'>;
}

/**
 * Pull requests, reviews and discussion. Numbers are handed out once and stay. Everything acknowledged is durable. Rules (who may
 * approve, when it may merge) are not its affair; merging is `Repositories.commit` with the outcome recorded here, and a merge
 * that a crash left unrecorded is found by its commit.
 */
export interface Reviews {
  open(request: NewPullRequest): Promise<PullRequest>;
  get(repository: RepositoryName, number: number): Promise<PullRequest | undefined>;
  list(query: PullRequestQuery): Promise<PullRequest[]>;
  /** Open ones with `autoMerge`, by repository and number: at most 500, those after the given one. */
  armed(after?: Pick<PullRequest, 'repository' | 'number'>): Promise<PullRequest[]>;
  /**
   * Replaces the row if its `version` is still the given one; `Conflict` (a value) otherwise. Number, repository and opener never
   * change.
   */
  update(pullRequest: PullRequest): Promise<Result<PullRequest>>;
  /** At most 500 per pull request (`TooMany`). */
  comment(repository: RepositoryName, number: number, comment: Omit<Comment, 'id'>): Promise<Result<Comment>>;
  /** Oldest first. */
  comments(repository: RepositoryName, number: number): Promise<Comment[]>;
  /** Forgets all of a repository that is being deleted. Idempotent. */
  forget(repository: RepositoryName): Promise<void>;
}
