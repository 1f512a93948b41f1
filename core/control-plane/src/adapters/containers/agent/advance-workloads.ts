import { newPodName } from '@catalyst/model/workload/pod-names.ts';
import type { WorkloadProgress } from '@catalyst/model/workload/release-condition.ts';
import { decideJob, decideRollout, type RolloutPod } from '@catalyst/model/workload/rollout.ts';
import type { Turn } from '@catalyst/model/workload/workloads.ts';
import type { PodRuntime, PodSpec } from '../runtime/pod-runtime.ts';
import { newSuffix, type PodCrew } from './pod-crew.ts';
import type { PodObservation } from './pod-keeper.ts';
import type { ResolvedWorkload } from './release-definition.ts';
import type { ReleaseStore } from './release-store.ts';

/** When something last moved forward, per workload; kept by the release between looks. */
export type ProgressMemory = Map<string, { readonly signature: string; readonly since: number }>;

/** One Application's workloads and what they need to advance. */
export interface AdvanceInput {
  readonly organization: string;
  readonly environment: string;
  readonly application: string;
  readonly paused: boolean;
  readonly workloads: readonly ResolvedWorkload[];
  readonly selfHosts: PodSpec['selfHosts'];
  readonly progress: ProgressMemory;
  /** Jobs that gave up: hash and words by name. */
  readonly failedJobs: Map<string, { readonly hash: string; readonly message: string }>;
  readonly now: number;
  readonly secondMs: number;
}

/** What came of it. */
export interface Advanced {
  readonly progress: readonly (WorkloadProgress & { readonly resolved: ResolvedWorkload })[];
  readonly waiting?: { readonly message: string; readonly names: readonly string[] };
}

interface Context {
  readonly crew: PodCrew;
  readonly runtime: PodRuntime;
  readonly store: ReleaseStore;
}

const turns: readonly Turn[] = ['before', 'main', 'after'];

/**
 * Takes the next step of every workload: `pre-` hooks one after another, then everything else at once, then `post-` hooks. Pods whose
 * workload is no longer declared are removed. Running it twice without a change does nothing the second time.
 */
export async function advanceWorkloads(context: Context, input: AdvanceInput): Promise<Advanced> {
  const { environment, application } = input;
  const pods = context.crew.of(environment, application);
  for (const pod of pods) {
    const { kind, name } = pod.identity.owner;
    if (
      pod.terminating ||
      input.workloads.some(({ workload }) => workload.kind === kind && workload.name === name)
    )
      continue;
    context.crew.remove(environment, application, pod.name);
  }
  const ordered = [...input.workloads].sort(
    (left, right) =>
      turns.indexOf(left.workload.turn) - turns.indexOf(right.workload.turn) ||
      (left.workload.turn === 'main' ? 0 : left.workload.weight - right.workload.weight),
  );
  const progress: (WorkloadProgress & { readonly resolved: ResolvedWorkload })[] = [];
  let waiting: Advanced['waiting'];
  for (const resolved of ordered) {
    const { turn } = resolved.workload;
    const held = progress.some(
      (earlier) => !earlier.done && (turn !== 'main' || earlier.resolved.workload.turn !== 'main'),
    );
    const own = pods.filter(
      ({ identity }) =>
        identity.owner.kind === resolved.workload.kind && identity.owner.name === resolved.workload.name,
    );
    const taken = claimTaken(resolved, pods);
    const hold = held || taken !== undefined;
    const step =
      resolved.workload.kind === 'Job'
        ? await advanceJob(context, input, resolved, own, hold)
        : advanceRollout(context, input, resolved, own, hold);
    if (taken !== undefined && !step.done)
      waiting = {
        message: `${resolved.workload.kind} ${resolved.workload.name} waits until Pod ${taken} has let go of the volume they share.`,
        names: [taken],
      };
    progress.push({ ...step, resolved });
  }
  return { progress, ...(waiting ? { waiting } : {}) };
}

/** Name of a Pod of another workload that has an exclusive claim which this one needs. */
function claimTaken(resolved: ResolvedWorkload, pods: readonly PodObservation[]): string | undefined {
  const { workload, exclusiveClaims } = resolved;
  return pods.find(
    (pod) =>
      (pod.identity.owner.kind !== workload.kind || pod.identity.owner.name !== workload.name) &&
      pod.ended === undefined &&
      pod.template?.volumes.some(
        (volume) => volume.kind === 'claim' && exclusiveClaims.includes(volume.claim),
      ) === true,
  )?.name;
}

function toRolloutPod(pod: PodObservation): RolloutPod {
  return {
    name: pod.name,
    hash: pod.identity.templateHash,
    ready: pod.ready,
    terminating: pod.terminating,
    ...(pod.ended ? { ended: pod.ended } : {}),
    createdAt: pod.createdAt,
  };
}

function createPod(
  context: Context,
  input: AdvanceInput,
  resolved: ResolvedWorkload,
  name: string | null,
): void {
  const { organization, environment, application } = input;
  const { workload, template } = resolved;
  const podName = name ?? newPodName(application, workload.name, template.hash, newSuffix());
  context.crew.create({
    identity: {
      organization,
      environment,
      application,
      owner: { kind: workload.kind, name: workload.name },
      templateHash: template.hash,
    },
    name: podName,
    template,
    selfHosts: input.selfHosts,
    prepare: async () => {
      for (const claim of workload.claimTemplates)
        await context.runtime.ensureVolume(
          environment,
          application,
          `${claim.name}-${podName}`,
          claim.requestedBytes,
        );
    },
  });
}

