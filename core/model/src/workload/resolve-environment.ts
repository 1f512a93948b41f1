import type { JsonObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import { expandVariables } from './expand.ts';
import { asObject, asString, fieldOf, objectsOf, stringMapOf } from './json-fields.ts';
import { type ConfigSources, podAddressToken, podNameToken } from './pod-template.ts';

/** What a Pod knows about itself. */
export interface PodFacts {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
}

/** A reference to a ConfigMap or Secret that leads nowhere. */
export function missingReference(kind: 'ConfigMap' | 'Secret', name: string, key?: string): Problem {
  const what = key === undefined ? `${kind} "${name}"` : `key "${key}" of ${kind} "${name}"`;
  return {
    code: 'CreateContainerConfigError',
    message: `The ${what} does not exist; the Pod starts as soon as it does.`,
  };
}

/** Value of a downward API field; undefined for one that does not exist. */
export function readPodField(path: string, facts: PodFacts): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed) return (keyed[1] === 'labels' ? facts.labels : facts.annotations)[keyed[2] ?? ''] ?? '';
  const lines = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}\n`)
      .join('');
  switch (path) {
    case 'metadata.name':
    case 'metadata.uid':
      return podNameToken;
    case 'metadata.namespace':
      return facts.namespace;
    case 'metadata.labels':
      return lines(facts.labels);
    case 'metadata.annotations':
      return lines(facts.annotations);
    case 'status.podIP':
      return podAddressToken;
    case 'status.hostIP':
    case 'spec.nodeName':
      return 'catalyst';
    case 'spec.serviceAccountName':
      return facts.serviceAccount;
    default:
      return undefined;
  }
}

/** Variables of a container in Kubernetes' order: `envFrom` first, then `env`, each seeing those before it. */
export function resolveEnvironment(
  container: JsonObject,
  sources: ConfigSources,
  facts: PodFacts,
): { readonly env: Readonly<Record<string, string>>; readonly problems: readonly Problem[] } {
  const env: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const from of objectsOf(container.envFrom)) {
    const prefix = asString(from.prefix) ?? '';
    const found =
      lookUp(from.configMapRef, 'ConfigMap', sources) ?? lookUp(from.secretRef, 'Secret', sources);
    if (found?.problem) problems.push(found.problem);
    for (const [key, value] of Object.entries(found?.data ?? {})) env[`${prefix}${key}`] = value;
  }
  for (const variable of objectsOf(container.env)) {
    const name = asString(variable.name) ?? '';
    const from = asObject(variable.valueFrom);
    if (!from) env[name] = expandVariables(asString(variable.value) ?? '', env);
    else {
      const found = resolveReference(from, sources, facts);
      if (found.problem) problems.push(found.problem);
      if (found.value !== undefined) env[name] = found.value;
    }
  }
  return { env, problems };
}

type Found = { readonly data?: Readonly<Record<string, string>>; readonly problem?: Problem };

function lookUp(reference: unknown, kind: 'ConfigMap' | 'Secret', sources: ConfigSources): Found | undefined {
  const name = asString(fieldOf(reference, 'name'));
  if (name === undefined) return undefined;
  const data = (kind === 'Secret' ? sources.secrets : sources.configMaps).get(name);
  if (data) return { data };
  return fieldOf(reference, 'optional') === true ? {} : { problem: missingReference(kind, name) };
}

function resolveReference(
  from: JsonObject,
  sources: ConfigSources,
  facts: PodFacts,
): { readonly value?: string; readonly problem?: Problem } {
  const path = asString(fieldOf(from, 'fieldRef', 'fieldPath'));
  if (path !== undefined) {
    const value = readPodField(path, facts);
    return value === undefined ? {} : { value };
  }
  for (const [field, kind] of [
    ['configMapKeyRef', 'ConfigMap'],
    ['secretKeyRef', 'Secret'],
  ] as const) {
    const found = lookUp(from[field], kind, sources);
    if (!found) continue;
    if (found.problem) return { problem: found.problem };
    const key = asString(fieldOf(from, field, 'key')) ?? '';
    const value = found.data && Object.hasOwn(found.data, key) ? found.data[key] : undefined;
    if (value !== undefined) return { value };
    if (fieldOf(from, field, 'optional') === true) return {};
    return { problem: missingReference(kind, asString(fieldOf(from, field, 'name')) ?? '', key) };
  }
  return {};
}

/** Labels and annotations of a Pod template. */
export function factsOf(template: unknown, namespace: string): PodFacts {
  return {
    namespace,
    labels: stringMapOf(fieldOf(template, 'metadata', 'labels')),
    annotations: stringMapOf(fieldOf(template, 'metadata', 'annotations')),
    serviceAccount: asString(fieldOf(template, 'spec', 'serviceAccountName')) ?? 'default',
  };
}
