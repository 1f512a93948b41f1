import type { Json, JsonObject, KubernetesObject } from '../kubernetes.ts';
import { canonicalJson } from '../workload/canonical.ts';
import { asNumber, asString, fieldOf, objectsOf, stringMapOf, stringsOf } from '../workload/json-fields.ts';
import { hooksOf, isExclusiveClaim } from '../workload/workloads.ts';

/** One container of a workload. */
export interface ContainerSubject {
  readonly name: string;
  readonly spec: JsonObject;
  /** It ends before the others begin, so nobody probes it. */
  readonly init: boolean;
}

/** Something that has Pods, as the criteria look at it. */
export interface WorkloadSubject {
  /** `Deployment web`, as sentences name it. */
  readonly title: string;
  readonly kind: string;
  readonly name: string;
  /** It ends by itself: a Job, or a hook of the chart. */
  readonly ends: boolean;
  /** The least number of Pods side by side; undefined where their number is not its own (DaemonSet, Job). */
  readonly replicas?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly podSpec: Json | undefined;
  readonly containers: readonly ContainerSubject[];
  /** Names of claims of which only one Pod can be the writer. */
  readonly exclusiveClaims: readonly string[];
}

const replicated: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet']);
const kinds: ReadonlySet<string> = new Set([...replicated, 'DaemonSet', 'Job', 'CronJob', 'Pod']);

function podTemplateOf({ kind, spec, metadata }: KubernetesObject): unknown {
  if (kind === 'Pod') return { metadata, spec };
  return kind === 'CronJob' ? fieldOf(spec, 'jobTemplate', 'spec', 'template') : fieldOf(spec, 'template');
}

/** The least that an autoscaler, or else the object itself, keeps. */
function replicasOf(object: KubernetesObject, objects: readonly KubernetesObject[]): number | undefined {
  if (object.kind === 'Pod') return 1;
  if (!replicated.has(object.kind)) return undefined;
  const scaler = objects.find(
    ({ kind, spec }) =>
      kind === 'HorizontalPodAutoscaler' &&
      fieldOf(spec, 'scaleTargetRef', 'kind') === object.kind &&
      fieldOf(spec, 'scaleTargetRef', 'name') === nameOf(object),
  );
  return scaler
    ? (asNumber(fieldOf(scaler.spec, 'minReplicas')) ?? 1)
    : (asNumber(fieldOf(object.spec, 'replicas')) ?? 1);
}

function containersOf(podSpec: unknown): ContainerSubject[] {
  const read = (field: string, init: boolean) =>
    objectsOf(fieldOf(podSpec, field)).map((spec) => ({
      name: asString(spec.name) ?? '',
      spec,
      // An init container that is always restarted runs beside the others.
      init: init && spec.restartPolicy !== 'Always',
    }));
  return [...read('initContainers', true), ...read('containers', false)];
}

/** Of a StatefulSet's own claim templates each Pod has one, so they keep nobody from being there twice. */
function exclusiveClaimsOf(podSpec: unknown, objects: readonly KubernetesObject[]): string[] {
  const claims = objectsOf(fieldOf(podSpec, 'volumes'))
    .map((volume) => asString(fieldOf(volume, 'persistentVolumeClaim', 'claimName')))
    .filter((name) => name !== undefined);
  const exclusive = new Set(
    objects
      .filter((object) => object.kind === 'PersistentVolumeClaim' && isExclusiveClaim(object.spec))
      .map(nameOf),
  );
  return [...new Set(claims)].filter((name) => exclusive.has(name)).sort();
}

function nameOf(object: KubernetesObject): string {
  return asString(object.metadata?.name) ?? '';
}

/** The same objects, whatever order they came in; hooks that are never run (`test` and the like) are left out. */
export function inOrder(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects
    .filter((object) => !hooksOf(object).some((hook) => hook.startsWith('test')))
    .map((object) => ({ object, key: `${object.kind}/${nameOf(object)} ${canonicalJson(object)}` }))
    .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
    .map(({ object }) => object);
}

/** Everything that has Pods, by kind and name. Give it objects that are `inOrder`. */
export function workloadsIn(objects: readonly KubernetesObject[]): WorkloadSubject[] {
  return objects
    .filter(({ kind }) => kinds.has(kind))
    .map((object) => {
      const template = podTemplateOf(object);
      const podSpec = fieldOf(template, 'spec');
      const { kind } = object;
      const ends = kind === 'Job' || kind === 'CronJob' || hooksOf(object).length > 0;
      const replicas = ends ? undefined : replicasOf(object, objects);
      return {
        title: `${kind} ${nameOf(object)}`,
        kind,
        name: nameOf(object),
        ends,
        ...(replicas === undefined ? {} : { replicas }),
        labels: stringMapOf(fieldOf(template, 'metadata', 'labels')),
        podSpec,
        containers: containersOf(podSpec),
        exclusiveClaims: exclusiveClaimsOf(podSpec, objects),
      };
    });
}

/** Whether a label selector of Kubernetes takes these labels; one that says nothing takes all. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(stringMapOf(fieldOf(selector, 'matchLabels')));
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    objectsOf(fieldOf(selector, 'matchExpressions')).every((expression) => {
      const value = labels[asString(expression.key) ?? ''];
      const values = stringsOf(expression.values);
      switch (expression.operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}

/** Where the Application keeps data: each claim, as `PersistentVolumeClaim/data` or `StatefulSet/mariadb/data`. */
export function claimsIn(objects: readonly KubernetesObject[]): string[] {
  return objects.flatMap((object) => {
    if (object.kind === 'PersistentVolumeClaim') return [`${object.kind}/${nameOf(object)}`];
    if (object.kind !== 'StatefulSet') return [];
    return objectsOf(fieldOf(object.spec, 'volumeClaimTemplates')).map(
      (claim) => `${object.kind}/${nameOf(object)}/${asString(fieldOf(claim, 'metadata', 'name')) ?? ''}`,
    );
  });
}
