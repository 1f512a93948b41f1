import type { ReleaseStatus } from '@catalyst/model/events/cloud-event.ts';
import type { JsonObject, KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { ok, type Problem, type Result } from '@catalyst/model/problem.ts';
import type { ApplicationDeclaration } from '@catalyst/model/resources/application.ts';
import { classifyObject } from '@catalyst/model/workload/object-classes.ts';
import type { ConfigSources, ResolvedTemplate } from '@catalyst/model/workload/pod-template.ts';
import { resolveTemplate } from '@catalyst/model/workload/resolve-template.ts';
import {
  type RouteDefinition,
  routesOf,
  type ServiceDefinition,
  toService,
} from '@catalyst/model/workload/services.ts';
import {
  isExclusiveClaim,
  requestedBytesOf,
  toWorkload,
  turnOf,
  type Workload,
} from '@catalyst/model/workload/workloads.ts';
import type { Rendered } from './render-release.ts';

/** A workload with its template resolved. */
export interface ResolvedWorkload {
  readonly workload: Workload;
  readonly template: ResolvedTemplate;
  /** The old Pods go before new ones come. */
  readonly inPlace: boolean;
  /** Claims that no second Pod may have at the same time. */
  readonly exclusiveClaims: readonly string[];
}

/** Everything that one commit asks for, resolved. */
export interface ReleaseDefinition {
  readonly revision: string;
  readonly objects: readonly KubernetesObject[];
  /** What the chart was given; a binding chart sees it too. */
  readonly values: JsonObject;
  readonly workloads: readonly ResolvedWorkload[];
  readonly services: readonly ServiceDefinition[];
  readonly routes: readonly RouteDefinition[];
  readonly claims: readonly { readonly name: string; readonly requestedBytes: number }[];
  readonly sources: ConfigSources;
}

/** Resolves rendered objects. Problem: `CreateContainerConfigError`, naming what is missing. */
export function defineRelease(input: {
  readonly revision: string;
  readonly declaration: ApplicationDeclaration;
  readonly rendered: Rendered;
  readonly sources: ConfigSources;
  readonly hosts: readonly string[];
}): Result<ReleaseDefinition> {
  const { rendered, declaration } = input;
  const objects = rendered.objects.filter((object) => turnOf(object) !== undefined);
  const claimObjects = objects.filter((object) => object.kind === 'PersistentVolumeClaim');
  const exclusive = new Set(
    claimObjects.filter((object) => isExclusiveClaim(object['spec'])).map((object) => object.metadata.name),
  );
  const claims = claimObjects.map((object) => ({
    name: object.metadata.name,
    requestedBytes: requestedBytesOf(object['spec']),
  }));
  const routes = routesOf(objects, input.hosts);
  const problems: Problem[] = [];
  const workloads: ResolvedWorkload[] = [];
  for (const object of objects) {
    const workload = toWorkload(object);
    if (!workload) continue;
    const salt =
      workload.kind === 'Job'
        ? { hook: workload.turn === 'main' ? null : rendered.releaseHash }
        : { restartedAt: declaration.restartedAt ?? null, routes };
    const resolved = resolveWorkload(workload, declaration.application, input.sources, salt, exclusive);
    if (!resolved.ok) problems.push(...resolved.problems);
    else {
      problems.push(...missingClaims(resolved.value, claims));
      workloads.push(resolved.value);
    }
  }
  if (problems.length > 0) return { ok: false, problems };
  const services = objects.map(toService).filter((service) => service !== undefined);
  return ok({
    revision: input.revision,
    objects,
    values: rendered.values,
    workloads,
    services,
    routes,
    claims,
    sources: input.sources,
  });
}

/** Resolves one workload against the contents of its namespace. */
export function resolveWorkload(
  workload: Workload,
  namespace: string,
  sources: ConfigSources,
  salt: unknown,
  exclusive: ReadonlySet<string>,
): Result<ResolvedWorkload> {
  const claimTemplates = workload.claimTemplates.map((claim) => claim.name);
  const template = resolveTemplate({ template: workload.template, namespace, sources, claimTemplates, salt });
  if (!template.ok) return template;
  const exclusiveClaims = template.value.volumes.flatMap((volume) =>
    volume.kind === 'claim' && exclusive.has(volume.claim) ? [volume.claim] : [],
  );
  return ok({
    workload,
    template: template.value,
    inPlace: workload.recreate || exclusiveClaims.length > 0,
    exclusiveClaims,
  });
}

function missingClaims(resolved: ResolvedWorkload, claims: ReleaseDefinition['claims']): Problem[] {
  const { workload, template } = resolved;
  return template.volumes.flatMap((volume) =>
    volume.kind === 'claim' &&
    !workload.claimTemplates.some((claim) => claim.name === volume.name) &&
    !claims.some((claim) => claim.name === volume.claim)
      ? [
          {
            code: 'CreateContainerConfigError',
            message: `${workload.kind} ${workload.name} mounts the claim "${volume.claim}", which the Application does not have; add a PersistentVolumeClaim or remove the volume.`,
          },
        ]
      : [],
  );
}

/** Objects that the branch asks for, without contents, and whether they have an effect here. */
export function inventoryOf(
  objects: readonly KubernetesObject[],
  namespace: string,
): ReleaseStatus['inventory'] {
  return objects.map((object) => ({
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.kind === 'Namespace' ? '' : namespace,
    name: object.metadata.name,
    enforced: classifyObject(object) === 'run' && turnOf(object) !== undefined,
  }));
}
