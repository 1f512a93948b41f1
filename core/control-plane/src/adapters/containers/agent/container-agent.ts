import { createHmac, randomBytes } from 'node:crypto';
import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { ok } from '@catalyst/model/problem.ts';
import { withoutSecrets } from '@catalyst/model/workload/namespace-content.ts';
import { enginePodName } from '@catalyst/model/workload/pod-names.ts';
import type { BlueprintSource } from '../../../ports/blueprint-source.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { GitOps, GitOpsQuestions } from '../../../ports/gitops.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Renderer } from '../../../ports/renderer.ts';
import type { Repositories } from '../../../ports/repositories.ts';
import type { Secrets } from '../../../ports/secrets.ts';
import type { Workloads } from '../../../ports/workloads.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { AgentContext } from './agent-context.ts';
import { createBindings } from './bindings.ts';
import { createObjectReports } from './object-reports.ts';
import { createPodCrew } from './pod-crew.ts';
import { reconcileRelease } from './reconcile-release.ts';
import { applyServices } from './release-services.ts';
import { createRelease, type Release, releaseKey } from './release-state.ts';
import { createReleaseStore } from './release-store.ts';
import { createReleaseRenderer } from './render-release.ts';
import { createServiceTable } from './service-table.ts';
import { createWorkQueue } from './work-queue.ts';

/** What the agent is made of. */
export interface ContainerAgentOptions {
  readonly repositories: Pick<Repositories, 'files' | 'read'>;
  readonly renderer: Pick<Renderer, 'build' | 'template'>;
  readonly blueprints: Pick<BlueprintSource, 'findByDigest'>;
  readonly secrets: Pick<Secrets, 'read'>;
  /** Started and stopped by the caller. */
  readonly runtime: PodRuntime;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Domain of the Sovereign, as `localhost`: Applications own hosts below it only as `<app>.<environment>.<domain>`. */
  readonly domain: string;
  readonly questions: GitOpsQuestions;
  /** Milliseconds of one second of probes, back-off and waits; 1000 unless told (tests run faster). */
  readonly secondMs?: number;
  /** Releases looked at in parallel; 4 unless told. */
  readonly parallelism?: number;
}

/** How often all Pods are looked at without a reason. */
const resyncMs = 30_000;

/**
 * The embedded engine of one machine: renders what branches say, keeps containers in agreement, and observes them. Both ports share
 * one state. Everything it knows is found again from rows, Git and the engine's labels after a crash.
 */
