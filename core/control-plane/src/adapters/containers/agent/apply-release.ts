import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import { type Reason, reasons } from '@catalyst/model/workload/reasons.ts';
import { decideReady, type ReadyAnswer } from '@catalyst/model/workload/release-condition.ts';
import type { ReleaseTarget } from '../../../ports/gitops.ts';
import { type Advanced, advanceWorkloads } from './advance-workloads.ts';
import type { AgentContext } from './agent-context.ts';
import type { Binding } from './bindings.ts';
import { toReports } from './object-reports.ts';
import { inventoryOf, type ReleaseDefinition, type ResolvedWorkload } from './release-definition.ts';
import { applyServices, selfHostsOf } from './release-services.ts';
import { forgetDefinition, type Release, releaseKey, restingInputs } from './release-state.ts';
import type { ReleaseRow } from './release-store.ts';

/**
 * Applies the definition of a target one step further and reports. True when nothing is left to do. Another target may be declared
 * at any moment: nothing is reported of it here, and everything that is said is said of the target that the definition was made for.
 */
export async function applyRelease(
  context: AgentContext,
  release: Release,
  definition: ReleaseDefinition,
  target: ReleaseTarget,
): Promise<boolean> {
  const { environment, application, organization, declaration } = target;
  if (!declaration) return true;
  const row = await accept(context, release, definition, target);
  if (!declaration.paused)
    for (const claim of definition.claims)
      await context.runtime.ensureVolume(environment, application, claim.name, claim.requestedBytes);
  const jobs = await bindingJobs(context, release, definition, target);
  const advanced = await advanceWorkloads(context, {
    organization,
    environment,
    application,
    paused: declaration.paused,
    workloads: [...definition.workloads, ...jobs.map((job) => job.resolved)],
    selfHosts: await selfHostsOf(context, release, definition),
    progress: release.progress,
    failedJobs: release.failedJobs,
    now: context.clock.now(),
    secondMs: context.secondMs,
  });
  await rememberBindings(context, release, jobs, advanced);
  const own = advanced.progress.filter(({ resolved }) => definition.workloads.includes(resolved));
  const rules = await applyServices(context, release);
  if (release.target !== target) {
    context.enqueue(release.key);
    return false;
  }
  const ready = decide(declaration.paused, row, own, advanced, context.crew.any(environment, application));
  // After a restart nothing is said of Pods that have not answered yet: what was reported before still stands.
  const assumed = context.crew.of(environment, application).some((pod) => pod.assumed);
  if (assumed && !release.status) return false;
  const settled = ready.status === 'True';
  if (settled) await settle(context, target, row, ready.reason);
  reportObjects(context, target, definition, own, rules);
  reportStatus(context, release, target, own, ready);
  if (settled && !context.crew.any(environment, application)) forgetDefinition(release);
  return settled && jobs.length === 0;
}

function decide(
  paused: boolean,
  row: ReleaseRow,
  own: Advanced['progress'],
  advanced: Advanced,
  anyPods: boolean,
): ReadyAnswer {
  if (paused) {
    if (!anyPods)
      return {
        status: 'True',
        reason: reasons.Paused,
        message: 'The Application is paused; its volumes are kept, and resuming starts it again.',
      };
    return {
      status: 'Unknown',
      reason: reasons.Progressing,
      message: 'The Application is being paused; its Pods stop.',
    };
  }
  return decideReady(own, row.appliedRevision === row.revision, advanced.waiting);
}

/** The objects passed all checks: from here on they are what this release is, also after a crash. */
async function accept(
  context: AgentContext,
  release: Release,
  definition: ReleaseDefinition,
  target: ReleaseTarget,
): Promise<ReleaseRow> {
  const before = context.store.get(release.key);
  const { environment, application, organization, branch, revision, declaration } = target;
  const routes: ReleaseStatus['routes'][number][] = [];
  for (const { host, path, service, port } of definition.routes)
    if (!isHostTaken(context, release, host))
      routes.push({
        host,
        path,
        address: await context.runtime.serviceAddress(environment, application, service),
        port,
      });
  const claims = new Set([...definition.claims.map((claim) => claim.name), ...ordinalClaims(definition)]);
  const row: ReleaseRow = {
    key: release.key,
    environment,
    organization,
    application,
    branch,
    revision,
    declaration: declaration as ReleaseRow['declaration'],
    ...(before?.appliedRevision ? { appliedRevision: before.appliedRevision } : {}),
    ...(before?.appliedDeclaration ? { appliedDeclaration: before.appliedDeclaration } : {}),
    ...(before?.restingInputs === restingInputs(target)
      ? {
          restingInputs: before.restingInputs,
          ...(before.restingReason ? { restingReason: before.restingReason } : {}),
        }
      : {}),
    inventory: inventoryOf(definition.objects, application),
    routes,
    claims: [...claims].sort(),
  };
  await context.store.put(row);
  return row;
}

/** A host outside the Sovereign's domain belongs to the Application that had it first. */
function isHostTaken(context: AgentContext, release: Release, host: string): boolean {
  if (host.endsWith(`.${context.domain}`)) return false;
  for (const other of context.store.all())
    if (other.key !== release.key && other.routes.some((route) => route.host === host)) return true;
  return false;
}

