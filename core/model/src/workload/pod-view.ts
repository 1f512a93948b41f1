import type { PodView } from '../views/application-view.ts';
import type { ObservedContainer, PodTrouble } from './pod-lifecycle.ts';

/** Phase of a Pod, in Kubernetes' words. */
export function podPhase(
  containers: readonly ObservedContainer[],
  ended: 'Succeeded' | 'Failed' | undefined,
  terminating: boolean,
): string {
  if (terminating) return 'Terminating';
  if (ended) return ended;
  return containers.some((container) => !container.init && container.state !== 'waiting')
    ? 'Running'
    : 'Pending';
}

/** A Pod as the Application page shows it. */
export function toPodView(pod: {
  readonly name: string;
  readonly component: string;
  readonly containers: readonly ObservedContainer[];
  readonly ready: boolean;
  readonly phase: string;
  readonly trouble?: PodTrouble;
}): PodView {
  const started = pod.containers
    .filter((container) => !container.init && container.state === 'running')
    .map((container) => container.startedAt)
    .find((time) => time !== undefined);
  return {
    name: pod.name,
    component: pod.component,
    phase: pod.phase,
    ready: pod.ready,
    restarts: pod.containers.reduce((sum, container) => sum + container.restarts, 0),
    ...(started ? { startedAt: started } : {}),
    ...(pod.trouble ? { message: pod.trouble.message } : {}),
    containers: pod.containers.map((container) => ({
      name: container.name,
      image: container.image,
      init: container.init,
      state: container.state,
      ...(container.reason ? { reason: container.reason } : {}),
      ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
      restarts: container.restarts,
      ...(container.last ? { lastExitCode: container.last.exitCode, lastReason: container.last.reason } : {}),
    })),
  };
}
