import { reasons } from '@catalyst/model/workload/reasons.ts';
import type { ReadyAnswer } from '@catalyst/model/workload/release-condition.ts';
import type { AgentContext } from './agent-context.ts';
import { type Release, releaseKey } from './release-state.ts';

/**
 * What a release waits for before its Pods may start: each provider that it is bound to must be Ready, and the binding Job must have
 * succeeded with the present inputs. Undefined when there is nothing to wait for.
 */
export async function awaitDependencies(
  context: AgentContext,
  release: Release,
): Promise<ReadyAnswer | undefined> {
  const { environment, application, declaration } = release.target;
  for (const { alias, application: name } of declaration?.bindings ?? []) {
    const provider = context.releases.get(releaseKey(environment, name));
    const wait = (reason: ReadyAnswer['reason'], message: string): ReadyAnswer => ({
      status: 'Unknown',
      reason,
      message,
      waitingFor: [name],
    });
    if (!provider?.target.declaration)
      return wait(
        reasons.DependencyNotReady,
        `${name} is not installed in ${environment}; ${application} starts when it is.`,
      );
    const ready = provider.status?.ready;
    if (ready?.status !== 'True' || ready.reason !== reasons.Ready)
      return wait(
        reasons.DependencyNotReady,
        ready?.reason === reasons.Paused
          ? `${application} needs ${name}, which is paused; resume it and ${application} starts.`
          : ready?.reason === reasons.ScaledToZero
            ? `${application} needs ${name}, which is scaled to zero; set its replicas to 1 or more and ${application} starts.`
            : `${application} needs ${name}, which is not ready yet${ready ? ` (${ready.reason})` : ''}; it starts when ${name} is.`,
      );
    const binding = await context.bindings.describe(provider.target, application, alias);
    if (!binding.ok)
      return wait(
        reasons.WaitingForBinding,
        binding.problems[0]?.message ?? `The binding "${alias}" cannot be made yet.`,
      );
    if (!binding.value || context.store.job(binding.value.key)?.hash === binding.value.hash) continue;
    context.enqueue(provider.key);
    const words = provider.bindingMessages.get(`${application}/${alias}`);
    return wait(
      reasons.WaitingForBinding,
      words ??
        `${name} prepares the binding "${alias}" for ${application}; ${application} starts when that is done.`,
    );
  }
  return undefined;
}
