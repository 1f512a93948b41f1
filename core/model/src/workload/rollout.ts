/** A Pod of one workload as the rollout sees it. */
export interface RolloutPod {
  readonly name: string;
  readonly hash: string;
  readonly ready: boolean;
  /** On its way out. */
  readonly terminating: boolean;
  /** Ended: `Succeeded` or `Failed` Pods are never started again. */
  readonly ended?: 'Succeeded' | 'Failed';
  /** RFC 3339 */
  readonly createdAt: string;
}

/** What a workload wants. */
export interface RolloutWish {
  readonly kind: 'Deployment' | 'StatefulSet' | 'Pod';
  readonly name: string;
  readonly replicas: number;
  readonly hash: string;
  /** Two Pods may not be there at once (an exclusive claim, or `Recreate`). */
  readonly inPlace: boolean;
  /** StatefulSet: one after another. */
  readonly ordered: boolean;
}

/** What to do now. The next look decides what follows. */
export interface RolloutStep {
  /** Names of the Pods to create; null: the caller chooses a name. */
  readonly create: readonly (string | null)[];
  readonly remove: readonly string[];
  /** Nothing is left to do: all wanted Pods are of this template and ready. */
  readonly done: boolean;
  /** Ready Pods of any template. */
  readonly ready: number;
}

/**
 * The next step of a rollout, a pure function of what is there. Rolling: at most one Pod more than wanted, and never fewer ready
 * ones than wanted on account of the rollout, so a version that does not become ready leaves the old one serving. In place: the
 * old Pods go first. StatefulSets replace from the highest ordinal down, broken Pods first.
 */
export function decideRollout(wish: RolloutWish, pods: readonly RolloutPod[]): RolloutStep {
  const present = pods.filter((pod) => !pod.terminating);
  const ready = present.filter((pod) => pod.ready).length;
  const current = present.filter((pod) => pod.hash === wish.hash && pod.ended === undefined);
  // A Pod on its way out serves nobody any more; only who wants none at all waits until the last has gone.
  const settled =
    present.length === wish.replicas &&
    current.length === wish.replicas &&
    current.every((pod) => pod.ready) &&
    (wish.replicas > 0 || pods.length === 0);
  if (settled) return { create: [], remove: [], done: true, ready };
  const step =
    wish.kind === 'StatefulSet'
      ? decideOrdinals(wish, pods)
      : wish.kind === 'Pod' || wish.inPlace
        ? decideInPlace(wish, pods)
        : decideRolling(wish, pods);
  return { ...step, done: false, ready };
}

type Moves = Pick<RolloutStep, 'create' | 'remove'>;

/** What is not ready goes first, then what is younger. */
function byUselessness(left: RolloutPod, right: RolloutPod): number {
  const younger = Date.parse(right.createdAt) - Date.parse(left.createdAt);
  return Number(left.ready) - Number(right.ready) || younger || (left.name < right.name ? -1 : 1);
}

function repeat(count: number): null[] {
  return Array.from({ length: Math.max(count, 0) }, () => null);
}

function decideRolling(wish: RolloutWish, pods: readonly RolloutPod[]): Moves {
  const ended = pods.filter((pod) => !pod.terminating && pod.ended !== undefined);
  const live = pods.filter((pod) => !pod.terminating && pod.ended === undefined);
  const current = live.filter((pod) => pod.hash === wish.hash);
  const old = live.filter((pod) => pod.hash !== wish.hash).sort(byUselessness);
  const remove = ended.map((pod) => pod.name);
  const surplus = current.length - wish.replicas;
  if (surplus > 0)
    remove.push(
      ...[...current]
        .sort(byUselessness)
        .slice(0, surplus)
        .map((pod) => pod.name),
    );
  let ready = live.filter((pod) => pod.ready && !remove.includes(pod.name)).length;
  for (const pod of old) {
    if (pod.ready && ready - 1 < wish.replicas) continue;
    if (pod.ready) ready -= 1;
    remove.push(pod.name);
  }
  const staying = live.filter((pod) => !remove.includes(pod.name)).length;
  const most = old.length > 0 ? wish.replicas + 1 : wish.replicas;
  const create = Math.min(wish.replicas - current.length, wish.replicas === 0 ? 0 : most - staying);
  return { create: repeat(create), remove };
}

