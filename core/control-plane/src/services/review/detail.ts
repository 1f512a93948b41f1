import type { PullRequestDetail, PullRequestSummary } from '@catalyst/model/api/reviews.ts';
import { codeownersPath } from '@catalyst/model/application-repository/write-files.ts';
import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import type { BreakGlassFact } from '@catalyst/model/policy/facts.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import {
  describeBrokenGlass,
  describeConflicts,
  describeProblem,
} from '@catalyst/model/pull-request/hindrances.ts';
import type { FileChange, GateVerdict } from '@catalyst/model/views/plan.ts';
import type { CommitInfo, FileChanges, RepositoryName } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import { readWatch } from '../automatic-rollback/watch-view.ts';
import { changedPaths } from '../receiving/protection.ts';
import { whyNotReview } from './act.ts';
import { contentOf } from './content.ts';
import { contentKey, reviewedRevision } from './decisions.ts';
import { toText } from './foresee.ts';
import { assess } from './gates.ts';
import { whyNotMerge } from './may-merge.ts';
import { decidable, toPromotionView } from './promotion-view.ts';
import type { ForeseenChange, ReviewDeps } from './review-context.ts';

/** Of one side of a file, and of all of them together; in characters. */
const mostText = 200_000;
const mostTextOfAll = 2_000_000;

/** One line of a list. */
export function toSummary(pullRequest: PullRequest): PullRequestSummary {
  const { repository, openedBy, source, set, promotion, ...rest } = pullRequest;
  return {
    organization: repository.organization,
    application: repository.name,
    number: rest.number,
    title: rest.title,
    state: rest.state,
    environment: rest.environment,
    ...(source === undefined ? {} : { source }),
    destination: rest.destination,
    ...(promotion ? { promotedFrom: promotion.from } : {}),
    head: rest.head,
    content: contentKey(pullRequest),
    openedBy: { id: openedBy.id, name: openedBy.name },
    openedOn: rest.openedOn,
    openedAt: rest.openedAt,
    updatedAt: rest.updatedAt,
    ...(set ? { set: { ...set } } : {}),
  };
}

/** What a pull request comes to now. */
interface Picture {
  readonly commits: readonly CommitInfo[];
  readonly files: FileChange[];
  readonly conflicts: readonly string[];
  readonly undecided: readonly string[];
  /** Of what must be decided, the destination’s against the source’s. */
  readonly differences: readonly FileChange[];
  readonly foreseen?: ForeseenChange;
  readonly gates: readonly GateVerdict[];
  /** The closed gates that hold for the one who asks. */
  readonly blocked: readonly GateVerdict[];
  /** Whether gates of the policy are among them. */
  readonly policyBlocks: boolean;
  readonly breakGlass?: BreakGlassFact;
  readonly owners: readonly string[];
}

