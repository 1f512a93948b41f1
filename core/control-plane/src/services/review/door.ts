import { type Actor, authorize } from '@catalyst/model/authorization.ts';
import { branchOf, environmentName, envTypeOfBranch, envTypes } from '@catalyst/model/names.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import {
  describeBrokenGlass,
  describeConflicts,
  describeProblem,
} from '@catalyst/model/pull-request/hindrances.ts';
import type { PullRequestDoor, PullRequestPush } from '../../ports/repositories.ts';
import type { Person, PullRequest } from '../../ports/reviews.ts';
import { wasStateOf } from '../history/branch-states.ts';
import { contentOf } from './content.ts';
import { assess } from './gates.ts';
import { openPullRequest } from './open.ts';
import { changeRow, pathOf, type ReviewDeps, toPerson } from './review-context.ts';
import { carriedCommits, pushersOf } from './sync.ts';

const maxLines = 30;

/** Opens or updates a pull request for a push that asked for one, and says on its terminal what merging it would do. */
export function createDoor(deps: ReviewDeps): PullRequestDoor {
  async function personOf(push: PullRequestPush): Promise<Result<Person & { readonly actor: Actor }>> {
    const { organization } = push.repository;
    const user = await deps.identity.findUser(push.pusher.id);
    const member = (await deps.access.members(organization)).find(
      (entry) => entry.user.id === push.pusher.id,
    );
    const memberships = member ? [{ organization, role: member.role }] : [];
    const actor = user?.active ? { ...user, memberships, surface: 'git' as const } : undefined;
    return actor && authorize(actor, 'pull-request.write', { organization }) === 'allowed'
      ? ok({ id: actor.id, name: actor.name, email: actor.email, actor })
      : refused({
          code: codes.Denied,
          message: `Opening a pull request needs the role org-developer in ${organization}.`,
        });
  }

  /** The pusher's own one that this push goes on with. */
  async function findOwn(push: PullRequestPush): Promise<PullRequest | undefined> {
    const { repository, branch, newRevision, pusher } = push;
    for (const candidate of await deps.reviews.list({ repository, state: 'open', limit: 200 }))
      if (
        candidate.source === undefined &&
        candidate.destination === branch &&
        candidate.openedBy.id === pusher.id &&
        (await deps.repositories.contains(repository, newRevision, candidate.head))
      )
        return candidate;
    return undefined;
  }

  async function update(push: PullRequestPush, present: PullRequest): Promise<Result<PullRequest>> {
    const { repository, branch, newRevision } = push;
    const head = await deps.repositories.head(repository, branch);
    if (head === undefined) return refused(noBranch(branch));
    const carried = await carriedCommits(deps.repositories, repository, { branch, head }, newRevision);
    if (!carried.ok) return carried;
    await deps.repositories.setPullHead(repository, present.number, newRevision);
    return changeRow(deps.reviews, repository, present.number, (row) =>
      row.state === 'open'
        ? ok({
            ...row,
            head: newRevision,
            pushers: [...new Set([...row.pushers, push.pusher.id, ...pushersOf(carried.value)])],
          })
        : refused({ code: codes.Conflict, message: `Pull request ${row.number} is ${row.state}.` }),
    );
  }

  return async (push) => {
    const by = await personOf(push);
    if (!by.ok) return by;
    if (envTypeOfBranch(push.branch) === undefined) return refused(noBranch(push.branch));
    const source = await environmentBranchOf(deps, push);
    const present = source === undefined ? await findOwn(push) : undefined;
    const done =
      source !== undefined
        ? await promotePush(deps, by.value.actor, push, source)
        : present
          ? await update(push, present)
          : await openPullRequest(deps, {
              repository: push.repository,
              destination: push.branch,
              head: push.newRevision,
              title: push.title ?? (await subjectOf(deps, push)),
              description: '',
              by: toPerson(by.value),
              surface: 'git',
            });
    if (!done.ok) return done;
    const lines = await describePush(deps, done.value, { by: by.value, updated: present !== undefined });
    return ok({ number: done.value.number, lines });
  };
}

