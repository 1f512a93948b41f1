import type { ProposePlan } from '@catalyst/model/api/reviews.ts';
import { codeownersPath, writeCodeowners } from '@catalyst/model/application-repository/write-files.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { firstBranches } from '@catalyst/model/names.ts';
import { codes, ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { FileChanges } from '../../ports/repositories.ts';
import type { PullRequest } from '../../ports/reviews.ts';
import type { PlannedStep } from '../provisioning/planning-context.ts';
import type { ProposablePlan } from '../provisioning/proposable-plans.ts';
import { openPullRequest } from './open.ts';
import { type ReviewDeps, toPerson, toPusher } from './review-context.ts';

type ProposeDeps = Pick<ReviewDeps, 'reviews' | 'repositories' | 'organizations' | 'plans' | 'clock'>;

/** Branch that a plan is proposed on; names below `proposals/` are Catalyst's own. */
function branchFor(planId: string): string {
  return `proposals/${planId.toLowerCase()}`;
}

/**
 * Opens one pull request per repository that a plan touches, in the order of the plan. Asking again answers the same ones, also when a
 * crash left only some.
 */
export async function proposePlan(
  deps: ProposeDeps,
  actor: Actor,
  environment: string,
  planId: string,
  request: ProposePlan,
): Promise<Result<PullRequest[]>> {
  const begun = (await deps.reviews.list({ planId, limit: 200 })).filter(
    (entry) => entry.environment === environment && entry.openedBy.id === actor.id,
  );
  const found = await deps.plans.find(actor, environment, planId, begun.length > 0);
  if (!found.ok) return found;
  const { steps } = found.value;
  const opened: PullRequest[] = [];
  for (const [order, step] of steps.entries()) {
    const present = begun.find(({ repository }) => repository.name === step.application);
    const proposed = present
      ? ok(present)
      : await proposeStep(deps, actor, found.value, { step, order, request });
    if (!proposed.ok) return proposed;
    opened.push(proposed.value);
  }
  await deps.plans.proposed(actor, found.value);
  return ok(opened);
}

async function proposeStep(
  deps: ProposeDeps,
  actor: Actor,
  { organization, branch, plan, steps }: ProposablePlan,
  { step, order, request }: { step: PlannedStep; order: number; request: ProposePlan },
): Promise<Result<PullRequest>> {
  const repository = { organization, name: step.application };
  const author = { name: actor.name, email: actor.email };
  const pusher = toPusher(actor);
  const ready = await ensureDestination(deps, { repository, branch, author, pusher });
  if (!ready.ok) return ready;
  const { promotion } = step;
  if (promotion)
    return openPullRequest(deps, {
      repository,
      destination: branch,
      source: promotion.branch,
      head: promotion.revision,
      promotion: { from: promotion.from, base: ready.value, overlay: promotion.overlay, decisions: {} },
      title: titleOf(request, step, steps.length),
      description: request.description ?? '',
      by: toPerson(actor),
      surface: actor.surface,
      planId: plan.id,
      ...(steps.length > 1 ? { set: { id: plan.id, order } } : {}),
    });
  const source = branchFor(plan.id);
  const present = await deps.repositories.head(repository, source);
  const committed =
    present === undefined
      ? await deps.repositories.commit({
          repository,
          branch: source,
          expectedHead: null,
          from: ready.value,
          changes: await changesOf(deps, repository, step),
          message: `${step.message}\n\nCatalyst-Plan: ${plan.id}\n`,
          author,
          pusher,
        })
      : ok({ newRevision: present });
  if (!committed.ok) return committed;
  return openPullRequest(deps, {
    repository,
    destination: branch,
    source,
    head: committed.value.newRevision,
    title: titleOf(request, step, steps.length),
    description: request.description ?? '',
    by: toPerson(actor),
    surface: actor.surface,
    planId: plan.id,
    ...(steps.length > 1 ? { set: { id: plan.id, order } } : {}),
  });
}

function titleOf({ title }: ProposePlan, step: PlannedStep, count: number): string {
  if (title === undefined) return (step.message.split('\n', 1)[0] ?? '').slice(0, 200);
  return count > 1 ? `${title.slice(0, 150)} (${step.application})` : title;
}

async function changesOf(
  deps: ProposeDeps,
  repository: { readonly organization: string; readonly name: string },
  step: PlannedStep,
): Promise<FileChanges> {
  const changes: Record<string, string | Uint8Array | null> = { ...step.changes };
  for (const [path, revision] of Object.entries(step.restored ?? {}))
    changes[path] = (await deps.repositories.read(repository, revision, path)) ?? null;
  return changes;
}

/** The branch that the change is to reach, with nothing but its code owners where it was not there. */
async function ensureDestination(
  deps: ProposeDeps,
  where: Pick<
    Parameters<ReviewDeps['repositories']['commit']>[0],
    'repository' | 'branch' | 'author' | 'pusher'
  >,
): Promise<Result<string>> {
  const { repository, branch } = where;
  const files: FileChanges = { [codeownersPath]: writeCodeowners(repository.organization) };
  const message = 'Say who answers for this repository';
  if (!(await deps.repositories.exists(repository))) {
    const branches = Object.fromEntries([...firstBranches, branch].map((name) => [name, files]));
    const made = await deps.repositories.create({ ...where, branches, head: branch, message });
    if (!made.ok && made.problems[0]?.code !== codes.Conflict) return made;
  }
  const head = await deps.repositories.head(repository, branch);
  if (head !== undefined) return ok(head);
  const begun = await deps.repositories.commit({ ...where, expectedHead: null, changes: files, message });
  if (begun.ok) return ok(begun.value.newRevision);
  const now = await deps.repositories.head(repository, branch);
  return now === undefined ? refused(...begun.problems) : ok(now);
}
