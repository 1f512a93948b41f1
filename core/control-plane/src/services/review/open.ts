import type { OpenPullRequest } from '@catalyst/model/api/reviews.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { environmentName, envTypeOfBranch } from '@catalyst/model/names.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { RepositoryName } from '../../ports/repositories.ts';
import type { NewPullRequest, PullRequest } from '../../ports/reviews.ts';
import { contentKey } from './decisions.ts';
import { changeRow, nameOf, notOpen, type ReviewDeps, toPerson } from './review-context.ts';
import { carriedCommits, promotedCommits, pushersOf } from './sync.ts';

const mostOpen = 100;

type OpenDeps = Pick<ReviewDeps, 'reviews' | 'repositories' | 'organizations' | 'clock'>;

/** A pull request to be opened, before its number. */
export interface Opening {
  readonly repository: RepositoryName;
  readonly destination: string;
  readonly head: string;
  readonly source?: string;
  readonly title: string;
  readonly description: string;
  readonly by: NewPullRequest['openedBy'];
  readonly surface: NewPullRequest['openedOn'];
  readonly planId?: string;
  readonly set?: NewPullRequest['set'];
  readonly promotion?: NewPullRequest['promotion'];
  /** Ids of those who made what its commits only repeat. */
  readonly madeBy?: readonly string[];
}

/** One line, without what would move a terminal's cursor. */
export function toTitle(text: string): string {
  return (
    text
      .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
      .trim()
      .slice(0, 200) || 'Change'
  );
}

const invalid = (field: string, message: string): Problem => ({ code: codes.Invalid, field, message });

/** Checks that there is something to review and somewhere for it to go, then opens it and makes its head fetchable. */
export async function openPullRequest(deps: OpenDeps, opening: Opening): Promise<Result<PullRequest>> {
  const { repository, destination, head, source } = opening;
  const envType = envTypeOfBranch(destination);
  if (!envType)
    return refused(
      invalid('destination', `"${destination.slice(0, 100)}" is not the branch of an Environment.`),
    );
  const environment = environmentName(repository.organization, envType);
  if (!(await deps.organizations.environment(environment)))
    return refused({
      code: 'EnvironmentMissing',
      field: 'destination',
      message: `The Environment ${environment} does not exist. An org-admin can create it.`,
    });
  const destinationHead = await deps.repositories.head(repository, destination);
  if (destinationHead === undefined)
    return refused(invalid('destination', `There is no branch "${destination}" yet.`));
  const into = { branch: destination, head: destinationHead };
  const carried = opening.promotion
    ? await promotedCommits(deps.repositories, repository, into, head)
    : await carriedCommits(deps.repositories, repository, into, head);
  if (!carried.ok) return carried;
  const open = await deps.reviews.list({ repository, state: 'open', limit: mostOpen });
  if (open.length >= mostOpen)
    return refused({
      code: codes.TooMany,
      message: `${mostOpen} pull requests of this repository are open. Merge or close some first.`,
    });
  const pushers = [...new Set([opening.by.id, ...pushersOf(carried.value), ...(opening.madeBy ?? [])])];
  const same = open.find(
    (other) => other.destination === destination && source !== undefined && other.source === source,
  );
  if (same?.promotion && opening.promotion) return replacePromotion(deps, same, opening, pushers);
  if (same)
    return refused({
      code: codes.Conflict,
      field: 'source',
      message: `${nameOf(same)} already proposes "${source}" for ${destination}. Push to the branch to update it.`,
    });
  const pullRequest = await deps.reviews.open({
    repository,
    title: toTitle(opening.title),
    description: opening.description,
    ...(source === undefined ? {} : { source }),
    destination,
    environment,
    head,
    openedBy: opening.by,
    openedOn: opening.surface,
    pushers,
    ...(opening.promotion ? { promotion: opening.promotion } : {}),
    ...(opening.planId === undefined ? {} : { planId: opening.planId }),
    ...(opening.set ? { set: opening.set } : {}),
  });
  await deps.repositories.setPullHead(repository, pullRequest.number, head);
  return ok(pullRequest);
}

/** A later promotion from the same Environment takes the place of the one that is open; what people approved has fallen. */
async function replacePromotion(
  deps: OpenDeps,
  { repository, number }: PullRequest,
  { head, title, description, promotion, planId, set, by }: Opening,
  pushers: readonly string[],
): Promise<Result<PullRequest>> {
  await deps.repositories.setPullHead(repository, number, head);
  return changeRow(deps.reviews, repository, number, (row) => {
    if (row.state !== 'open' || !promotion) return refused(notOpen(row));
    // Who asked for a merge as soon as the gates open asked for another content.
    const { set: _set, planId: _planId, autoMerge: _autoMerge, ...kept } = row;
    const differs = contentKey(row) !== contentKey({ head, promotion });
    const at = new Date(deps.clock.now()).toISOString();
    const changed = differs ? ({ by, at, how: 'planned' } as const) : row.promotion?.changed;
    return ok({
      ...kept,
      head,
      title: toTitle(title),
      description: description === '' ? row.description : description,
      promotion: { ...promotion, ...(changed ? { changed } : {}) },
      pushers: [...new Set([...row.pushers, ...pushers])],
      ...(planId === undefined ? {} : { planId }),
      ...(set ? { set } : {}),
    });
  });
}

/** Opens one for a branch that was pushed; one from the branch of another Environment is a promotion, with all that it needs. */
export async function openFromBranch(
  deps: OpenDeps & Pick<ReviewDeps, 'promote'>,
  actor: Actor,
  organization: string,
  request: OpenPullRequest,
): Promise<Result<PullRequest>> {
  const { source } = request;
  const repository = { organization, name: request.application };
  if (!(await deps.repositories.exists(repository)))
    return refused({
      code: codes.NotFound,
      field: 'application',
      message: `There is no repository "${request.application.slice(0, 40)}" in ${organization}.`,
    });
  if (envTypeOfBranch(source)) {
    const { title, description, destination, application } = request;
    return deps.promote(actor, {
      organization,
      application,
      source,
      destination,
      as: { title, ...(description === undefined ? {} : { description }) },
    });
  }
  const head = await deps.repositories.head(repository, source);
  if (head === undefined)
    return refused(invalid('source', `There is no branch "${source.slice(0, 100)}" in the repository.`));
  return openPullRequest(deps, {
    repository,
    source,
    head,
    destination: request.destination,
    title: request.title,
    description: request.description ?? '',
    by: toPerson(actor),
    surface: actor.surface,
  });
}
