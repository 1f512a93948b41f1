import { randomInt } from 'node:crypto';
import { enginePodName, podNameOf } from '@catalyst/model/workload/pod-names.ts';
import type { ResolvedTemplate } from '@catalyst/model/workload/pod-template.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { PodIdentity, PodRuntime, PodSpec, PodStatus } from '../runtime/pod-runtime.ts';
import { createLimit } from './limit.ts';
import { createPodKeeper, type PodKeeper, type PodObservation } from './pod-keeper.ts';

/** All Pods that are looked after, and those found at the engine that nobody looks after yet. */
export interface PodCrew {
  /** Reads all Pods of the Sovereign from the engine; throws `Unavailable` while it does not answer. */
  find(): Promise<void>;
  /** Pods found that have no keeper yet. */
  strays(environment: string, application: string): readonly PodStatus[];
  /** Applications that have Pods. */
  applications(): readonly PodIdentity[];
  of(environment: string, application: string): readonly PodObservation[];
  any(environment: string, application?: string): boolean;
  adopt(found: PodStatus, template: ResolvedTemplate | undefined, selfHosts: PodSpec['selfHosts']): void;
  create(input: {
    readonly identity: Omit<PodIdentity, 'pod'>;
    readonly name: string;
    readonly template: ResolvedTemplate;
    readonly selfHosts: PodSpec['selfHosts'];
    readonly prepare: () => Promise<void>;
  }): void;
  remove(environment: string, application: string, pod: string): void;
  /** Looks again at one Pod, or at all. */
  wake(identity?: PodIdentity): void;
  stop(): Promise<void>;
}

/** Creates a crew without Pods. `onChange` names the Application of a Pod that changed. */
export function createPodCrew(deps: {
  readonly runtime: PodRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secondMs: number;
  readonly onChange: (identity: PodIdentity) => void;
  /** Resolves when the Pod is no longer an endpoint of any Service. */
  readonly beforeStop: (identity: PodIdentity) => Promise<void>;
}): PodCrew {
  const limit = createLimit(6);
  const keepers = new Map<string, PodKeeper>();
  const byApplication = new Map<string, Map<string, PodKeeper>>();
  const found = new Map<string, PodStatus>();
  let stopped = false;
  const keyOf = (identity: PodIdentity) => `${identity.environment}/${identity.pod}`;
  const groupOf = (environment: string, application: string) => `${environment}/${application}`;

  function keep(
    identity: PodIdentity,
    name: string,
    template: ResolvedTemplate | undefined,
    selfHosts: PodSpec['selfHosts'],
    more: { found?: PodStatus; prepare: () => Promise<void> },
  ): void {
    const key = keyOf(identity);
    if (stopped || keepers.has(key)) return;
    const group = groupOf(identity.environment, identity.application);
    const keeper = createPodKeeper({
      runtime: deps.runtime,
      clock: deps.clock,
      logger: deps.logger,
      secondMs: deps.secondMs,
      limit,
      name,
      identity,
      template,
      selfHosts,
      ...more,
      beforeStop: () => deps.beforeStop(identity),
      onChange: () => deps.onChange(identity),
      onGone: () => {
        keepers.delete(key);
        byApplication.get(group)?.delete(key);
        if (byApplication.get(group)?.size === 0) byApplication.delete(group);
        deps.onChange(identity);
      },
    });
    keepers.set(key, keeper);
    byApplication.set(group, (byApplication.get(group) ?? new Map()).set(key, keeper));
  }

  return {
    async find() {
      const pods = await deps.runtime.pods();
      found.clear();
      for (const pod of pods) if (!keepers.has(keyOf(pod.identity))) found.set(keyOf(pod.identity), pod);
    },
    strays: (environment, application) =>
      [...found.values()].filter(
        ({ identity }) => identity.environment === environment && identity.application === application,
      ),
    applications: () => [...found.values()].map((pod) => pod.identity),
    of: (environment, application) =>
      [...(byApplication.get(groupOf(environment, application))?.values() ?? [])].map((keeper) =>
        keeper.observe(),
      ),
    any(environment, application) {
      if (application !== undefined && byApplication.has(groupOf(environment, application))) return true;
      const matches = (identity: PodIdentity) =>
        identity.environment === environment &&
        (application === undefined || identity.application === application);
      if ([...found.values()].some((pod) => matches(pod.identity))) return true;
      return (
        application === undefined &&
        [...byApplication.keys()].some((key) => key.startsWith(`${environment}/`))
      );
    },
    adopt(status, template, selfHosts) {
      found.delete(keyOf(status.identity));
      keep(status.identity, podNameOf(status.identity), template, selfHosts, {
        found: status,
        prepare: () => Promise.resolve(),
      });
    },
    create({ identity, name, template, selfHosts, prepare }) {
      const pod = enginePodName(identity.application, name);
      keep({ ...identity, pod }, name, template, selfHosts, { prepare });
    },
    remove(environment, application, pod) {
      for (const keeper of byApplication.get(groupOf(environment, application))?.values() ?? [])
        if (keeper.observe().name === pod) keeper.remove();
    },
    wake(identity) {
      if (identity) keepers.get(keyOf(identity))?.wake();
      else for (const keeper of keepers.values()) keeper.wake();
    },
    async stop() {
      stopped = true;
      await Promise.race([
        Promise.allSettled([...keepers.values()].map((keeper) => keeper.release())),
        deps.clock.sleep(5000),
      ]);
    },
  };
}

/** Five characters that make a Pod's name its own. */
export function newSuffix(): string {
  return Array.from({ length: 5 }, () => 'bcdfghjklmnpqrstvwxz2456789'.charAt(randomInt(27))).join('');
}