/** Reads everything that its page shows. */
export function createDetail(deps: ReviewDeps) {
  /** Every file; its text as long as there is room, so that many files do not make an answer that nobody can take. */
  async function fileChanges(
    repository: RepositoryName,
    before: string,
    paths: readonly string[],
    read: (path: string) => Promise<FileChanges[string]> | FileChanges[string],
  ): Promise<FileChange[]> {
    const known = new Set((await deps.repositories.files(repository, before)).map(({ path }) => path));
    const files: FileChange[] = [];
    let room = mostTextOfAll;
    const textOf = (side: 'before' | 'after', content: string | Uint8Array | null | undefined) => {
      const text = typeof content === 'string' ? content : content && toText(content);
      if (text === undefined || text === null || text.length > Math.min(mostText, room)) return {};
      room -= text.length;
      return { [side]: text };
    };
    for (const path of paths.toSorted(byWeight)) {
      const content = await read(path);
      const old = known.has(path) && room > 0 ? await deps.repositories.read(repository, before, path) : null;
      files.push({
        path,
        change: content === null ? 'delete' : known.has(path) ? 'change' : 'create',
        ...textOf('before', old),
        ...textOf('after', content),
      });
    }
    return files.sort((left, right) => (left.path < right.path ? -1 : 1));
  }

  /** What a promotion asks about, as the destination has it now and as the source has it. */
  async function differencesOf(
    { repository, head, promotion }: PullRequest,
    ours: string,
    paths: readonly string[],
  ): Promise<FileChange[]> {
    if (!promotion || paths.length === 0) return [];
    const source = new Set((await deps.repositories.files(repository, head)).map(({ path }) => path));
    return fileChanges(repository, ours, paths, async (path) =>
      source.has(path) ? ((await deps.repositories.read(repository, head, path)) ?? '') : null,
    );
  }

  async function pictureOfOpen(actor: Actor, pullRequest: PullRequest): Promise<Picture> {
    const { repository, destination, head, environment } = pullRequest;
    const ours = await deps.repositories.head(repository, destination);
    if (ours === undefined) return nothing;
    const [commits, outcome] = await Promise.all([
      deps.repositories.commitsBetween(repository, ours, head),
      contentOf(deps.repositories, pullRequest, ours),
    ]);
    const { changes, conflicts, undecided } = outcome;
    const [{ gates, blocked, owners, recorded }, files, differences, foreseen] = await Promise.all([
      assess(deps, pullRequest, ours, outcome, actor),
      fileChanges(repository, ours, Object.keys(changes), (path) => changes[path] ?? null),
      differencesOf(pullRequest, ours, [...decidable(conflicts), ...undecided]),
      conflicts.length > 0
        ? undefined
        : deps.foresee({ repository, environment, branch: destination, head: ours, changes }),
    ]);
    const { breakGlass } = recorded.facts;
    const policyBlocks = !recorded.outcome.allowed;
    return {
      commits,
      files,
      conflicts,
      undecided,
      differences,
      gates,
      blocked,
      policyBlocks,
      owners,
      ...(foreseen ? { foreseen } : {}),
      ...(breakGlass ? { breakGlass } : {}),
    };
  }

  async function pictureOfMerged(
    { repository, head }: PullRequest,
    merged: NonNullable<PullRequest['merged']>,
  ): Promise<Picture> {
    const [before, after, commits] = await Promise.all([
      deps.repositories.files(repository, merged.base),
      deps.repositories.files(repository, merged.revision),
      deps.repositories.commitsBetween(repository, merged.base, head),
    ]);
    const kept = new Set(after.map(({ path }) => path));
    const files = await fileChanges(repository, merged.base, changedPaths(before, after), async (path) =>
      kept.has(path) ? ((await deps.repositories.read(repository, merged.revision, path)) ?? '') : null,
    );
    return { ...nothing, commits, files };
  }

  async function membersOf({ set }: PullRequest): Promise<PullRequestSummary[] | undefined> {
    if (!set) return undefined;
    const members = await deps.reviews.list({ set: set.id, limit: 200 });
    return members.sort((a, b) => (a.set?.order ?? 0) - (b.set?.order ?? 0)).map(toSummary);
  }

  return async (actor: Actor, pullRequest: PullRequest): Promise<PullRequestDetail> => {
    const { repository, number, merged } = pullRequest;
    const picture = merged
      ? await pictureOfMerged(pullRequest, merged)
      : pullRequest.state === 'open'
        ? await pictureOfOpen(actor, pullRequest)
        : nothing;
    const { commits, files, conflicts, foreseen, gates, blocked, owners, breakGlass } = picture;
    const [comments, members, watch] = await Promise.all([
      deps.reviews.comments(repository, number),
      membersOf(pullRequest),
      readWatch(deps.database, pullRequest),
    ]);
    const problems = foreseen?.problems ?? [];
    const mergeable =
      pullRequest.state === 'open' && conflicts.length === 0 && problems.length === 0 && blocked.length === 0;
    return {
      ...toSummary(pullRequest),
      description: pullRequest.description,
      commits: commits.map(({ revision, author, pusher, time, message }) => ({
        revision,
        author: { ...author },
        ...(pusher ? { pusher: pusher.name } : {}),
        time,
        message,
      })),
      files,
      conflicts: [...conflicts],
      ...(pullRequest.promotion ? { promotion: toPromotionView(pullRequest, picture) } : {}),
      ...(foreseen ? { plan: toPlan(foreseen, files) } : {}),
      gates: [...gates],
      mergeable,
      why: why(pullRequest, picture, mergeable),
      reviews: pullRequest.reviews.map((review) => {
        const { by, content, ...given } = review;
        const stale = reviewedRevision(pullRequest, review) !== pullRequest.head;
        return { ...given, by: { id: by.id, name: by.name }, stale };
      }),
      owners: [...owners],
      checks: pullRequest.checks.map(({ token, ...check }) => ({
        ...check,
        ...(token ? { token: token.name } : {}),
      })),
      comments: comments.map(({ by, ...comment }) => ({ ...comment, by: { id: by.id, name: by.name } })),
      ...(members ? { members } : {}),
      ...(merged
        ? {
            mergedBy: { id: merged.by.id, name: merged.by.name },
            mergedAt: merged.at,
            mergeRevision: merged.revision,
          }
        : {}),
      ...autoMergeOf(pullRequest, gates),
      ...(watch ? { watch } : {}),
      ...(breakGlass ? { breakGlass: { ...breakGlass, by: { ...breakGlass.by } } } : {}),
      may: {
        ...mayOf(actor, pullRequest, mergeable),
        breakGlass: mayBreakGlass(actor, pullRequest, picture),
      },
    };
  };
}

const nothing: Picture = {
  commits: [],
  files: [],
  conflicts: [],
  undecided: [],
  differences: [],
  gates: [],
  blocked: [],
  policyBlocks: false,
  owners: [],
};

