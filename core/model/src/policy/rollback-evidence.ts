import type { ApplicationView, PodView } from '../views/application-view.ts';

/** What was seen of an Application when its time was over. Plain JSON, kept with the rollback. */
export interface RollbackEvidence {
  readonly state: string;
  readonly reason?: string;
  readonly message?: string;
  /** Pods that were not ready. */
  readonly pods: readonly string[];
}

const mostPods = 10;
const longestReason = 480;

/** Keeps what says why: the state, its reason, and each Pod that was not ready. */
export function toEvidence({
  state,
  why,
  instances,
}: Pick<ApplicationView, 'state' | 'why' | 'instances'>): RollbackEvidence {
  return {
    state,
    ...(why ? { reason: why.reason, message: why.message } : {}),
    pods: instances
      .filter(({ ready, phase }) => !ready && phase !== 'Succeeded')
      .slice(0, mostPods)
      .map(describePod),
  };
}

function describePod(pod: PodView): string {
  const bad = pod.containers.find(({ exitCode, lastExitCode, reason }) => exitCode ?? lastExitCode ?? reason);
  const code = bad?.exitCode ?? bad?.lastExitCode;
  const facts = [
    pod.phase,
    `${pod.restarts} ${pod.restarts === 1 ? 'restart' : 'restarts'}`,
    ...(code === undefined ? [] : [`exit code ${code}`]),
    ...(bad?.reason ? [bad.reason] : bad?.lastReason ? [bad.lastReason] : []),
  ];
  return `Pod ${pod.name.slice(0, 80)}: ${facts.join(', ')}.`;
}

/** One line for the hold and the commit, at most 480 characters. */
export function evidenceLine(
  { state, message, pods }: RollbackEvidence,
  after: string,
  pullRequest: number,
  begin = 'Rolled back by itself: ',
): string {
  const seen = `what pull request #${pullRequest} brought was not Running within ${after}. It was ${state}${message ? `: ${message}` : '.'}`;
  const line = [`${begin}${begin === '' ? seen.replace(/^w/, 'W') : seen}`, ...pods].join(' ');
  const flat = line.replaceAll(/\s+/g, ' ').trim();
  return flat.length > longestReason ? `${flat.slice(0, longestReason - 1)}…` : flat;
}
