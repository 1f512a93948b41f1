import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RefUpdated } from '@catalyst/model/events/cloud-event.ts';
import { CatalystError, codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { Clock } from '../../../ports/clock.ts';
import type {
  CommitRequest,
  CreateRequest,
  ProposedUpdate,
  RepositoryName,
} from '../../../ports/repositories.ts';
import { applyChanges, type ChangeSet } from './change-set.ts';
import { isAcceptedRef, isRepositoryName, noRevision } from './hostile-names.ts';
import { fullName, type Intent, type Movement } from './ledger.ts';
import type { Movements } from './movements.ts';
import { addCommit, type NewObjects, subjectOf } from './objects.ts';
import { boundFile, boundFiles, maximumJudgedBytes } from './proposals.ts';
import { exists, moveRef, readRef, syncFolder, writeObjects, writeSkeleton } from './storage.ts';
import type { Listing } from './trees.ts';

/** What commits and creations are made with. */
export interface WritingDeps {
  readonly root: string;
  readonly movements: Movements;
  readonly clock: Clock;
  readonly directoryOf: (repository: RepositoryName) => string;
  readonly listingOf: (repository: RepositoryName, revision: string) => Promise<Listing>;
  readonly remember: (repository: RepositoryName, revision: string, changes: ChangeSet) => void;
  readonly readFile: (
    repository: RepositoryName,
    revision: string,
    path: string,
    maxBytes: number,
  ) => Promise<Uint8Array | undefined>;
}

interface Proposal {
  readonly update: ProposedUpdate;
  readonly changes: ChangeSet;
}

/** `Repositories.commit`: judged on what would be, then objects and intent, then the ref. */
export async function commit(deps: WritingDeps, request: CommitRequest): Promise<Result<RefUpdated>> {
  const { repository, branch } = request;
  const ref = `refs/heads/${branch}`;
  if (!isAcceptedRef(ref)) return refused(invalidBranch(branch));
  if (!isRepositoryName(repository)) return refused(unknown(repository));
  const directory = deps.directoryOf(repository);
  return deps.movements.own(repository, async () => {
    if (!(await exists(join(directory, 'HEAD')))) return refused(unknown(repository));
    const head = (await readRef(directory, ref)) ?? null;
    if (head !== request.expectedHead) return refused(movedOn(branch));
    const start = await findStart(deps, request, head);
    if (!start.ok) return start;
    const { base, listing, merged } = start.value;
    const changes = applyChanges(listing, request.changes, merged);
    if (!changes.ok) return changes;
    const parents = [base, request.mergeOf].filter((parent) => typeof parent === 'string');
    const proposal = propose(deps, { ...request, ref, head, base, parents, changes: changes.value });
    const verdict = await deps.movements.judge([proposal.update]);
    if (!verdict.ok) return verdict;
    const movement = { ...toMovement(proposal, request.message), facts: verdict.value[0] ?? {} };
    await writeObjects(directory, changes.value.objects);
    const step = await deps.movements.open(repository, [movement], request);
    return moveTo(deps, repository, step, proposal);
  });
}

interface Start {
  /** What the changes are relative to; null: nothing. */
  readonly base: string | null;
  readonly listing: Listing | undefined;
  readonly merged: Listing | undefined;
}

/** Where a commit begins and what it merges; both must be held by the repository. */
async function findStart(
  deps: WritingDeps,
  { repository, from, mergeOf }: CommitRequest,
  head: string | null,
): Promise<Result<Start>> {
  if (from !== undefined && head !== null)
    return refused({
      code: codes.Invalid,
      field: 'from',
      message: 'Only a new branch begins at another revision.',
    });
  const base = head ?? from ?? null;
  const listings: (Listing | undefined)[] = [];
  for (const revision of [base ?? undefined, mergeOf])
    try {
      listings.push(revision === undefined ? undefined : await deps.listingOf(repository, revision));
    } catch (error) {
      if (!(error instanceof CatalystError) || error.code !== codes.NotFound) throw error;
      return refused({ code: codes.NotFound, message: error.message });
    }
  return ok({ base, listing: listings[0], merged: listings[1] });
}

async function moveTo(
  deps: WritingDeps,
  repository: RepositoryName,
  step: Intent[],
  { update, changes }: Proposal,
): Promise<Result<RefUpdated>> {
  try {
    await moveRef(deps.directoryOf(repository), update.ref, update.oldRevision, update.newRevision);
  } finally {
    step = await deps.movements.decide(repository, step);
  }
  const moved = step[0];
  if (!moved)
    return refused({
      code: codes.Conflict,
      message: `The branch "${update.ref.slice(11)}" cannot be made: another branch is in the way of its name.`,
    });
  deps.remember(repository, update.newRevision, changes);
  return ok(moved.update);
}

/** `Repositories.create`: everything is made beside, then appears by one rename. */
export async function create(deps: WritingDeps, request: CreateRequest): Promise<Result<RefUpdated[]>> {
  const { repository } = request;
  const branches = Object.entries(request.branches);
  if (!isRepositoryName(repository))
    return refused({
      code: codes.Invalid,
      field: 'name',
      message: `"${fullName(repository)}" is no repository name.`,
    });
  for (const [branch] of branches)
    if (!isAcceptedRef(`refs/heads/${branch}`)) return refused(invalidBranch(branch));
  if (!(request.head in request.branches) || branches.length > 20)
    return refused(invalidBranch(request.head));
  const directory = deps.directoryOf(repository);
  return deps.movements.own(repository, async () => {
    if (await exists(directory))
      return refused({
        code: codes.Conflict,
        field: 'name',
        message: `${fullName(repository)} exists already.`,
      });
    const proposals: Proposal[] = [];
    for (const [branch, files] of branches) {
      const changes = applyChanges(undefined, files);
      if (!changes.ok) return changes;
      const ref = `refs/heads/${branch}`;
      proposals.push(
        propose(deps, { ...request, ref, head: null, base: null, parents: [], changes: changes.value }),
      );
    }
    const verdict = await deps.movements.judge(proposals.map(({ update }) => update));
    if (!verdict.ok) return verdict;
    const movements = proposals.map((proposal, at) => ({
      ...toMovement(proposal, request.message),
      facts: verdict.value[at] ?? {},
    }));
    const made = await makeBeside(deps.root, request.head, proposals);
    const step = await deps.movements.open(repository, movements, request).catch(async (error: unknown) => {
      await rm(made, { recursive: true, force: true });
      throw error;
    });
    return appear(deps, repository, { made, step, proposals });
  });
}

async function appear(
  deps: WritingDeps,
  repository: RepositoryName,
  built: { made: string; step: Intent[]; proposals: readonly Proposal[] },
): Promise<Result<RefUpdated[]>> {
  const directory = deps.directoryOf(repository);
  let { step } = built;
  try {
    const organization = dirname(directory);
    if (await mkdir(organization, { recursive: true, mode: 0o700 })) await syncFolder(deps.root);
    await rename(built.made, directory);
    await syncFolder(organization);
  } finally {
    step = await deps.movements.decide(repository, step);
    await rm(built.made, { recursive: true, force: true });
  }
  for (const { update, changes } of built.proposals) deps.remember(repository, update.newRevision, changes);
  return ok(step.map(({ update }) => update));
}

async function makeBeside(root: string, head: string, proposals: readonly Proposal[]): Promise<string> {
  const directory = join(root, '.new', randomBytes(12).toString('hex'));
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeSkeleton(directory, head);
    const objects: NewObjects = new Map(proposals.flatMap(({ changes }) => [...changes.objects]));
    await writeObjects(directory, objects);
    for (const { update } of proposals) await moveRef(directory, update.ref, noRevision, update.newRevision);
    return directory;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function propose(
  deps: WritingDeps,
  request: Pick<CommitRequest, 'repository' | 'author' | 'message' | 'pusher' | 'under' | 'mergeOf'> & {
    readonly ref: string;
    readonly head: string | null;
    readonly base: string | null;
    readonly parents: readonly string[];
    readonly changes: ChangeSet;
  },
): Proposal {
  const { repository, head, base, changes, ref, pusher, author, message, under, mergeOf } = request;
  const newRevision = addCommit(changes.objects, {
    tree: changes.root,
    parents: [...new Set(request.parents)],
    author,
    timeMs: deps.clock.now(),
    message,
  });
  const known = new Set(changes.listing.files.map((file) => file.path));
  const read = async (path: string) => {
    if (!known.has(path)) return undefined;
    const written = changes.written.get(path);
    if (written) return boundFile(path, written);
    return base === null ? undefined : deps.readFile(repository, base, path, maximumJudgedBytes);
  };
  const update: ProposedUpdate = {
    repository,
    ref,
    oldRevision: head ?? noRevision,
    newRevision,
    forced: false,
    pusher,
    pushOptions: [],
    ...(under === undefined ? {} : { under }),
    ...(mergeOf === undefined ? {} : { mergeOf }),
    files: async () => boundFiles(changes.listing.files),
    read,
  };
  return { update, changes };
}

function toMovement({ update }: Proposal, message: string): Omit<Movement, 'facts'> {
  const { ref, oldRevision, newRevision } = update;
  return { ref, oldRevision, newRevision, subject: subjectOf(message), commits: [newRevision] };
}

function invalidBranch(branch: string) {
  return {
    code: codes.Invalid,
    field: 'branch',
    message: `"${branch.slice(0, 100)}" cannot be a branch here.`,
  };
}

function unknown(repository: RepositoryName) {
  return { code: codes.NotFound, message: `There is no repository ${fullName(repository)}.` };
}

function movedOn(branch: string) {
  return {
    code: codes.Conflict,
    message: `The branch "${branch}" has moved since this change was made. Look at what is new and try again.`,
  };
}

/** Thrown where a reader asks for what is not there. */
export function notFound(repository: RepositoryName): CatalystError {
  return new CatalystError(codes.NotFound, unknown(repository).message);
}
