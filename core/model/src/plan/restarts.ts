import type { Static } from 'typebox';
import type { PlannedRestart as PlannedRestartSchema } from '../views/plan.ts';
import { sameJson } from '../yaml/edit-yaml.ts';
import {
  type PlannedWorkload,
  type RenderedState,
  templateAnnotations,
  workloadsOf,
} from './rendered-state.ts';

/** What happens to the Pods of one workload. */
export type PlannedRestart = Static<typeof PlannedRestartSchema>;

/** What a change does to what runs. */
export interface Rollouts {
  readonly restarts: PlannedRestart[];
  /** What else happens, a sentence each: scaled, started, run again. */
  readonly others: string[];
}

type Change = Pick<PlannedRestart, 'how' | 'interruption' | 'reason'>;

/**
 * What happens to running Pods when one rendered state follows another, as the container engine does it: a template that resolves to
 * another hash (contents of what it mounts and reads included) replaces its Pods, rolling, or in place where two may not be there
 * at once. Null: the Application is not there.
 */
export function planRollouts(before: RenderedState | null, after: RenderedState | null): Rollouts {
  const restarts: PlannedRestart[] = [];
  const others: string[] = [];
  if (before === null || before.paused) return { restarts, others: startedAgain(before, after) };
  const old = workloadsOf(before);
  const wanted = after === null ? new Map<string, PlannedWorkload>() : workloadsOf(after);
  for (const [key, was] of old) {
    const { kind, name, replicas } = was.workload;
    const is = wanted.get(key);
    if (kind === 'Job') {
      if (is && is.hash !== was.hash)
        others.push(`The Job ${name} runs again, because its template changes.`);
      continue;
    }
    if (replicas === 0 && (is?.workload.replicas ?? 0) === 0) continue;
    const change = changeOf(was, is, after);
    if (change) restarts.push({ kind, name, ...change });
    else if (is && is.workload.replicas > replicas)
      others.push(
        `${kind} ${name} grows from ${replicas} to ${is.workload.replicas} Pods; those that run are not touched.`,
      );
    else if (is && is.workload.replicas < replicas)
      others.push(
        `${kind} ${name} shrinks from ${replicas} to ${is.workload.replicas} Pods; the others go on.`,
      );
  }
  for (const [key, is] of wanted)
    if (!old.has(key) && is.workload.kind === 'Job') others.push(`The Job ${is.workload.name} runs once.`);
  return { restarts, others };
}

function startedAgain(before: RenderedState | null, after: RenderedState | null): string[] {
  return before?.paused && after && !after.paused
    ? ['Its Pods start again, on the volumes that were kept.']
    : [];
}

function changeOf(
  was: PlannedWorkload,
  is: PlannedWorkload | undefined,
  after: RenderedState | null,
): Change | undefined {
  const stopped = (reason: string): Change => ({ how: 'stopped', interruption: true, reason });
  if (after === null) return stopped('the Application is uninstalled');
  if (after.paused) return stopped('the Application is paused');
  if (!is) return stopped('it is no longer part of the Application');
  if (is.workload.replicas === 0) return stopped('it is scaled to no Pod');
  if (is.hash === was.hash || was.workload.replicas === 0) return undefined;
  const reason = reasonOf(was, is);
  if (is.workload.kind === 'StatefulSet')
    return {
      how: 'in-place',
      // One Pod after another goes and comes; the others serve meanwhile.
      interruption: is.workload.replicas < 2 || was.workload.replicas < 2,
      reason,
    };
  return is.inPlace
    ? { how: 'in-place', interruption: true, reason }
    : { how: 'rolling', interruption: false, reason };
}

function reasonOf(was: PlannedWorkload, is: PlannedWorkload): string {
  if (!sameJson(was.workload.template, is.workload.template)) {
    const spec = (planned: PlannedWorkload) => (planned.workload.template as { spec?: unknown }).spec;
    if (!sameJson(spec(was), spec(is))) return 'its Pod template changes';
    return sameJson(templateAnnotations(was.workload), templateAnnotations(is.workload))
      ? 'the labels of its Pods change'
      : 'what it reads changes (the annotations of its Pods say so)';
  }
  return 'what it reads or how it is reached changes, or a restart was asked for';
}