/** The branch of another Environment that was at the pushed revision: then it is a promotion. */
async function environmentBranchOf(
  { repositories }: Pick<ReviewDeps, 'repositories'>,
  { repository, branch, newRevision }: PullRequestPush,
): Promise<string | undefined> {
  for (const envType of envTypes) {
    const other = branchOf(envType);
    if (other === branch) continue;
    const head = await repositories.head(repository, other);
    if (head !== undefined && (await wasStateOf(repositories, repository, other, head, newRevision)))
      return other;
  }
  return undefined;
}

function promotePush(
  { promote }: Pick<ReviewDeps, 'promote'>,
  actor: Actor,
  { repository, branch, newRevision, title }: PullRequestPush,
  source: string,
): Promise<Result<PullRequest>> {
  return promote(actor, {
    organization: repository.organization,
    application: repository.name,
    source,
    destination: branch,
    revision: newRevision,
    as: title === undefined ? {} : { title },
  });
}

function noBranch(branch: string): Problem {
  return {
    code: codes.Invalid,
    field: branch,
    message: 'A pull request goes to the branch of an Environment that exists.',
  };
}

async function subjectOf(deps: ReviewDeps, { repository, branch, newRevision }: PullRequestPush) {
  const head = await deps.repositories.head(repository, branch);
  const commits =
    head === undefined ? [] : await deps.repositories.commitsBetween(repository, head, newRevision);
  return commits[0]?.message.split('\n', 1)[0] ?? '';
}

/** Its address, its plan and what it waits for, a line each, in the words of its page, for who pushed. */
async function describePush(
  deps: ReviewDeps,
  pullRequest: PullRequest,
  { by, updated }: { readonly by: Person; readonly updated: boolean },
): Promise<string[]> {
  const { repository, destination, number, title } = pullRequest;
  const lines = [
    `Pull request #${number} is ${updated ? 'updated' : 'open'}: ${title}`,
    deps.pageUrl(pathOf(pullRequest)),
  ];
  const ours = await deps.repositories.head(repository, destination);
  if (ours === undefined) return lines;
  const outcome = await contentOf(deps.repositories, pullRequest, ours);
  const environment = environmentName(repository.organization, envTypeOfBranch(destination) ?? 'dev');
  const needed: string[] = [];
  if (outcome.conflicts.length > 0) {
    lines.push(`Conflicts with ${destination}: ${outcome.conflicts.join(', ')}`);
    needed.push(describeConflicts(pullRequest, outcome.conflicts));
  } else {
    const foreseen = await deps.foresee({
      repository,
      environment,
      branch: destination,
      head: ours,
      changes: outcome.changes,
    });
    lines.push(`Merging it into ${destination} (${environment}) would:`);
    for (const file of foreseen.application?.files ?? []) lines.push(`  ${file.change} ${file.path}`);
    for (const object of foreseen.application?.objects ?? [])
      lines.push(`  ${object.change} ${object.kind} ${object.name}`);
    for (const sentence of foreseen.consequences) lines.push(`  ${sentence}`);
    for (const { file, field, message } of foreseen.problems)
      lines.push(`  Problem: ${[file, field, message].filter(Boolean).join(': ')}`);
    needed.push(...foreseen.problems.slice(0, 1).map(describeProblem));
  }
  const { gates, blocked, recorded } = await assess(deps, pullRequest, ours, outcome, by);
  const hindered = needed.length > 0 || blocked.length > 0;
  needed.push(...gates.filter(({ allowed }) => !allowed).map(({ reason }) => reason));
  const { breakGlass } = recorded.facts;
  if (needed.length > 0 && !hindered && breakGlass) needed.push(describeBrokenGlass(environment, breakGlass));
  const warnings = gates
    .filter(({ severity }) => severity === 'warning')
    .map(({ reason }) => `Warning: ${reason}`);
  const shown =
    lines.length > maxLines ? [...lines.slice(0, maxLines), '  … (all of it is on the page)'] : lines;
  return [
    ...shown,
    ...warnings,
    ...(needed.length > 0 ? needed : ['Nothing more is needed: it can be merged.']),
  ];
}
