import { toSize } from '@catalyst/model/plan/data-risks.ts';
import { addResources, noResources, overCapacity } from '@catalyst/model/plan/resources.ts';
import type { Plan, PlannedApplication } from '@catalyst/model/views/plan.ts';
import { boundApplications } from '../application-controller/bound-applications.ts';
import type { Draft, Pin, PlanningDeps, PlanningScope } from './planning-context.ts';

/** What every plan says beyond what its action says. */
export type Completion = Pick<Plan, 'applications' | 'consequences' | 'pins' | 'resources' | 'policy'>;

/** Adds to a draft whom it touches, what all of it takes, what it is pinned to, and what the policy says. */
export async function completePlan(
  deps: PlanningDeps,
  scope: PlanningScope,
  draft: Draft,
): Promise<Required<Completion>> {
  const consequences = [...draft.consequences];
  const applications: PlannedApplication[] = [];
  for (const planned of draft.applications) {
    const usedBy = await usersOf(deps, scope, planned, draft);
    applications.push({ ...planned, ...(usedBy.length > 0 ? { usedBy } : {}) });
    const notice = noticeOf(planned, usedBy);
    if (notice !== undefined) consequences.push(notice);
  }
  const after = addResources(...applications.map(({ resources }) => resources));
  const before = addResources(...applications.map(({ resourcesBefore }) => resourcesBefore ?? noResources));
  const capacity = deps.capacity?.();
  if (capacity) consequences.push(...overCapacity(after, capacity, toSize));
  const policy = await deps.policy(scope);
  return {
    applications,
    consequences: [...new Set(consequences)],
    pins: await pinsOf(deps, scope, draft),
    resources: { before, after },
    policy: { ...policy, gates: [...policy.gates] },
  };
}

/** Who is bound to it when the plan has been carried out. */
async function usersOf(
  deps: PlanningDeps,
  scope: PlanningScope,
  planned: PlannedApplication,
  draft: Draft,
): Promise<string[]> {
  const own = draft.applications
    .filter((other) => other.dependsOn?.some(({ application }) => application === planned.application))
    .map(({ application }) => application);
  const bound = planned.change === 'create' ? [] : await boundApplications(deps, scope, planned.application);
  return [...new Set([...bound, ...own])].sort();
}

function noticeOf(planned: PlannedApplication, usedBy: readonly string[]): string | undefined {
  if (usedBy.length === 0 || planned.change !== 'change') return undefined;
  const hit = planned.restarts?.filter(({ interruption }) => interruption) ?? [];
  if (hit.length === 0) return undefined;
  const stays = hit.some(({ how }) => how === 'stopped');
  return `${usedBy.join(', ')} ${usedBy.length === 1 ? 'is' : 'are'} bound to ${planned.application} and cannot reach it ${
    stays ? 'as long as it is stopped' : 'while its Pods are replaced'
  }.`;
}

async function pinsOf(deps: PlanningDeps, scope: PlanningScope, draft: Draft): Promise<Pin[]> {
  const pins = new Map<string, Pin>();
  const add = (pin: Pin) => pins.set(`${pin.repository} ${pin.branch}`, pin);
  for (const pin of draft.pins ?? []) add(pin);
  const steps = new Map(draft.steps.map((step) => [step.application, step]));
  for (const { application, change, repository, branch } of draft.applications) {
    const step = steps.get(application);
    if (step) add({ repository, branch, head: step.expectedHead });
    else if (change === 'use' && !pins.has(`${repository} ${branch}`)) {
      const head = await deps.repositories.head(
        { organization: scope.organization, name: application },
        branch,
      );
      add({ repository, branch, head: head ?? null });
    }
  }
  return [...pins.values()];
}