function ordinalClaims(definition: ReleaseDefinition): string[] {
  return definition.workloads.flatMap(({ workload }) =>
    workload.claimTemplates.flatMap((claim) =>
      Array.from({ length: workload.replicas }, (_item, index) => `${claim.name}-${workload.name}-${index}`),
    ),
  );
}

async function settle(
  context: AgentContext,
  target: ReleaseTarget,
  row: ReleaseRow,
  reason: Reason,
): Promise<void> {
  const { environment, application, declaration } = target;
  const { restingInputs: _inputs, restingReason: _reason, ...rest } = row;
  const resting = !context.crew.any(environment, application);
  await context.store.put({
    ...rest,
    appliedRevision: row.revision,
    ...(declaration ? { appliedDeclaration: declaration } : {}),
    ...(resting ? { restingInputs: restingInputs(target), restingReason: reason } : {}),
  });
}

interface BindingJob {
  readonly binding: Binding;
  readonly resolved: ResolvedWorkload;
}

/** Jobs for dependents whose binding is not made yet; they run once this release is Ready. */
async function bindingJobs(
  context: AgentContext,
  release: Release,
  definition: ReleaseDefinition,
  target: ReleaseTarget,
): Promise<readonly BindingJob[]> {
  const { environment, application, declaration } = target;
  if (declaration?.paused || release.status?.ready.reason !== reasons.Ready) return [];
  const jobs: BindingJob[] = [];
  for (const dependent of context.releases.values()) {
    if (dependent.target.environment !== environment || dependent.securedGeneration === 0) continue;
    for (const { alias, application: provider } of dependent.target.declaration?.bindings ?? []) {
      if (provider !== application) continue;
      const { application: name } = dependent.target;
      const binding = await context.bindings.describe(target, name, alias);
      if (!binding.ok || !binding.value) continue;
      if (context.store.job(binding.value.key)?.hash === binding.value.hash) continue;
      const resolved = await context.bindings.job(target, definition, binding.value);
      if (resolved.ok) jobs.push({ binding: binding.value, resolved: resolved.value });
      else
        release.bindingMessages.set(
          `${name}/${alias}`,
          `The binding "${alias}" of ${name} cannot be made: ${resolved.problems[0]?.message ?? 'unknown reason'}`,
        );
    }
  }
  return jobs;
}

async function rememberBindings(
  context: AgentContext,
  release: Release,
  jobs: readonly BindingJob[],
  advanced: Advanced,
): Promise<void> {
  for (const { binding, resolved } of jobs) {
    const dependent = releaseKey(release.target.environment, binding.dependent);
    const name = `${binding.dependent}/${binding.alias}`;
    const progress = advanced.progress.find((item) => item.resolved === resolved);
    const before = release.bindingMessages.get(name);
    if (progress?.done) {
      const succeededAt = new Date(context.clock.now()).toISOString();
      await context.store.putJob({
        key: binding.key,
        release: release.key,
        dependent,
        hash: binding.hash,
        succeededAt,
      });
      release.bindingMessages.delete(name);
      context.enqueue(dependent);
      context.enqueue(release.key);
      continue;
    }
    const words = progress?.troubles[0]?.message;
    if (words === undefined) release.bindingMessages.delete(name);
    else release.bindingMessages.set(name, `The binding "${binding.alias}" is not made yet: ${words}`);
    if (before !== release.bindingMessages.get(name)) context.enqueue(dependent);
  }
}

function reportObjects(
  context: AgentContext,
  target: ReleaseTarget,
  definition: ReleaseDefinition,
  own: Advanced['progress'],
  rules: Awaited<ReturnType<typeof applyServices>>,
): void {
  const { environment, application } = target;
  const objects = toReports({
    environment,
    application,
    objects: definition.objects,
    workloads: own.map(({ resolved, desired, done, failed }) => ({
      workload: resolved.workload,
      replicas: desired,
      done,
      failed: failed !== undefined,
    })),
    services: definition.services.map((service) => {
      const rule = rules.find((candidate) => candidate.service === service.name);
      const endpoints = new Set(
        rule?.ports.flatMap((port) => port.endpoints.map((endpoint) => endpoint.address)),
      );
      return { service, address: rule?.address ?? '', endpoints: endpoints.size };
    }),
    routes: definition.routes,
    pods: context.crew.of(environment, application),
  });
  context.reports.replace(environment, application, objects);
}

function reportStatus(
  context: AgentContext,
  release: Release,
  target: ReleaseTarget,
  own: Advanced['progress'],
  answer: ReadyAnswer,
): void {
  const row = context.store.get(release.key);
  const { waitingFor, ...ready } = answer;
  const sum = (field: 'ready' | 'desired') => own.reduce((total, item) => total + item[field], 0);
  context.report(release, {
    environment: target.environment,
    organization: target.organization,
    application: target.application,
    revision: target.revision,
    ...(row?.appliedRevision ? { appliedRevision: row.appliedRevision } : {}),
    ready,
    ...(waitingFor ? { waitingFor } : {}),
    replicas: { ready: Math.min(sum('ready'), sum('desired')), desired: sum('desired') },
    routes: row?.routes ?? [],
    inventory: row?.inventory ?? [],
    ...(target.declaration ? { declaration: target.declaration } : {}),
  });
}