function decideInPlace(wish: RolloutWish, pods: readonly RolloutPod[]): Moves {
  const finishedWell = (pod: RolloutPod) =>
    wish.kind === 'Pod' && pod.hash === wish.hash && pod.ended === 'Succeeded';
  const wrong = pods.filter(
    (pod) => !pod.terminating && !finishedWell(pod) && (pod.hash !== wish.hash || pod.ended !== undefined),
  );
  const right = pods.filter((pod) => !pod.terminating && !wrong.includes(pod));
  const surplus = [...right].sort(byUselessness).slice(0, Math.max(right.length - wish.replicas, 0));
  const remove = [...wrong, ...surplus].map((pod) => pod.name);
  const blocked = remove.length > 0 || pods.some((pod) => pod.terminating);
  const create = blocked ? [] : repeat(wish.replicas - right.length);
  return { create: wish.kind === 'Pod' ? create.map(() => wish.name) : create, remove };
}

/** Ordinal of a StatefulSet's Pod: 3 for `web-3`; undefined for another name. */
export function ordinalOf(set: string, pod: string): number | undefined {
  const text = pod.startsWith(`${set}-`) ? pod.slice(set.length + 1) : '';
  return /^(?:0|[1-9]\d{0,4})$/.test(text) ? Number(text) : undefined;
}

function decideOrdinals(wish: RolloutWish, pods: readonly RolloutPod[]): Moves {
  const ordinal = (pod: RolloutPod) => ordinalOf(wish.name, pod.name) ?? Number.MAX_SAFE_INTEGER;
  const present = pods
    .filter((pod) => !pod.terminating)
    .sort((left, right) => ordinal(right) - ordinal(left));
  const beyond = present.filter((pod) => ordinal(pod) >= wish.replicas);
  const inside = present.filter((pod) => ordinal(pod) < wish.replicas);
  const wrong = inside.filter((pod) => pod.hash !== wish.hash || pod.ended !== undefined);
  const broken = wrong.filter((pod) => !pod.ready);
  const missing = Array.from({ length: wish.replicas }, (_item, index) => index).filter(
    (index) => !pods.some((pod) => ordinal(pod) === index),
  );
  const nameOf = (index: number) => `${wish.name}-${index}`;
  if (!wish.ordered)
    return {
      create: missing.map(nameOf),
      remove: [...beyond, ...(broken.length > 0 ? broken : missing.length > 0 ? [] : wrong.slice(0, 1))].map(
        (pod) => pod.name,
      ),
    };
  if (broken.length > 0) return { create: [], remove: broken.slice(0, 1).map((pod) => pod.name) };
  const settledBelow = (index: number) =>
    pods.every((pod) => ordinal(pod) >= index || (pod.ready && !pod.terminating)) &&
    !missing.some((other) => other < index);
  const next = missing.find(settledBelow);
  if (next !== undefined) return { create: [nameOf(next)], remove: [] };
  const quiet =
    missing.length === 0 && pods.every((pod) => !pod.terminating) && inside.every((pod) => pod.ready);
  const remove = beyond.length > 0 ? beyond.slice(0, 1) : quiet ? wrong.slice(0, 1) : [];
  return { create: [], remove: remove.map((pod) => pod.name) };
}

/** What became of a Job. */
export type JobStep =
  | { readonly state: 'run'; readonly create: boolean; readonly remove: readonly string[] }
  | { readonly state: 'wait'; readonly seconds: number }
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly message: string };

/**
 * The next step of a Job: one Pod at a time; a failed one is replaced after 10 s, doubling, until `backoffLimit` is passed.
 * Pods of another template go first. `sinceLastEndSeconds` is the time since the last Pod failed.
 */
export function decideJob(
  job: {
    readonly name: string;
    readonly hash: string;
    readonly backoffLimit: number;
    readonly activeDeadlineSeconds?: number;
  },
  pods: readonly RolloutPod[],
  now: { readonly sinceStartSeconds: number; readonly sinceLastEndSeconds: number },
): JobStep {
  const own = pods.filter((pod) => pod.hash === job.hash && !pod.terminating);
  if (own.some((pod) => pod.ended === 'Succeeded')) return { state: 'succeeded' };
  const others = pods.filter((pod) => pod.hash !== job.hash);
  if (others.length > 0)
    return {
      state: 'run',
      create: false,
      remove: others.filter((pod) => !pod.terminating).map((pod) => pod.name),
    };
  const failed = own.filter((pod) => pod.ended === 'Failed');
  if (
    job.activeDeadlineSeconds !== undefined &&
    own.length > 0 &&
    now.sinceStartSeconds > job.activeDeadlineSeconds
  )
    return { state: 'failed', message: `it ran longer than ${job.activeDeadlineSeconds} s` };
  if (failed.length > job.backoffLimit)
    return { state: 'failed', message: `it failed ${failed.length} times` };
  if (own.length > failed.length) return { state: 'run', create: false, remove: [] };
  const wait =
    failed.length === 0 ? 0 : Math.min(10 * 2 ** (failed.length - 1), 360) - now.sinceLastEndSeconds;
  return wait > 0 ? { state: 'wait', seconds: wait } : { state: 'run', create: true, remove: [] };
}
