import type { PodTrouble } from './pod-lifecycle.ts';
import { type Reason, reasons } from './reasons.ts';

/** What one workload has come to. */
export interface WorkloadProgress {
  readonly kind: string;
  readonly name: string;
  readonly ready: number;
  readonly desired: number;
  /** Nothing is left to do. */
  readonly done: boolean;
  /** Pods that have trouble, newest template first. */
  readonly troubles: readonly PodTrouble[];
  /** Seconds since something last moved forward. */
  readonly stalledSeconds: number;
  readonly progressDeadlineSeconds: number;
  /** A Job that gave up, in words. */
  readonly failed?: string;
}

/** The answer to "is it running?", without the time. */
export interface ReadyAnswer {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
  readonly waitingFor?: readonly string[];
}

/** Said of what has Deployments or StatefulSets, none of which wants a Pod. */
export const scaledToZeroMessage =
  'It is scaled to zero: nothing runs, its data is kept. Set replicas to 1 or more to start it.';
/** The same where Pods of their own run beside them. */
const mostlyAtZero =
  'It is scaled to zero: none of its Deployments and StatefulSets runs, their data is kept. Set replicas to 1 or more to start it.';

/**
 * The `Ready` condition of a release whose objects are applied. `settledBefore`: this revision was Ready once already, so what
 * is missing now is a loss and no rollout.
 */
export function decideReady(
  workloads: readonly WorkloadProgress[],
  settledBefore: boolean,
  waiting?: { readonly message: string; readonly names: readonly string[] },
): ReadyAnswer {
  const open = workloads.filter((workload) => !workload.done);
  const job = open.find((workload) => workload.failed !== undefined);
  if (job)
    return {
      status: 'False',
      reason: reasons.JobFailed,
      message: `Job ${job.name} failed: ${job.failed}; look at its log and change the Application to run it again.`,
    };
  const troubled = open
    .flatMap((workload) => workload.troubles.map((trouble) => ({ workload, trouble })))
    .sort((left, right) => Number(right.trouble.lasting) - Number(left.trouble.lasting))[0];
  if (troubled) {
    const late = troubled.workload.stalledSeconds > troubled.workload.progressDeadlineSeconds;
    const failed = troubled.trouble.lasting || late;
    return {
      status: failed ? 'False' : 'Unknown',
      reason: troubled.trouble.reason,
      message: troubled.trouble.message,
    };
  }
  if (waiting)
    return {
      status: 'Unknown',
      reason: reasons.Progressing,
      message: waiting.message,
      waitingFor: waiting.names,
    };
  const short = open.find((workload) => workload.ready < workload.desired);
  const slow = open.find((workload) => workload.stalledSeconds > workload.progressDeadlineSeconds);
  if (slow)
    return {
      status: 'False',
      reason: reasons.ProgressDeadlineExceeded,
      message: `${slow.kind} ${slow.name} has made no progress for ${Math.round(slow.stalledSeconds)} s with ${slow.ready} of ${slow.desired} Pods ready; look at the logs of its Pods.`,
    };
  if (short && settledBefore)
    return {
      status: 'False',
      reason: reasons.NotEnoughReplicas,
      message: `${short.kind} ${short.name} has ${short.ready} of ${short.desired} Pods ready; the missing ones are being brought back.`,
    };
  const [first] = open;
  if (first)
    return {
      status: 'Unknown',
      reason: reasons.Progressing,
      message:
        first.kind === 'Job'
          ? `Job ${first.name} is running; what comes after it waits until it has ended.`
          : `${first.kind} ${first.name} has ${first.ready} of ${first.desired} Pods ready; the rest are starting.`,
    };
  const scaling = workloads.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  if (scaling.length > 0 && scaling.every(({ desired }) => desired === 0))
    return {
      status: 'True',
      reason: reasons.ScaledToZero,
      message: workloads.some(({ desired }) => desired > 0) ? mostlyAtZero : scaledToZeroMessage,
    };
  return {
    status: 'True',
    reason: reasons.Ready,
    message: 'Everything that was asked for runs and is ready.',
  };
}
