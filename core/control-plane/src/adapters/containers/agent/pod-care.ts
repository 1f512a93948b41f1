import {
  describeExit,
  type PodTrouble,
  type RestartMemory,
  recordExit,
} from '@catalyst/model/workload/pod-lifecycle.ts';
import type { ResolvedTemplate } from '@catalyst/model/workload/pod-template.ts';
import { reasons } from '@catalyst/model/workload/reasons.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { ContainerStatus, PodIdentity, PodRuntime, PodStatus } from '../runtime/pod-runtime.ts';
import { type ContainerProbing, startProbing } from './container-probing.ts';

/** Follows the runs of a Pod's containers: probes those that run, counts those that ended. */
export interface PodCare {
  /** Takes note of what the engine says. */
  look(status: PodStatus): void;
  /** The container passes its readiness probe, or has none. */
  isReady(container: string): boolean;
  /** Some container counts as ready only because it ran before: no probe has answered yet. */
  isAssumed(): boolean;
  /** A container whose startup or liveness probe has failed: it is to be stopped. */
  findSick(): string | undefined;
  /** The container is about to be started. */
  forget(container: string): void;
  readonly memory: ReadonlyMap<string, RestartMemory>;
  trouble(): PodTrouble | undefined;
  stop(): void;
}

/** Creates the care of one Pod. `found`: the Pod as it was before we looked after it; what ran then keeps its standing. */
export function createPodCare(deps: {
  readonly runtime: Pick<PodRuntime, 'exec'>;
  readonly clock: Clock;
  readonly secondMs: number;
  readonly title: string;
  readonly identity: PodIdentity;
  readonly template: ResolvedTemplate;
  readonly found: PodStatus | undefined;
  readonly wake: () => void;
}): PodCare {
  const { clock, secondMs, template, title } = deps;
  const memory = new Map<string, RestartMemory>();
  const troubles = new Map<string, PodTrouble>();
  /** Containers that were stopped because a probe failed, and why. */
  const killed = new Map<string, string>();
  const probings = new Map<string, { readonly run: string; readonly probing: ContainerProbing }>();
  const runOf = (container: ContainerStatus) => `${container.restarts}/${container.startedAt ?? ''}`;

  function probe(container: ContainerStatus, address: string): void {
    const run = runOf(container);
    const kept = probings.get(container.name);
    troubles.delete(container.name);
    if (kept?.run === run) return;
    kept?.probing.stop();
    const before = deps.found?.containers.find(({ name }) => name === container.name);
    const care = template.care[container.name];
    const probing = startProbing({
      runtime: deps.runtime,
      clock,
      secondMs,
      probes: care?.probes ?? {},
      target: {
        environment: deps.identity.environment,
        pod: deps.identity.pod,
        container: container.name,
        address,
        ports: care?.ports ?? {},
      },
      startedAt: Date.parse(container.startedAt ?? '') || clock.now(),
      adopted: !kept && before?.state === 'running' && runOf(before) === run,
      onChange: deps.wake,
    });
    probings.set(container.name, { run, probing });
  }

  function countExit(container: ContainerStatus): void {
    const now = clock.now();
    const before = memory.get(container.name);
    const after = recordExit(before, container, now, secondMs);
    memory.set(container.name, after);
    const why = killed.get(container.name);
    const bad =
      why !== undefined ||
      container.exitCode !== 0 ||
      (!container.init && template.restartPolicy === 'Always');
    if (!bad) troubles.delete(container.name);
    else if (after !== before) troubles.set(container.name, describeExit(title, container, after, now, why));
  }

  function drop(container: string): void {
    probings.get(container)?.probing.stop();
    probings.delete(container);
  }

  return {
    memory,
    look(status) {
      for (const container of status.containers) {
        if (container.state === 'running' && !container.init && status.address)
          probe(container, status.address);
        else drop(container.name);
        if (container.state === 'running') troubles.delete(container.name);
        if (container.state === 'terminated') countExit(container);
      }
    },
    isReady: (container) => probings.get(container)?.probing.health().ready ?? false,
    isAssumed: () => [...probings.values()].some(({ probing }) => probing.health().assumed),
    findSick() {
      for (const [container, { probing }] of probings) {
        const { restart, message } = probing.health();
        if (!restart) continue;
        killed.set(container, message ?? 'its probe fails');
        return container;
      }
      return undefined;
    },
    forget(container) {
      drop(container);
      killed.delete(container);
    },
    trouble() {
      const [exit] = troubles.values();
      if (exit) return exit;
      const messages = [...probings.values()].map(({ probing }) => probing.health());
      const message = messages.find((health) => !health.ready && health.message)?.message;
      if (message === undefined) return undefined;
      return {
        reason: reasons.ProbeFailing,
        message: `${title} is not ready: ${message}; it is asked again until it passes.`,
        lasting: false,
      };
    },
    stop() {
      for (const container of [...probings.keys()]) drop(container);
    },
  };
}
