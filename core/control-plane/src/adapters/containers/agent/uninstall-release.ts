import { reasons } from '@catalyst/model/workload/reasons.ts';
import type { AgentContext } from './agent-context.ts';
import type { Release } from './release-state.ts';

/**
 * Removes everything of a release but its volumes; those asked for by name go too. Reports `removed` once nothing is left, also when
 * there was nothing to begin with.
 */
export async function uninstallRelease(context: AgentContext, release: Release): Promise<void> {
  const { target } = release;
  const { environment, application, organization, revision } = target;
  for (const pod of context.crew.strays(environment, application)) context.crew.adopt(pod, undefined, []);
  const pods = context.crew.of(environment, application);
  const base = { environment, organization, application, revision, routes: [], inventory: [] };
  if (pods.length > 0) {
    for (const pod of pods) context.crew.remove(environment, application, pod.name);
    context.report(release, {
      ...base,
      ready: {
        status: 'Unknown',
        reason: reasons.Removing,
        message: `${application} is being removed; ${pods.length} Pods are left to stop.`,
      },
      replicas: { ready: 0, desired: 0 },
    });
    context.enqueue(release.key, 5 * context.secondMs);
    return;
  }
  await context.services.set(environment, application, []);
  for (const claim of target.deleteVolumes ?? [])
    await context.runtime.deleteVolume(environment, application, claim);
  await context.store.forget(release.key);
  context.reports.replace(environment, application, []);
  context.report(release, {
    ...base,
    ready: {
      status: 'True',
      reason: reasons.Ready,
      message: `${application} is removed; its kept volumes stay.`,
    },
    replicas: { ready: 0, desired: 0 },
    removed: true,
  });
  context.drop(release);
  if (!context.crew.any(environment)) await context.runtime.removeEnvironment(environment);
}
