import { countFailure, ordinal, restartDelaySeconds, timeOf } from './back-off.ts';
import type { ResolvedTemplate } from './pod-template.ts';
import { type Reason, reasons } from './reasons.ts';

/** A container as an engine reports it. */
export interface ObservedContainer {
  readonly name: string;
  readonly init: boolean;
  readonly image: string;
  readonly state: 'waiting' | 'running' | 'terminated';
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
  /** RFC 3339 */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly restarts: number;
  readonly last?: { readonly exitCode: number; readonly reason: string; readonly finishedAt: string };
}

/** What is remembered of a container's exits, for back-off. Times in milliseconds since the Unix epoch. */
export interface RestartMemory {
  readonly failures: number;
  /** Identifies the exit that was counted last. */
  readonly counted: string;
  readonly notBefore: number;
}

/** Counts the exit of a terminated container once; the next start waits 10 s, 20 s, 40 s … (`secondMs` scales time in tests). */
export function recordExit(
  before: RestartMemory | undefined,
  container: ObservedContainer,
  now: number,
  secondMs: number,
): RestartMemory {
  const counted = `${container.restarts}/${container.finishedAt ?? ''}`;
  if (before && before.counted === counted) return before;
  const finished = Date.parse(container.finishedAt ?? '') || now;
  const started = Date.parse(container.startedAt ?? '') || finished;
  const failures = countFailure(before?.failures ?? container.restarts, (finished - started) / secondMs);
  const from = Math.min(finished, now);
  return { failures, counted, notBefore: from + restartDelaySeconds(failures) * secondMs };
}

/** What to do next with a Pod that exists. */
export type PodStep =
  | { readonly kind: 'start'; readonly container: string }
  | { readonly kind: 'wait'; readonly untilMs?: number }
  | { readonly kind: 'ended'; readonly phase: 'Succeeded' | 'Failed' };

/**
 * The next step in the life of a Pod: init containers one after another, then all containers; what ended is started again as the
 * restart policy says, not before its back-off is over. One step at a time; look again after it.
 */
export function decidePod(
  template: Pick<ResolvedTemplate, 'initContainers' | 'containers' | 'restartPolicy'>,
  observed: readonly ObservedContainer[],
  memory: ReadonlyMap<string, RestartMemory>,
  now: number,
): PodStep {
  const find = (name: string) => observed.find((container) => container.name === name);
  let until: number | undefined;
  const restart = (name: string): PodStep | undefined => {
    const notBefore = memory.get(name)?.notBefore ?? 0;
    if (notBefore <= now) return { kind: 'start', container: name };
    until = Math.min(until ?? notBefore, notBefore);
    return undefined;
  };
  const begun = template.containers.some(({ name }) => (find(name)?.state ?? 'waiting') !== 'waiting');
  for (const { name } of begun ? [] : template.initContainers) {
    const container = find(name);
    if (container?.state === 'terminated' && container.exitCode === 0) continue;
    if (container?.state === 'running') return { kind: 'wait' };
    if (container?.state === 'terminated' && template.restartPolicy === 'Never')
      return { kind: 'ended', phase: 'Failed' };
    return restart(name) ?? { kind: 'wait', ...(until === undefined ? {} : { untilMs: until }) };
  }
  let open = false;
  let failed = false;
  for (const { name } of template.containers) {
    const container = find(name);
    if (container?.state === 'running') {
      open = true;
      continue;
    }
    const ended = container?.state === 'terminated';
    const good = ended && container.exitCode === 0;
    if (ended && (template.restartPolicy === 'Never' || (template.restartPolicy === 'OnFailure' && good))) {
      failed ||= !good;
      continue;
    }
    open = true;
    const step = restart(name);
    if (step) return step;
  }
  if (!open) return { kind: 'ended', phase: failed ? 'Failed' : 'Succeeded' };
  return { kind: 'wait', ...(until === undefined ? {} : { untilMs: until }) };
}

/** Why a Pod is not ready. `lasting`: it will hardly recover by itself, so the release counts as failed. */
export interface PodTrouble {
  readonly reason: Reason;
  readonly message: string;
  readonly lasting: boolean;
}

/** Says why a terminated container waits, in one sentence with what happens next and when: a time, as a number of seconds would be wrong a moment later. */
export function describeExit(
  title: string,
  container: ObservedContainer,
  memory: RestartMemory | undefined,
  now: number,
  stoppedBecause?: string,
): PodTrouble {
  const times = memory && memory.failures > 0 ? ` for the ${ordinal(memory.failures)} time` : '';
  const next = memory?.notBefore ?? now;
  const how =
    stoppedBecause !== undefined
      ? `was stopped${times} because ${stoppedBecause}`
      : container.reason === 'OOMKilled'
        ? `ran out of memory and was killed${times}`
        : `exited with code ${container.exitCode ?? 'unknown'}${times}`;
  const what = container.init
    ? `Init container ${container.name} of ${title}`
    : `Container ${container.name} of ${title}`;
  return {
    reason: reasons.CrashLoopBackOff,
    message: `${what} ${how}; it is started again ${next > now ? `at ${timeOf(next)}` : 'now'}.`,
    lasting: (memory?.failures ?? 1) >= 2,
  };
}
