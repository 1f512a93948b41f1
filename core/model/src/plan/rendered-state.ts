import type { KubernetesObject } from '../kubernetes.ts';
import { canonicalJson } from '../workload/canonical.ts';
import { asString, fieldOf, objectsOf, stringMapOf } from '../workload/json-fields.ts';
import { claimsOf, contentOf, toSecretImport } from '../workload/namespace-content.ts';
import type { ConfigSources } from '../workload/pod-template.ts';
import { resolveTemplate } from '../workload/resolve-template.ts';
import { routesOf } from '../workload/services.ts';
import { isExclusiveClaim, toWorkload, turnOf, type Workload } from '../workload/workloads.ts';

/** One Application as it is rendered before or after a change. */
export interface RenderedState {
  readonly application: string;
  readonly objects: readonly KubernetesObject[];
  readonly paused: boolean;
  readonly restartedAt?: string;
  readonly hosts: readonly string[];
}

/** One workload with what makes other Pods of it. */
export interface PlannedWorkload {
  readonly workload: Workload;
  /** Pods of another hash are replaced. */
  readonly hash: string;
  /** The old Pods go before new ones come. */
  readonly inPlace: boolean;
  readonly claims: readonly string[];
}

/** Keys of a Secret that a template names, so that one whose contents are not known here resolves all the same. */
function namedKeys(template: unknown, secret: string): string[] {
  const keys: string[] = [];
  const spec = fieldOf(template, 'spec');
  for (const field of ['initContainers', 'containers'])
    for (const container of objectsOf(fieldOf(spec, field)))
      for (const variable of objectsOf(container.env)) {
        const reference = fieldOf(variable, 'valueFrom', 'secretKeyRef');
        if (fieldOf(reference, 'name') === secret) keys.push(asString(fieldOf(reference, 'key')) ?? '');
      }
  for (const volume of objectsOf(fieldOf(spec, 'volumes'))) {
    const sources = [
      volume.secret,
      ...objectsOf(fieldOf(volume, 'projected', 'sources')).map((item) => item.secret),
    ];
    for (const source of sources)
      for (const item of objectsOf(fieldOf(source, 'items'))) keys.push(asString(item.key) ?? '');
  }
  return keys;
}

/** Contents of ExternalSecrets are not planned with; what stands for them changes only when their declaration does. */
function sourcesFor(objects: readonly KubernetesObject[], template: unknown): ConfigSources {
  const configMaps = new Map<string, Readonly<Record<string, string>>>();
  const secrets = new Map<string, Readonly<Record<string, string>>>();
  for (const object of objects) {
    if (object.kind === 'ConfigMap') configMaps.set(object.metadata.name, contentOf(object));
    if (object.kind === 'Secret') secrets.set(object.metadata.name, contentOf(object));
    const imported = toSecretImport(object);
    if (!imported) continue;
    const declared = canonicalJson(imported);
    const keys = [...namedKeys(template, imported.target), 'imported'];
    secrets.set(imported.target, Object.fromEntries(keys.map((key) => [key, declared])));
  }
  return { configMaps, secrets };
}

/** The workloads of a rendered Application, by kind and name, as the container engine would take them. */
export function workloadsOf(state: RenderedState): Map<string, PlannedWorkload> {
  const objects = state.objects.filter((object) => turnOf(object) !== undefined);
  const exclusive = new Set(
    objects
      .filter((object) => object.kind === 'PersistentVolumeClaim' && isExclusiveClaim(object.spec))
      .map((object) => object.metadata.name),
  );
  const routes = routesOf(objects, state.hosts);
  const found = new Map<string, PlannedWorkload>();
  for (const object of objects) {
    const workload = toWorkload(object);
    if (!workload) continue;
    const salt = workload.kind === 'Job' ? null : { restartedAt: state.restartedAt ?? null, routes };
    const template = resolveTemplate({
      template: workload.template,
      namespace: state.application,
      sources: sourcesFor(objects, workload.template),
      claimTemplates: workload.claimTemplates.map((claim) => claim.name),
      salt,
    });
    const claims = claimsOf(workload.template);
    found.set(`${workload.kind}/${workload.name}`, {
      workload,
      // A template that refers to what is not there has no Pods; another text of it is another template all the same.
      hash: template.ok ? template.value.hash : canonicalJson([workload.template, salt]),
      inPlace: workload.recreate || claims.some((claim) => exclusive.has(claim)),
      claims,
    });
  }
  return found;
}

/** Labels and annotations of a workload that charts put checksums into; they are part of the template. */
export function templateAnnotations(workload: Workload): Readonly<Record<string, string>> {
  return stringMapOf(fieldOf(workload.template, 'metadata', 'annotations'));
}
