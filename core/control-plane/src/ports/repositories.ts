import type { Pusher, RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import type { Problem, Result } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';

/** `<organization>/<name>`; both are names of the domain, never paths. */
export interface RepositoryName {
  readonly organization: string;
  readonly name: string;
}

/** A commit as history shows it. */
export interface CommitInfo {
  readonly revision: string;
  readonly parents: readonly string[];
  readonly author: { readonly name: string; readonly email: string };
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly message: string;
  /** Recorded by the server; absent for commits that came along with a later tip. */
  readonly pusher?: Pusher;
  /** Ids of others who had brought it before, and taken it away again; `commitsBetween` tells them. */
  readonly earlierPushers?: readonly string[];
}

/** One file of a tree. `mode` is Git's: 100644, 100755, 120000 (symlink), 160000 (submodule). */
export interface TreeFile {
  readonly path: string;
  readonly mode: string;
  readonly sizeBytes: number;
  readonly blob: string;
}

/** What a commit changes: text or bytes to write, null to delete. Paths are relative, `/`-separated, normalised. */
export type FileChanges = Readonly<Record<string, string | Uint8Array | null>>;

/**
 * Under what a change reaches a branch that is protected or held. Set in process by the service that checked it, never by a push;
 * the judge checks it again.
 */
export type ChangeUnder =
  | { readonly kind: 'pull-request'; readonly number: number }
  /** `base/` becomes that of an earlier revision of the branch. */
  | { readonly kind: 'rollback'; readonly revision: string }
  /** Restart, pause, resume, hold: nothing but those fields of the overlay. */
  | { readonly kind: 'operation' }
  /** The policy of an Environment becomes what an approved proposal says. */
  | { readonly kind: 'policy-proposal'; readonly id: string };

/** A commit to make. */
export interface CommitRequest {
  readonly repository: RepositoryName;
  readonly branch: string;
  /** The head that this was decided from; another head is refused with `Conflict`. Null: the branch must not exist. */
  readonly expectedHead: string | null;
  /** Where a branch that does not exist yet (`expectedHead` null) begins; `changes` are then relative to this revision. */
  readonly from?: string;
  /** Second parent: the commit is the merge of this revision. */
  readonly mergeOf?: string;
  readonly changes: FileChanges;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly pusher: Pusher;
  readonly under?: ChangeUnder;
}

/** A three-way merge to be made on paper. */
export interface MergeRequest {
  readonly repository: RepositoryName;
  /** Head of the destination. */
  readonly ours: string;
  /** What is merged into it. */
  readonly theirs: string;
}

/** What a merge comes to. */
export interface MergeOutcome {
  /** Newest common ancestor; null where the histories have none. */
  readonly base: string | null;
  /** Relative to `ours`. Paths in conflict are left out. */
  readonly changes: FileChanges;
  /** Paths that both sides changed in ways that do not go together, sorted. */
  readonly conflicts: readonly string[];
}

/** A repository to make whole, in one step: it appears with all its branches and commits or not at all. */
export interface CreateRequest {
  readonly repository: RepositoryName;
  /** Each branch's first commit; branches with identical content share one. HEAD is `head`. */
  readonly branches: Readonly<Record<string, FileChanges>>;
  readonly head: string;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly pusher: Pusher;
}

/** A ref about to move, seen by the judge before it does. Objects of the new revision can be read through `read`. */
export interface ProposedUpdate {
  readonly repository: RepositoryName;
  readonly ref: string;
  /** 40 zeros when the ref is new / deleted. */
  readonly oldRevision: string;
  readonly newRevision: string;
  readonly forced: boolean;
  readonly pusher: Pusher;
  readonly pushOptions: readonly string[];
  readonly under?: ChangeUnder;
  /** The revision that becomes its second parent, where the update is a merge made in process. */
  readonly mergeOf?: string;
  /** Files of the new revision; throws `TooLarge` over 2,000 files or 64 MB. Empty for a deletion. */
  readonly files: () => Promise<readonly TreeFile[]>;
  /** One file of the new revision, at most 1 MB (`TooLarge`). */
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
}

/** Facts that the judge found in an accepted update; they travel with the event. */
export interface UpdateFacts {
  readonly environment?: string;
  readonly declaration?: ApplicationDeclaration | null;
}

/** A push that asks for a pull request instead of moving the branch; its objects are in the repository when this is told. */
export interface PullRequestPush {
  readonly repository: RepositoryName;
  /** The branch that was pushed to: the destination. */
  readonly branch: string;
  /** What the pusher saw there; 40 zeros for none. */
  readonly oldRevision: string;
  readonly newRevision: string;
  /** From `-o pull-request=<title>`; absent: the subject of the commit. */
  readonly title?: string;
  readonly pusher: Pusher;
}

/** Answers a push that asks for a pull request: its number and what the pusher's terminal says, or why there is none. */
export type PullRequestDoor = (
  push: PullRequestPush,
) => Promise<Result<{ readonly number: number; readonly lines: readonly string[] }>>;

/** Decides on every ref movement, whichever surface asked for it: pushes and `commit` and `create` alike. */
export interface UpdateJudge {
  judge(updates: readonly ProposedUpdate[]): Promise<Result<readonly UpdateFacts[], readonly Problem[]>>;
}

/** Gets each moved ref at least once, in order of the repository's sequence, also after a crash. Resolving acknowledges. */
export type RefUpdateSink = (update: RefUpdated) => Promise<void>;

/** A receive or upload session over HTTP; the adapter speaks Git, the caller has authenticated and authorised. */
export interface GitExchange {
  readonly repository: RepositoryName;
  readonly service: 'git-upload-pack' | 'git-receive-pack';
  /** `version=2` or undefined, from the `Git-Protocol` header. */
  readonly protocol?: string;
  readonly pusher: Pusher;
  readonly contentEncoding?: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/**
 * Git repositories. What `commit`, `create` and a push acknowledge is durable (fsync) with its intent row; the sink is told
 * afterwards, at least once, in order per repository. Refs named in an accepted update only move forward unless the judge
 * allowed `forced`. Problems that the caller can mend are values; `Unavailable` is thrown when the disk refuses.
 */
export interface Repositories {
  /** Delivers what a crash left undelivered, then starts accepting. Without a door, pushes that ask for a pull request are refused. */
  start(sink: RefUpdateSink, pullRequests?: PullRequestDoor): Promise<void>;
  stop(): Promise<void>;
  /** Conflict (a value) when it exists. */
  create(request: CreateRequest): Promise<Result<RefUpdated[]>>;
  exists(repository: RepositoryName): Promise<boolean>;
  /** Names of an organization's repositories, sorted. */
  list(organization: string): Promise<string[]>;
  /** Removes the repository for good; true when there was one. */
  delete(repository: RepositoryName): Promise<boolean>;
  /** Head of a branch; undefined where there is none. */
  head(repository: RepositoryName, branch: string): Promise<string | undefined>;
  commit(request: CommitRequest): Promise<Result<RefUpdated>>;
  /** Files of one revision below a folder (all of them unless told). */
  files(repository: RepositoryName, revision: string): Promise<readonly TreeFile[]>;
  read(repository: RepositoryName, revision: string, path: string): Promise<Uint8Array | undefined>;
  /** Makes nothing; what it finds is given to `commit` with `mergeOf`. Throws `NotFound` for an unknown revision. */
  merge(request: MergeRequest): Promise<MergeOutcome>;
  /** Id of the tree at a path; undefined where there is no folder. Equal ids are equal content. */
  treeOf(repository: RepositoryName, revision: string, path: string): Promise<string | undefined>;
  /** Whether `ancestor` is in the history of `revision` (also when they are equal). */
  contains(repository: RepositoryName, revision: string, ancestor: string): Promise<boolean>;
  /**
   * Whether a movement that was judged ever left the branch at this very revision. False for commits that only came along with a
   * later tip, and for those of sides that were merged: nobody has judged what they hold.
   */
  wasHead(repository: RepositoryName, branch: string, revision: string): Promise<boolean>;
  /**
   * Makes `refs/pull/<number>/head` fetchable at a revision that the repository holds, durably. Not judged, no event; nobody can
   * push below `refs/pull/`.
   */
  setPullHead(repository: RepositoryName, number: number, revision: string): Promise<void>;
  /**
   * Commits that `revision` has and `without` (40 zeros for nothing; of several, none of them) has not, newest first, at most 500,
   * each with who brought it into the repository.
   */
  commitsBetween(
    repository: RepositoryName,
    without: string | readonly string[],
    revision: string,
  ): Promise<CommitInfo[]>;
  /** Newest first. */
  history(
    repository: RepositoryName,
    branch: string,
    options?: { limit?: number; before?: string },
  ): Promise<CommitInfo[]>;
  /** `GET …/info/refs` */
  advertise(exchange: Omit<GitExchange, 'body' | 'contentEncoding'>): Promise<AsyncIterable<Uint8Array>>;
  /** `POST …/git-upload-pack` and `…/git-receive-pack` */
  exchange(exchange: GitExchange): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Resolves when the sink has taken what was acknowledged in an Organization before, so that rows made of it can be read; after a second
   * at the latest, for a sink that refuses goes on in its own time.
   */
  settled(organization: string): Promise<void>;
}
