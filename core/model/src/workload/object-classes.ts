import { groupOf, type KubernetesObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import { checkClaims } from './check-claims.ts';
import { checkIngress, checkJob, checkOther, checkService } from './check-objects.ts';
import { checkPodTemplate } from './check-pods.ts';
import { asObject } from './json-fields.ts';
import { podTemplateOf } from './workloads.ts';

export { podTemplateOf } from './workloads.ts';

/**
 * What becomes of an object on one machine (design.md section 7): `run`; `accepted`, which is stated as not enforced here;
 * or `refused` before anything is applied, because it needs Kubernetes.
 */
export type ObjectClass = 'run' | 'accepted' | 'refused';

const classes: Readonly<Record<string, ObjectClass>> = {
  'apps/Deployment': 'run',
  'apps/StatefulSet': 'run',
  'batch/Job': 'run',
  '/Pod': 'run',
  '/Service': 'run',
  'networking.k8s.io/Ingress': 'run',
  '/ConfigMap': 'run',
  '/Secret': 'run',
  'external-secrets.io/ExternalSecret': 'run',
  '/PersistentVolumeClaim': 'run',
  '/ServiceAccount': 'accepted',
  'rbac.authorization.k8s.io/Role': 'accepted',
  'rbac.authorization.k8s.io/RoleBinding': 'accepted',
  'policy/PodDisruptionBudget': 'accepted',
  'autoscaling/HorizontalPodAutoscaler': 'accepted',
  'networking.k8s.io/NetworkPolicy': 'accepted',
  '/Namespace': 'accepted',
};
const maxObjects = 500;
const namePattern = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/;

/** The class of an object, by API group and kind. */
export function classifyObject(object: Pick<KubernetesObject, 'apiVersion' | 'kind'>): ObjectClass {
  const key = `${groupOf(object.apiVersion)}/${object.kind}`;
  return Object.hasOwn(classes, key) ? (classes[key] ?? 'refused') : 'refused';
}

/** `Kind/name`, as messages and lists name an object. */
export function objectTitle(object: KubernetesObject): string {
  return `${object.kind}/${object.metadata?.name ?? ''}`;
}

/**
 * Everything about rendered objects that one machine must refuse, by object and field; empty when all of it may be applied.
 * Nothing is applied unless this is empty. `namespace` is the Application's own, the only one it may write to; `hosts`, where
 * given, are the only ones an Ingress may claim.
 */
export function checkObjects(
  objects: readonly KubernetesObject[],
  context: { readonly namespace: string; readonly hosts?: readonly string[] },
): Problem[] {
  if (objects.length > maxObjects)
    return [
      {
        code: 'TooLarge',
        message: `There are ${objects.length} objects; at most ${maxObjects} are accepted.`,
      },
    ];
  const seen = new Set<string>();
  const problems = objects.flatMap((object) => {
    const title = objectTitle(object);
    const identity = checkIdentity(object, context.namespace, seen);
    if (identity.length > 0) return identity;
    const say = (code: string, field: string, message: string): Problem => ({
      code,
      field: `${title}: ${field}`,
      message: `${title}: ${message}`,
    });
    const template = podTemplateOf(object);
    return [
      ...(template === undefined ? [] : checkPodTemplate(template, say)),
      ...checkService(object, say),
      ...checkIngress(object, context.hosts, say),
      ...checkJob(object, say),
      ...checkOther(object, context.namespace, say),
    ];
  });
  return problems.length > 0 ? problems.slice(0, 50) : checkClaims(objects);
}

function checkIdentity(object: KubernetesObject, namespace: string, seen: Set<string>): Problem[] {
  const name: unknown = object.metadata?.name;
  const title = objectTitle(object);
  const refuse = (code: string, field: string, message: string): Problem[] => [
    { code, field: `${title}: ${field}`, message: `${title}: ${message}` },
  ];
  if (classifyObject(object) === 'refused')
    return refuse(
      'NeedsKubernetes',
      'kind',
      `an object of kind ${object.kind} (${object.apiVersion}) needs Kubernetes and cannot run on one machine. Remove it, or install on a Sovereign with clusters.`,
    );
  if (typeof name !== 'string' || !namePattern.test(name))
    return refuse(
      'InvalidName',
      'metadata.name',
      'a name has 1 to 63 lower-case letters, digits, "-" and "."',
    );
  const own: unknown = asObject(object.metadata)?.namespace;
  if (own !== undefined && own !== '' && own !== namespace)
    return refuse(
      'ForeignNamespace',
      'metadata.namespace',
      `the namespace must be the Application's own, "${namespace}".`,
    );
  if (object.kind === 'Namespace' && name !== namespace)
    return refuse(
      'ForeignNamespace',
      'metadata.name',
      `the only Namespace an Application has is "${namespace}".`,
    );
  const key = `${groupOf(object.apiVersion)}/${title}`;
  if (seen.has(key)) return refuse('Duplicate', 'metadata.name', 'the same object is there twice.');
  seen.add(key);
  return [];
}
