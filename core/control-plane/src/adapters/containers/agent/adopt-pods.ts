import type { ReleaseTarget } from '../../../ports/gitops.ts';
import type { AgentContext } from './agent-context.ts';
import { adoptDefinition, define } from './define-target.ts';
import { selfHostsOf } from './release-services.ts';
import type { Release } from './release-state.ts';

/**
 * Takes Pods that were found at the engine into care, unchanged. Those of a version before the target (it may still be serving)
 * are described by rendering what was accepted or Ready last; what nobody can describe is kept as it is.
 */
export async function adoptPods(context: AgentContext, release: Release): Promise<void> {
  const { environment, application } = release.target;
  const strays = context.crew.strays(environment, application);
  if (strays.length === 0) return;
  const unknown = () => strays.some((pod) => !release.templates.has(pod.identity.templateHash));
  for (const target of earlierTargets(context, release)) {
    if (!unknown()) break;
    const rendered = await context.renderer.render(target);
    const definition = rendered.ok ? await define(context, target, rendered.value) : rendered;
    if (!definition.ok) continue;
    if (release.definition)
      for (const { template } of definition.value.workloads) release.templates.set(template.hash, template);
    else adoptDefinition(release, definition.value, target, context.clock.now());
  }
  const selfHosts = release.definition ? await selfHostsOf(context, release, release.definition) : [];
  for (const pod of strays)
    context.crew.adopt(pod, release.templates.get(pod.identity.templateHash), selfHosts);
}

function earlierTargets(context: AgentContext, release: Release): ReleaseTarget[] {
  const row = context.store.get(release.key);
  if (!row) return [];
  const { organization, environment, application, branch } = row;
  const base = { organization, environment, application, branch };
  const accepted: ReleaseTarget = { ...base, revision: row.revision, declaration: row.declaration };
  if (!row.appliedRevision || !row.appliedDeclaration) return [accepted];
  return [accepted, { ...base, revision: row.appliedRevision, declaration: row.appliedDeclaration }];
}