export function createContainerAgent(options: ContainerAgentOptions): {
  gitops: GitOps;
  workloads: Workloads;
} {
  const { runtime, clock, logger } = options;
  const secondMs = options.secondMs ?? 1000;
  const releases = new Map<string, Release>();
  const store = createReleaseStore(options.database);
  const reports = createObjectReports();
  const stopped = new AbortController();
  // A key of this process alone: two previews can be compared, and nothing can be tried out on what they show.
  const sealKey = randomBytes(32);
  const seal = (value: string) => createHmac('sha256', sealKey).update(value).digest('base64');
  let listener: (status: ReleaseStatus) => void = () => undefined;
  let started = false;
  let podsKnown = false;
  let engineAnswered = false;

  const queue = createWorkQueue({
    work: async (key) => {
      const release = releases.get(key);
      if (release) await reconcileRelease(context, release);
    },
    onError: (key, error) =>
      logger.error({ release: key, message: String(error) }, 'A look at a release failed'),
    parallelism: options.parallelism ?? 4,
    clock,
  });
  const services = createServiceTable({ runtime, clock, logger });
  const crew = createPodCrew({
    runtime,
    clock,
    logger,
    secondMs,
    onChange: ({ environment, application }) => void podChanged(releaseKey(environment, application)),
    beforeStop: async ({ environment, application }) => {
      const release = releases.get(releaseKey(environment, application));
      if (release) await applyServices(context, release);
    },
  });
  const context: AgentContext = {
    runtime,
    clock,
    logger,
    secrets: options.secrets,
    questions: options.questions,
    domain: options.domain,
    secondMs,
    store,
    renderer: createReleaseRenderer(options),
    bindings: createBindings(options),
    crew,
    services,
    reports,
    releases,
    engineAway,
    enqueue: (key, delayMs) => {
      if (started) queue.add(key, delayMs);
    },
    report: (release, status) => report(release, status),
    drop: (release) => {
      if (releases.get(release.key) === release && release.target.declaration === null)
        releases.delete(release.key);
    },
  };

  /** At a start the runtime's watch may answer a moment after the Pods could be read. */
  function engineAway(): boolean {
    const { available } = runtime.availability();
    engineAnswered ||= available;
    return !podsKnown || (engineAnswered && !available);
  }

  /** Endpoints follow a Pod at once; everything else has its turn in the queue. */
  async function podChanged(key: string): Promise<void> {
    context.enqueue(key);
    const release = releases.get(key);
    if (!release?.definition || stopped.signal.aborted) return;
    await applyServices(context, release).catch(() => undefined);
  }

  function report(release: Release, status: Parameters<AgentContext['report']>[1]): void {
    const before = release.status;
    const same = before?.ready.status === status.ready.status;
    const lastTransitionTime =
      same && before ? before.ready.lastTransitionTime : new Date(clock.now()).toISOString();
    const next: ReleaseStatus = { ...status, ready: { type: 'Ready', ...status.ready, lastTransitionTime } };
    if (JSON.stringify(before) === JSON.stringify(next)) return;
    release.status = next;
    listener(next);
    if (before?.ready.reason === next.ready.reason && same) return;
    for (const other of releases.values()) {
      const { environment, declaration } = other.target;
      if (environment !== next.environment) continue;
      if (declaration?.bindings.some((binding) => binding.application === next.application))
        context.enqueue(other.key);
    }
  }

  async function resync(): Promise<void> {
    while (!stopped.signal.aborted) {
      await clock.sleep(resyncMs, stopped.signal);
      if (stopped.signal.aborted || !runtime.availability().available) continue;
      crew.wake();
      for (const release of releases.values())
        if (crew.any(release.target.environment, release.target.application)) context.enqueue(release.key);
    }
  }

  /** Reads what runs, again and again until the engine answers; only then is anything decided. */
  async function findPods(): Promise<boolean> {
    try {
      await crew.find();
      return true;
    } catch {
      return false;
    }
  }

  async function waitForEngine(): Promise<void> {
    while (!stopped.signal.aborted && !(await findPods())) await clock.sleep(2000, stopped.signal);
    if (stopped.signal.aborted) return;
    services.expect(crew.applications());
    podsKnown = true;
    for (const key of releases.keys()) context.enqueue(key);
  }

  async function stop(): Promise<void> {
    started = false;
    stopped.abort();
    services.stop();
    await Promise.all([queue.stop(), crew.stop()]);
  }

  const gitops: GitOps = {
    async start(onStatus) {
      listener = onStatus;
      await store.load();
      started = true;
      runtime.onChange((identity) => crew.wake(identity));
      runtime.onAvailability((available) => {
        if (available) {
          services.refresh();
          crew.wake();
        }
        for (const key of releases.keys()) context.enqueue(key);
      });
      if (await findPods()) {
        services.expect(crew.applications());
        podsKnown = true;
      } else void waitForEngine();
      for (const key of releases.keys()) context.enqueue(key);
      void resync();
    },
    stop,
    declare(target) {
      const key = releaseKey(target.environment, target.application);
      const release = releases.get(key);
      if (!release) releases.set(key, createRelease(key, target));
      else if (JSON.stringify(release.target) !== JSON.stringify(target)) {
        release.target = target;
        release.generation += 1;
        release.attempt = 0;
        release.failedJobs.clear();
      }
      context.enqueue(key);
    },
    statuses: () =>
      [...releases.values()].map((release) => release.status).filter((status) => status !== undefined),
    async manifests(environment, application) {
      const row = store.get(releaseKey(environment, application));
      if (!row) return undefined;
      const { organization, branch } = row;
      const revision = row.appliedRevision ?? row.revision;
      const declaration = row.appliedRevision ? (row.appliedDeclaration ?? row.declaration) : row.declaration;
      const rendered = await context.renderer.render({
        organization,
        environment,
        application,
        branch,
        revision,
        declaration,
      });
      return rendered.ok ? rendered.value.objects.map((object) => withoutSecrets(object)) : undefined;
    },
    async preview(target, files, { background = false } = {}) {
      const rendered = await context.renderer.preview(target, files, background);
      return rendered.ok
        ? ok(rendered.value.objects.map((object) => withoutSecrets(object, seal)))
        : rendered;
    },
  };

  /** Its release has it, or a Pod that still stops or is of an earlier version may have it. */
  function inUse(environment: string, application: string, claim: string): boolean {
    const key = releaseKey(environment, application);
    if (!podsKnown || store.get(key)?.claims.includes(claim)) return true;
    const current = new Set(releases.get(key)?.definition?.workloads.map(({ template }) => template.hash));
    const pods = [...crew.of(environment, application), ...crew.strays(environment, application)];
    return pods.some(({ identity }) => !current.has(identity.templateHash));
  }
  const workloads: Workloads = {
    availability: () => runtime.availability(),
    onAvailability: (onChange) => runtime.onAvailability(onChange),
    onObject: (onObject) => reports.onObject(onObject),
    snapshot: () => reports.all(),
    logs: (request) => {
      const { environment, application } = request;
      const engineName = crew.of(environment, application).find((pod) => pod.name === request.pod)
        ?.identity.pod;
      return runtime.logs({ ...request, pod: engineName ?? enginePodName(application, request.pod) });
    },
    async volumes(environment, application) {
      const volumes = await runtime.volumes(environment, application);
      return volumes.map((volume) => ({
        ...volume,
        inUse: inUse(volume.environment, volume.application, volume.claim),
      }));
    },
    async deleteVolumes(environment, application, claims) {
      const deleted: string[] = [];
      for (const claim of claims)
        if (
          !inUse(environment, application, claim) &&
          (await runtime.deleteVolume(environment, application, claim))
        )
          deleted.push(claim);
      return deleted;
    },
    async stopAll() {
      // Nobody may bring back what is being stopped.
      await stop();
      await runtime.stopAll();
    },
  };
  return { gitops, workloads };
}
