import type { KubernetesObject } from '../kubernetes.ts';
import { fieldOf } from '../workload/json-fields.ts';
import { type Check, type Criterion, checked, listNames, type ScoreSubject } from './criterion.ts';
import { sources } from './sources.ts';
import { selects, type WorkloadSubject } from './workload-subjects.ts';

const nothingServes = 'Nothing in it runs all the time.';

function replicatedIn({ workloads }: ScoreSubject) {
  return workloads.flatMap((workload) =>
    workload.replicas === undefined ? [] : [{ ...workload, replicas: workload.replicas }],
  );
}

function checkReplicas(workload: WorkloadSubject & { readonly replicas: number }): Check {
  const { title, name, kind, replicas, exclusiveClaims } = workload;
  const base = { object: title, workload: name, of: 1 };
  if (kind === 'Pod')
    return {
      ...base,
      passed: 0,
      reason: `${title} belongs to nothing that would replace it.`,
      remedy: `Make a Deployment with two replicas of ${title}`,
      withoutSetting: true,
    };
  if (replicas >= 2) return { ...base, passed: 1 };
  const reason =
    replicas === 1
      ? `${title} runs one Pod: while it restarts or moves, nobody answers.`
      : `${title} runs no Pod.`;
  return exclusiveClaims.length === 0
    ? { ...base, passed: 0, reason }
    : {
        ...base,
        passed: 0,
        reason,
        remedy: `Keep no files in ${listNames(exclusiveClaims)}, which one Pod alone can write, then run two replicas of ${title}`,
        withoutSetting: true,
      };
}

/** Whether a budget ever lets a Pod of so many go. */
function allows(budget: KubernetesObject, replicas: number): boolean {
  // Kubernetes rounds up the shares of both.
  const amount = (value: unknown): number | undefined => {
    if (typeof value === 'number') return value;
    return typeof value === 'string' && /^\d{1,3}%$/.test(value)
      ? Math.ceil((Number.parseInt(value, 10) * replicas) / 100)
      : undefined;
  };
  const most = amount(fieldOf(budget.spec, 'maxUnavailable'));
  if (most !== undefined) return most >= 1;
  const least = amount(fieldOf(budget.spec, 'minAvailable')) ?? 1;
  return least < replicas;
}

function checkBudget(
  { objects }: ScoreSubject,
  { title, name, replicas, labels }: WorkloadSubject & { readonly replicas: number },
): Check {
  const base = { object: title, workload: name, of: 1 };
  const lost = (reason: string, remedy?: string): Check => ({
    ...base,
    passed: 0,
    reason,
    ...(remedy === undefined ? {} : { remedy, withoutSetting: true }),
  });
  if (replicas < 2)
    return lost(
      `${title} has fewer than two Pods, of which no budget can keep one running.`,
      `Run at least two replicas of ${title}, then add a PodDisruptionBudget`,
    );
  const budgets = objects.filter(
    ({ kind, spec }) => kind === 'PodDisruptionBudget' && selects(fieldOf(spec, 'selector'), labels),
  );
  if (budgets.length === 0) return lost(`No PodDisruptionBudget speaks of ${title}.`);
  return budgets.some((budget) => allows(budget, replicas))
    ? { ...base, passed: 1 }
    : lost(
        `The PodDisruptionBudget of ${title} lets no Pod go, so that no machine can be emptied.`,
        `Let one Pod of ${title} be unavailable in its PodDisruptionBudget`,
      );
}

function checkProbe(
  workload: WorkloadSubject,
  probe: 'readinessProbe' | 'livenessProbe',
  risk: string,
): Check {
  const serving = workload.containers.filter(({ init }) => !init);
  const without = serving.filter(({ spec }) => fieldOf(spec, probe) === undefined).map(({ name }) => name);
  const { title, name } = workload;
  return {
    object: title,
    workload: name,
    passed: serving.length - without.length,
    of: serving.length,
    ...(without.length === 0
      ? {}
      : {
          reason: `${title}: ${without.length === 1 ? 'the container' : 'the containers'} ${listNames(without)} ${without.length === 1 ? 'has' : 'have'} no ${probe}, so ${risk}.`,
        }),
  };
}

const serves = ({ ends }: WorkloadSubject) => !ends;

/** Whether it goes on when a part of it does not. */
export const availabilityCriteria: readonly Criterion[] = [
  {
    id: 'replicas',
    weight: 12,
    title: 'More than one replica',
    applies: 'Deployments, StatefulSets and single Pods',
    rule: 'At least two Pods run side by side, by `replicas` or the least of an autoscaler.',
    sources: [sources.disruptions, sources.concurrency],
    fix: {
      remedy: 'Run at least two replicas of {object}',
      way: 'settings',
      settings: ['replicas', 'replicaCount', 'minReplicas'],
    },
    judge: (subject) => checked(replicatedIn(subject).map(checkReplicas), nothingServes),
  },
  {
    id: 'disruption-budget',
    weight: 4,
    title: 'Disruption budget',
    applies: 'Deployments, StatefulSets and single Pods',
    rule: 'A PodDisruptionBudget selects the Pods, keeps one running and lets one go.',
    sources: [sources.disruptionBudget],
    fix: {
      remedy: 'Add a PodDisruptionBudget for {object}',
      way: 'settings',
      settings: ['pdb.enabled', 'pdb.create', 'podDisruptionBudget.enabled', 'podDisruptionBudget.create'],
    },
    judge: (subject) =>
      checked(
        replicatedIn(subject).map((workload) => checkBudget(subject, workload)),
        nothingServes,
      ),
  },
  {
    id: 'readiness',
    weight: 10,
    title: 'Readiness probes',
    applies: 'containers that run all the time',
    rule: 'Each has a `readinessProbe`.',
    sources: [sources.probes],
    fix: {
      remedy: 'Add a readiness probe to {object}',
      way: 'settings',
      settings: ['probe.type', 'readinessProbe.enabled', 'readinessProbe'],
    },
    judge: ({ workloads }) =>
      checked(
        workloads
          .filter(serves)
          .map((workload) => checkProbe(workload, 'readinessProbe', 'it gets requests before it can answer')),
        nothingServes,
      ),
  },
  {
    id: 'liveness',
    weight: 4,
    title: 'Liveness probes',
    applies: 'containers that run all the time',
    rule: 'Each has a `livenessProbe`.',
    sources: [sources.probes, sources.disposability],
    fix: {
      remedy: 'Add a liveness probe to {object}',
      way: 'settings',
      settings: ['probe.type', 'livenessProbe.enabled', 'livenessProbe'],
    },
    judge: ({ workloads }) =>
      checked(
        workloads
          .filter(serves)
          .map((workload) => checkProbe(workload, 'livenessProbe', 'one that hangs is not restarted')),
        nothingServes,
      ),
  },
];
