import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import type { ReleaseTarget } from '../../../ports/gitops.ts';
import type { AgentContext } from './agent-context.ts';
import { resolveConfig } from './namespace-config.ts';
import { defineRelease, type ReleaseDefinition } from './release-definition.ts';
import type { Release } from './release-state.ts';
import { hostsOf, type Rendered } from './render-release.ts';

/** How long a resolved definition is used before secrets are read again. */
const freshMs = 60_000;

/** Renders and checks the target, once per declaration. */
export async function renderTarget(context: AgentContext, release: Release): Promise<Result<Rendered>> {
  if (release.rendered?.generation === release.generation) return ok(release.rendered.rendered);
  const { generation } = release;
  const result = await context.renderer.render(release.target);
  if (result.ok) release.rendered = { generation, rendered: result.value };
  return result;
}

/** The definition of the target, from memory while it is fresh. */
export async function defineTarget(
  context: AgentContext,
  release: Release,
  rendered: Rendered,
): Promise<Result<ReleaseDefinition>> {
  const fresh = context.clock.now() - release.definedAt < freshMs;
  if (release.definition && fresh && release.definedFor === release.target) return ok(release.definition);
  return define(context, release.target, rendered);
}

/** Resolves a rendered commit against the secrets of its Environment. */
export async function define(
  context: AgentContext,
  target: ReleaseTarget,
  rendered: Rendered,
): Promise<Result<ReleaseDefinition>> {
  const { environment, application, revision, declaration } = target;
  if (!declaration) return refused({ code: 'InvalidRelease', message: 'The Application is not installed.' });
  const sources = await resolveConfig(rendered.objects, {
    environment,
    application,
    secrets: context.secrets,
  });
  if (!sources.ok) return sources;
  const hosts = hostsOf(target, context.domain);
  return defineRelease({ revision, declaration, rendered, sources: sources.value, hosts });
}

/** Puts a definition in force: its templates are known, and Pods found at the engine are taken into care. */
export function adoptDefinition(
  release: Release,
  definition: ReleaseDefinition,
  target: ReleaseTarget,
  now: number,
): void {
  release.definition = definition;
  release.definedFor = target;
  release.definedAt = now;
  for (const { template } of definition.workloads) release.templates.set(template.hash, template);
}