/** Seconds since the signature last changed. */
function stalledSeconds(input: AdvanceInput, key: string, signature: string): number {
  const before = input.progress.get(key);
  const since = before?.signature === signature ? before.since : input.now;
  input.progress.set(key, { signature, since });
  return (input.now - since) / input.secondMs;
}

function advanceRollout(
  context: Context,
  input: AdvanceInput,
  resolved: ResolvedWorkload,
  own: readonly PodObservation[],
  hold: boolean,
): WorkloadProgress {
  const { workload, template } = resolved;
  const { kind, name, ordered, progressDeadlineSeconds } = workload;
  if (kind === 'Job') throw new TypeError('a Job does not roll');
  const replicas = input.paused ? 0 : workload.replicas;
  const wish = { kind, name, replicas, hash: template.hash, inPlace: resolved.inPlace, ordered };
  const step = decideRollout(wish, own.map(toRolloutPod));
  if (!hold && !own.some((pod) => pod.assumed)) {
    for (const pod of step.remove) context.crew.remove(input.environment, input.application, pod);
    for (const pod of step.create) createPod(context, input, resolved, pod);
  }
  const current = own.filter((pod) => pod.identity.templateHash === template.hash);
  const signature = `${template.hash}/${current.filter((pod) => pod.ready).length}/${current.length}/${replicas}`;
  const finished = kind === 'Pod' && current.length === 1 && current[0]?.ended === 'Succeeded';
  return {
    kind,
    name,
    ready: finished ? replicas : step.ready,
    desired: replicas,
    done: (step.done || finished) && !own.some((pod) => pod.assumed),
    troubles: [...current, ...own.filter((pod) => !current.includes(pod) && step.ready < replicas)]
      .map((pod) => pod.trouble)
      .filter((trouble) => trouble !== undefined),
    stalledSeconds: stalledSeconds(input, `${kind}/${name}`, signature),
    progressDeadlineSeconds,
  };
}

async function advanceJob(
  context: Context,
  input: AdvanceInput,
  resolved: ResolvedWorkload,
  own: readonly PodObservation[],
  hold: boolean,
): Promise<WorkloadProgress> {
  const { workload, template } = resolved;
  const { kind, name } = workload;
  const release = `${input.environment}/${input.application}`;
  const key = `${release}/${name}`;
  const remove = (pods: readonly string[]) => {
    for (const pod of pods) context.crew.remove(input.environment, input.application, pod);
  };
  const answer = (done: boolean, failed?: string): WorkloadProgress => ({
    kind,
    name,
    ready: 0,
    desired: 0,
    done,
    troubles: own.map((pod) => pod.trouble).filter((trouble) => trouble !== undefined),
    stalledSeconds: 0,
    progressDeadlineSeconds: Number.MAX_SAFE_INTEGER,
    ...(failed === undefined ? {} : { failed }),
  });
  if (context.store.job(key)?.hash === template.hash) {
    const old = own.filter(
      (pod) => pod.identity.templateHash !== template.hash || isExpired(pod, resolved, input),
    );
    remove(old.map((pod) => pod.name));
    return answer(true);
  }
  if (input.paused) {
    remove(own.map((pod) => pod.name));
    return answer(true);
  }
  const given = input.failedJobs.get(name);
  if (given?.hash === template.hash) return answer(false, given.message);
  const restarts = Math.max(
    0,
    ...own.flatMap((pod) => pod.containers.map((container) => container.restarts)),
  );
  const step =
    restarts > workload.backoffLimit
      ? { state: 'failed' as const, message: `its container failed ${restarts} times` }
      : decideJob({ ...workload, hash: template.hash }, own.map(toRolloutPod), timesOf(own, input));
  if (step.state === 'failed') {
    input.failedJobs.set(name, { hash: template.hash, message: step.message });
    remove(own.filter((pod) => pod.ended === undefined).map((pod) => pod.name));
    return answer(false, step.message);
  }
  if (step.state === 'succeeded') {
    const succeededAt = new Date(input.now).toISOString();
    await context.store.putJob({ key, release, dependent: '', hash: template.hash, succeededAt });
    return answer(true);
  }
  if (step.state === 'run' && !hold) {
    remove(step.remove);
    if (step.create) createPod(context, input, resolved, null);
  }
  return answer(false);
}

function finishedAt(pod: PodObservation): number {
  return Math.max(0, ...pod.containers.map((container) => Date.parse(container.finishedAt ?? '') || 0));
}

function isExpired(pod: PodObservation, resolved: ResolvedWorkload, input: AdvanceInput): boolean {
  const { ttlSeconds } = resolved.workload;
  if (ttlSeconds === undefined || pod.ended === undefined) return false;
  return input.now - finishedAt(pod) > ttlSeconds * input.secondMs;
}

function timesOf(own: readonly PodObservation[], input: AdvanceInput): Parameters<typeof decideJob>[2] {
  const first = Math.min(...own.map((pod) => Date.parse(pod.createdAt)), input.now);
  const last = Math.max(0, ...own.map(finishedAt));
  return {
    sinceStartSeconds: (input.now - first) / input.secondMs,
    sinceLastEndSeconds: (input.now - last) / input.secondMs,
  };
}
