import { CatalystError, codes, type Problem } from '@catalyst/model/problem.ts';
import { retryDelaySeconds } from '@catalyst/model/workload/back-off.ts';
import { type Reason, reasons } from '@catalyst/model/workload/reasons.ts';
import { type ReadyAnswer, scaledToZeroMessage } from '@catalyst/model/workload/release-condition.ts';
import { adoptPods } from './adopt-pods.ts';
import type { AgentContext } from './agent-context.ts';
import { applyRelease } from './apply-release.ts';
import { awaitDependencies } from './await-dependencies.ts';
import { adoptDefinition, defineTarget, renderTarget } from './define-target.ts';
import { inventoryOf } from './release-definition.ts';
import { applyServices } from './release-services.ts';
import { type Release, restingInputs } from './release-state.ts';
import { uninstallRelease } from './uninstall-release.ts';

/** How often a release that is not settled is looked at without a reason, in seconds. */
const lookAgainSeconds = 5;

/**
 * One look at one release: read what is declared, read what is there, take the next steps, report once. Safe to run at any time
 * and any number of times; never throws.
 */
export async function reconcileRelease(context: AgentContext, release: Release): Promise<void> {
  const { generation } = release;
  const { declaration } = release.target;
  try {
    if (declaration && reportResting(context, release)) return;
    // What cannot be observed is not reported as running.
    if (context.engineAway())
      throw new CatalystError(codes.Unavailable, context.runtime.availability().message, { retry: 'later' });
    if (!declaration) return await uninstallRelease(context, release);
    await reconcileDeclared(context, release);
  } catch (error) {
    if (release.generation !== generation) return context.enqueue(release.key);
    reportError(context, release, error);
  }
}

/** A release that is known to need no Pods costs no render. */
function reportResting(context: AgentContext, release: Release): boolean {
  const { environment, application, declaration } = release.target;
  const row = context.store.get(release.key);
  if (!row || row.restingInputs !== restingInputs(release.target)) return false;
  if (context.crew.any(environment, application)) return false;
  const reason = declaration?.paused ? reasons.Paused : row.restingReason;
  const message = reason && restingMessages[reason];
  if (reason === undefined || message === undefined) return false;
  report(context, release, { status: 'True', reason, message });
  return true;
}

const restingMessages: { readonly [Of in Reason]?: string } = {
  [reasons.Paused]: 'The Application is paused; its volumes are kept, and resuming starts it again.',
  [reasons.ScaledToZero]: scaledToZeroMessage,
  [reasons.Ready]: 'Nothing is asked to run.',
};

async function reconcileDeclared(context: AgentContext, release: Release): Promise<void> {
  const { generation, target } = release;
  const rendered = await renderTarget(context, release);
  if (release.generation !== generation) return context.enqueue(release.key);
  if (!rendered.ok) return holdOn(context, release, rendered.problems);
  if (release.securedGeneration !== generation) {
    await context.questions.ensureSecrets(target);
    release.securedGeneration = generation;
  }
  const accepted = context.store.get(release.key)?.revision === target.revision;
  if (!target.declaration?.paused && !accepted) {
    const wait = await awaitDependencies(context, release);
    if (wait) return waitFor(context, release, wait);
  }
  const definition = await defineTarget(context, release, rendered.value);
  if (release.generation !== generation) return context.enqueue(release.key);
  if (!definition.ok) return holdOn(context, release, definition.problems);
  adoptDefinition(release, definition.value, target, context.clock.now());
  await adoptPods(context, release);
  const settled = await applyRelease(context, release, definition.value, target);
  release.attempt = 0;
  if (!settled) context.enqueue(release.key, lookAgainSeconds * context.secondMs);
}

/** The new version cannot be applied: what ran before goes on, and the reason is said. Retried for ever with back-off. */
async function holdOn(context: AgentContext, release: Release, problems: readonly Problem[]): Promise<void> {
  const [problem] = problems;
  const reason = reasonOf(problem?.code);
  release.attempt += 1;
  const delaySeconds = retryDelaySeconds(release.attempt);
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const where = problem?.file ? `${problem.file}: ` : '';
  await keepServing(context, release);
  report(context, release, {
    status: reason === reasons.SecretMissing ? 'Unknown' : 'False',
    reason,
    message: `${where}${problem?.message ?? 'It could not be rendered.'}${more}`.slice(0, 2000),
  });
  context.enqueue(release.key, delaySeconds * context.secondMs);
}

async function waitFor(context: AgentContext, release: Release, wait: ReadyAnswer): Promise<void> {
  await keepServing(context, release);
  report(context, release, wait);
  context.enqueue(release.key, lookAgainSeconds * context.secondMs);
}

/** Pods of the version before stay in care and in service. */
async function keepServing(context: AgentContext, release: Release): Promise<void> {
  await adoptPods(context, release);
  if (release.definition) await applyServices(context, release);
}

function reasonOf(code: string | undefined): Reason {
  switch (code) {
    case 'BlueprintMissing':
    case 'SecretMissing':
    case 'CreateContainerConfigError':
      return reasons[code];
    case 'NeedsKubernetes':
    case 'Forbidden':
    case 'ForeignNamespace':
    case 'ForeignHost':
    case 'ForeignSecret':
    case 'SharedVolume':
      return reasons.Refused;
    default:
      return reasons.RenderFailed;
  }
}

function reportError(context: AgentContext, release: Release, error: unknown): void {
  const engine = context.runtime.availability();
  const code = error instanceof CatalystError ? error.code : codes.Internal;
  release.attempt += 1;
  context.enqueue(release.key, retryDelaySeconds(release.attempt) * context.secondMs);
  if (code === codes.Unavailable && (!engine.available || context.engineAway())) {
    report(context, release, {
      status: 'Unknown',
      reason: reasons.EngineUnavailable,
      message: engine.message,
    });
    return;
  }
  const message = error instanceof Error ? error.message : 'unknown error';
  context.logger.error({ release: release.key, code, message }, 'A release could not be reconciled');
  const words = error instanceof CatalystError ? error.message.replace(/[\s.]+$/, '') : 'an unexpected error';
  report(context, release, {
    status: 'Unknown',
    reason: reasons.Internal,
    message: `The Application could not be looked at: ${words}; it is tried again.`,
  });
}

/** Reports with what the row and the last look know. */
function report(context: AgentContext, release: Release, ready: ReadyAnswer): void {
  const { target, status } = release;
  const row = context.store.get(release.key);
  const pods = context.crew.of(target.environment, target.application);
  const applied = row?.appliedRevision;
  const { waitingFor, ...condition } = ready;
  context.report(release, {
    environment: target.environment,
    organization: target.organization,
    application: target.application,
    revision: target.revision,
    ...(applied === undefined ? {} : { appliedRevision: applied }),
    ready: condition,
    ...(waitingFor ? { waitingFor } : {}),
    replicas: {
      ready: pods.filter((pod) => pod.ready && pod.identity.owner.kind !== 'Job').length,
      desired: status?.replicas.desired ?? 0,
    },
    routes: row?.routes ?? [],
    inventory:
      row?.inventory ??
      (release.rendered ? inventoryOf(release.rendered.rendered.objects, target.application) : []),
    ...(target.declaration ? { declaration: target.declaration } : {}),
  });
}
