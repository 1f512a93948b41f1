import type { JsonObject, KubernetesObject } from '../kubernetes.ts';
import { asNumber, asString, fieldOf, objectsOf, stringMapOf } from './json-fields.ts';
import { parseBytes } from './quantities.ts';

/** When a workload has its turn: Helm's `pre-` hooks, everything else, `post-` hooks. */
export type Turn = 'before' | 'main' | 'after';

/** A workload as declared, with Kubernetes' defaults filled in. */
export interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'Job' | 'Pod';
  readonly name: string;
  readonly replicas: number;
  readonly template: unknown;
  readonly turn: Turn;
  /** Helm's order inside a turn. */
  readonly weight: number;
  /** StatefulSet: one Pod after another. */
  readonly ordered: boolean;
  /** Every Pod goes before a new one comes, by `strategy: Recreate`. */
  readonly recreate: boolean;
  /** StatefulSet: name of the Service that gives its Pods names. */
  readonly serviceName?: string;
  readonly claimTemplates: readonly { readonly name: string; readonly requestedBytes: number }[];
  readonly progressDeadlineSeconds: number;
  readonly backoffLimit: number;
  readonly activeDeadlineSeconds?: number;
  readonly ttlSeconds?: number;
}

/** The Pod template inside a workload object; undefined for every other kind. */
export function podTemplateOf(object: KubernetesObject): unknown {
  if (object.kind === 'Pod') return { metadata: object.metadata, spec: object.spec };
  return ['Deployment', 'StatefulSet', 'Job'].includes(object.kind)
    ? (fieldOf(object.spec, 'template') ?? {})
    : undefined;
}

const hookAnnotation = 'helm.sh/hook';

/** Helm hooks of an object; empty for an ordinary one. */
export function hooksOf(object: KubernetesObject): readonly string[] {
  const text = stringMapOf(object.metadata?.annotations)[hookAnnotation];
  return text === undefined ? [] : text.split(',').map((hook) => hook.trim());
}

/** The turn of an object; undefined for hooks that an installation or upgrade does not run (`test`, `delete`, `rollback`). */
export function turnOf(object: KubernetesObject): Turn | undefined {
  const hooks = hooksOf(object);
  if (hooks.length === 0) return 'main';
  if (hooks.includes('pre-install') || hooks.includes('pre-upgrade')) return 'before';
  return hooks.includes('post-install') || hooks.includes('post-upgrade') ? 'after' : undefined;
}

/** Reads a checked object as a workload; undefined for other kinds and for hooks that are not run. */
export function toWorkload(object: KubernetesObject): Workload | undefined {
  const kind = object.kind;
  const turn = turnOf(object);
  if (turn === undefined) return undefined;
  if (kind !== 'Deployment' && kind !== 'StatefulSet' && kind !== 'Job' && kind !== 'Pod') return undefined;
  const spec = object.spec;
  const numberAt = (...path: string[]) => asNumber(fieldOf(spec, ...path));
  const serviceName = asString(fieldOf(spec, 'serviceName'));
  const activeDeadlineSeconds = kind === 'Job' ? numberAt('activeDeadlineSeconds') : undefined;
  const ttlSeconds = numberAt('ttlSecondsAfterFinished');
  const scales = kind === 'Deployment' || kind === 'StatefulSet';
  return {
    kind,
    name: object.metadata.name,
    replicas: scales ? (numberAt('replicas') ?? 1) : 1,
    template: podTemplateOf(object),
    turn,
    weight: Number(stringMapOf(object.metadata.annotations)['helm.sh/hook-weight'] ?? 0) || 0,
    ordered: kind === 'StatefulSet' && fieldOf(spec, 'podManagementPolicy') !== 'Parallel',
    recreate: kind === 'Pod' || fieldOf(spec, 'strategy', 'type') === 'Recreate',
    ...(kind === 'StatefulSet' && serviceName ? { serviceName } : {}),
    claimTemplates:
      kind === 'StatefulSet' ? objectsOf(fieldOf(spec, 'volumeClaimTemplates')).map(toClaimTemplate) : [],
    progressDeadlineSeconds: numberAt('progressDeadlineSeconds') ?? 600,
    backoffLimit: numberAt('backoffLimit') ?? 6,
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
  };
}

function toClaimTemplate(claim: JsonObject): { name: string; requestedBytes: number } {
  return {
    name: asString(fieldOf(claim, 'metadata', 'name')) ?? '',
    requestedBytes: requestedBytesOf(claim.spec),
  };
}

/** Bytes that the spec of a claim asks for. */
export function requestedBytesOf(claimSpec: unknown): number {
  return parseBytes(fieldOf(claimSpec, 'resources', 'requests', 'storage')) ?? 0;
}

/** True when a claim may be written by one Pod only (every access mode but the `Many` ones). */
export function isExclusiveClaim(claimSpec: unknown): boolean {
  const modes = fieldOf(claimSpec, 'accessModes');
  return !(Array.isArray(modes) && modes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany'));
}