/** What runs, and who answers for it, comes first: no heap of other files takes its room. */
function byWeight(left: string, right: string): number {
  const weight = (path: string) => (path === codeownersPath ? 0 : /^(?:base|overlays)\//.test(path) ? 1 : 2);
  return weight(left) - weight(right) || (left < right ? -1 : 1);
}

/** With the texts of the files as far as there was room for them. */
function toPlan({ application, problems, consequences }: ForeseenChange, files: readonly FileChange[]) {
  const shown = new Map(files.map((file) => [file.path, file]));
  const bare = ({ path, change }: FileChange) => ({ path, change });
  return {
    ...(application
      ? {
          application: {
            ...application,
            files: application.files.map((file) => shown.get(file.path) ?? bare(file)),
          },
        }
      : {}),
    problems: problems.map((problem: Problem) => ({ ...problem })),
    consequences: [...consequences],
  };
}

function why(pullRequest: PullRequest, picture: Picture, mergeable: boolean): string {
  const { merged, closed, destination, environment } = pullRequest;
  if (merged) return `Merged by ${merged.by.name}.`;
  if (closed) return `Closed by ${closed.by.name}.${closed.reason ? ` ${closed.reason}` : ''}`;
  if (picture.conflicts.length > 0) return describeConflicts(pullRequest, picture.conflicts);
  const { blocked, breakGlass } = picture;
  const first = blocked.find(({ rule }) => ['order', 'hold', 'decision'].includes(rule));
  const [problem] = picture.foreseen?.problems ?? [];
  if (first) return first.reason;
  if (problem) return describeProblem(problem);
  if (blocked.length > 0) return blocked.map(({ reason }) => reason).join(' ');
  if (mergeable && breakGlass && picture.gates.some(({ allowed }) => !allowed))
    return describeBrokenGlass(environment, breakGlass);
  return mergeable
    ? `Nothing is missing: whoever may change ${environment} can merge it.`
    : `There is no branch ${destination} any more.`;
}

/** What a wish to be merged by itself waits for; of an earlier head it is none any more. */
function autoMergeOf(
  { autoMerge, head, state }: PullRequest,
  gates: readonly GateVerdict[],
): Pick<PullRequestDetail, 'autoMerge'> {
  if (!autoMerge || autoMerge.head !== head || state !== 'open') return {};
  const { by, at, hindrance } = autoMerge;
  const blocked = gates.filter(({ allowed }) => !allowed);
  const opens = blocked.flatMap(({ until }) => until ?? []).sort();
  const until = hindrance === undefined && opens.length === blocked.length ? opens.at(-1) : undefined;
  const waits =
    hindrance ??
    (blocked.map(({ reason }) => reason).join(' ') || 'Nothing is missing: it is merged in a moment.');
  return {
    autoMerge: {
      by: { id: by.id, name: by.name },
      at,
      waits,
      ...(until === undefined ? {} : { until }),
    },
  };
}

function mayOf(actor: Actor, pullRequest: PullRequest, mergeable: boolean): PullRequestDetail['may'] {
  const { organization } = pullRequest.repository;
  const { environment } = pullRequest;
  const writes = authorize(actor, 'pull-request.write', { organization }) === 'allowed';
  const not = whyNotReview(actor, pullRequest);
  const mayMerge = pullRequest.state === 'open' && whyNotMerge(actor, pullRequest) === undefined;
  return {
    approve: not === undefined,
    ...(not ? { approveWhyNot: not.message } : {}),
    merge: mergeable && authorize(actor, 'application.write', { organization, environment }) === 'allowed',
    autoMerge: mayMerge && pullRequest.autoMerge?.head !== pullRequest.head,
    stopAutoMerge:
      pullRequest.state === 'open' &&
      pullRequest.autoMerge !== undefined &&
      (mayMerge || pullRequest.autoMerge.by.id === actor.id),
    close: writes && pullRequest.state === 'open' && mayClose(actor, pullRequest),
    comment: writes,
  };
}

/** Where closed gates of the policy are all that is in the way. */
function mayBreakGlass(
  actor: Actor,
  { repository, environment, state }: PullRequest,
  picture: Picture,
): boolean {
  const { policyBlocks, conflicts } = picture;
  const scope = { organization: repository.organization, environment };
  return (
    state === 'open' &&
    conflicts.length === 0 &&
    policyBlocks &&
    authorize(actor, 'break-glass.open', scope) === 'allowed'
  );
}

/** Its opener, and whoever may change the Environment. */
export function mayClose(actor: Actor, { repository, environment, openedBy }: PullRequest): boolean {
  const scope = { organization: repository.organization, environment };
  return openedBy.id === actor.id || authorize(actor, 'application.write', scope) === 'allowed';
}
