import { CatalystError, codes } from '@catalyst/model/problem.ts';
import { decidePod, type PodTrouble } from '@catalyst/model/workload/pod-lifecycle.ts';
import { fillTokens, type ResolvedTemplate } from '@catalyst/model/workload/pod-template.ts';
import { podPhase } from '@catalyst/model/workload/pod-view.ts';
import { reasons } from '@catalyst/model/workload/reasons.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { PodIdentity, PodRuntime, PodSpec, PodStatus } from '../runtime/pod-runtime.ts';
import type { Limit } from './limit.ts';
import { createPodCare } from './pod-care.ts';
import { createPodImages } from './pod-images.ts';

/** A Pod as its keeper last saw it. */
export interface PodObservation {
  /** Kubernetes name, unique in the Application. */
  readonly name: string;
  readonly identity: PodIdentity;
  readonly template?: ResolvedTemplate;
  readonly ready: boolean;
  /** It ran before we looked after it, and no probe has answered yet: nothing is decided on its account. */
  readonly assumed: boolean;
  readonly terminating: boolean;
  readonly ended?: 'Succeeded' | 'Failed';
  readonly createdAt: string;
  readonly address?: string;
  readonly phase: string;
  readonly containers: PodStatus['containers'];
  readonly trouble?: PodTrouble;
}

/** Looks after one Pod from its creation to its removal. */
export interface PodKeeper {
  observe(): PodObservation;
  /** Looks again now. */
  wake(): void;
  /** Takes the Pod out of service, stops it with grace and removes it. Returns at once; `onGone` follows. */
  remove(): void;
  /** Stops looking after it and leaves it running. Resolves when nothing is under way. */
  release(): Promise<void>;
}

/** What a keeper needs. `onChange` is called after each change of the observation, `onGone` once when the Pod is no more. */
export interface PodKeeperOptions {
  readonly runtime: PodRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limit: Limit;
  readonly secondMs: number;
  readonly name: string;
  readonly identity: PodIdentity;
  /** Undefined: a Pod of an earlier version that nobody can describe; it is watched and served, not repaired. */
  readonly template: ResolvedTemplate | undefined;
  readonly selfHosts: PodSpec['selfHosts'];
  /** The Pod as found, when it was there before. */
  readonly found?: PodStatus;
  readonly prepare: () => Promise<void>;
  readonly beforeStop: () => Promise<void>;
  readonly onChange: () => void;
  readonly onGone: () => void;
}

const longestWaitSeconds = 30;

/** Starts looking after a Pod; without `found` it is created. */
export function createPodKeeper(options: PodKeeperOptions): PodKeeper {
  const { runtime, clock, identity, template, name, secondMs, found } = options;
  const { environment, pod } = identity;
  const title = `Pod ${name} of ${identity.owner.kind} ${identity.owner.name}`;
  const longestWaitMs = longestWaitSeconds * secondMs;
  const wake = () => alarm.abort();
  const images = createPodImages({ runtime, clock, secondMs, title, wake });
  const care =
    template && createPodCare({ runtime, clock, secondMs, title, identity, template, found, wake });
  const templated = template ? [...template.initContainers, ...template.containers] : [];
  let status = found;
  let existed = found !== undefined;
  let ended: 'Succeeded' | 'Failed' | undefined;
  let startTrouble: PodTrouble | undefined;
  let errors = 0;
  let terminating = false;
  let closed = false;
  let alarm = new AbortController();
  let last = '';
  // What was in service stays in service until a probe says otherwise, also between now and the first look.
  if (found) care?.look(found);

  /** What the engine says, and the containers that it does not know yet. */
  function containersNow(): PodStatus['containers'] {
    const known = status?.containers ?? [];
    if (!template) return known;
    return templated.map((container) => {
      const seen = known.find((candidate) => candidate.name === container.name);
      const trouble = images.troubleOf(container.name);
      if (seen && seen.state !== 'waiting') return seen;
      return {
        name: container.name,
        init: template.initContainers.includes(container),
        image: container.image,
        state: 'waiting',
        restarts: seen?.restarts ?? 0,
        ...(trouble ? { reason: trouble.reason, message: trouble.message } : {}),
      };
    });
  }

  function isReady(containers: PodStatus['containers']): boolean {
    if (terminating || ended || !status?.address) return false;
    const main = containers.filter((container) => !container.init);
    const good = main.every(
      (container) => container.state === 'running' && (care === undefined || care.isReady(container.name)),
    );
    return good && main.length > 0;
  }

  function observe(): PodObservation {
    const containers = containersNow();
    const quiet = terminating || ended === 'Succeeded';
    const trouble = quiet ? undefined : (startTrouble ?? images.trouble() ?? care?.trouble());
    return {
      name,
      identity,
      ...(template ? { template } : {}),
      ready: isReady(containers),
      assumed: !terminating && care?.isAssumed() === true,
      terminating,
      ...(ended ? { ended } : {}),
      createdAt: status?.createdAt ?? new Date(clock.now()).toISOString(),
      ...(status?.address ? { address: status.address } : {}),
      phase: podPhase(containers, ended, terminating),
      containers,
      ...(trouble ? { trouble } : {}),
    };
  }

  function publish(): void {
    const { template: _template, ...seen } = observe();
    const text = JSON.stringify(status ? seen : { ...seen, createdAt: '' });
    if (text === last) return;
    last = text;
    options.onChange();
  }

  function specFor(address: string | undefined): PodSpec {
    const { initContainers = [], containers = [], volumes = [] } = template ?? {};
    return {
      ...fillTokens({ initContainers, containers, volumes }, name, address),
      identity,
      hostname: (template?.hostname ?? name).slice(0, 63),
      ...(template?.fsGroup === undefined ? {} : { fsGroup: template.fsGroup }),
      terminationGraceSeconds: template?.terminationGraceSeconds ?? 30,
      selfHosts: options.selfHosts,
    };
  }

  async function start(container: string): Promise<number> {
    const resolved = templated.find((candidate) => candidate.name === container);
    if (resolved && !images.have(resolved)) return longestWaitMs;
    care?.forget(container);
    await options.limit(() => runtime.startContainer(specFor(status?.address), container));
    return 0;
  }

  /** One step; answers how long to wait before the next look. */
  async function step(): Promise<number> {
    if (terminating) return finish();
    status = await runtime.pod(environment, pod);
    if (terminating) return 0;
    if (status && !status.address && template) {
      // The sandbox is dead (a reboot, or killed by hand): addresses and mounts are gone, so another Pod takes its place.
      await runtime.removePod(environment, pod, 0);
      return gone();
    }
    if (!status && existed) return gone();
    if (!template || !care) return longestWaitMs;
    for (const container of templated) images.have(container);
    if (!status) {
      await options.prepare();
      status = await options.limit(() => runtime.createPod(specFor(undefined)));
      existed = true;
    }
    care.look(status);
    if (ended) return longestWaitMs;
    const now = clock.now();
    const next = decidePod(template, status.containers, care.memory, now);
    if (next.kind === 'ended') {
      ended = next.phase;
      return longestWaitMs;
    }
    const sick = care.findSick();
    if (sick !== undefined) {
      await options.limit(() =>
        runtime.stopContainer(environment, pod, sick, template.terminationGraceSeconds),
      );
      return 0;
    }
    if (next.kind === 'start') return start(next.container);
    return next.untilMs === undefined ? longestWaitMs : Math.max(next.untilMs - now, 0);
  }

  function gone(): number {
    close();
    options.onGone();
    return 0;
  }

  function close(): void {
    closed = true;
    care?.stop();
    images.stop();
  }

  async function finish(): Promise<number> {
    const running = status?.containers.some((container) => container.state === 'running') === true && !ended;
    const grace = template?.terminationGraceSeconds ?? 30;
    care?.stop();
    images.stop();
    publish();
    await options.beforeStop();
    if (running) {
      // Connections that were on their way when the address left the table still find an answer.
      await clock.sleep(secondMs);
      await preStop(grace * 1000);
    }
    if (existed) await runtime.removePod(environment, pod, running ? grace : 0);
    return gone();
  }

  async function preStop(mostMs: number): Promise<void> {
    for (const [container, { preStop: hook }] of Object.entries(template?.care ?? {})) {
      if (hook?.sleepSeconds) await clock.sleep(Math.min(hook.sleepSeconds * secondMs, mostMs));
      if (hook?.command)
        await runtime.exec(environment, pod, container, hook.command, mostMs).catch(() => undefined);
    }
  }

  async function run(): Promise<void> {
    while (!closed) {
      let waitMs = 0;
      const before = alarm;
      try {
        waitMs = await step();
        errors = 0;
        startTrouble = undefined;
      } catch (error) {
        errors += 1;
        waitMs = Math.min(2 ** errors, longestWaitSeconds) * secondMs;
        noteError(error);
      }
      if (closed) return;
      publish();
      if (waitMs > 0 && !before.signal.aborted) await clock.sleep(waitMs, before.signal);
      if (before.signal.aborted) alarm = new AbortController();
    }
  }

  function noteError(error: unknown): void {
    const away = error instanceof CatalystError && error.code === codes.Unavailable;
    const words =
      error instanceof Error ? error.message.replace(/[\s.;]+$/, '').slice(0, 500) : 'unknown error';
    options.logger.warn({ environment, pod, message: words }, 'A Pod could not be taken one step further');
    if (away || terminating) return;
    startTrouble = {
      reason: reasons.CreateContainerError,
      message: `${title} could not be started: ${words}; it is tried again.`,
      lasting: errors > 1,
    };
  }

  const running = run();
  return {
    observe,
    wake,
    remove() {
      if (terminating || closed) return;
      terminating = true;
      wake();
    },
    async release() {
      close();
      wake();
      await running;
    },
  };
}
