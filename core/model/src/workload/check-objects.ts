import type { KubernetesObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import { asArray, asNumber, asObject, asString, fieldOf, objectsOf } from './json-fields.ts';
import { parseBytes } from './quantities.ts';

/** Makes a problem of an object: code, field inside it, and what is wrong. */
export type Say = (code: string, field: string, message: string) => Problem;

const hostPattern =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** A Service must select Pods of its own, over TCP or UDP. */
export function checkService(object: KubernetesObject, say: Say): Problem[] {
  if (object.kind !== 'Service') return [];
  const spec = object.spec;
  const problems: Problem[] = [];
  // With a dot it could take the full name of another Application's Service.
  if (object.metadata.name.includes('.'))
    problems.push(say('InvalidName', 'metadata.name', 'the name of a Service has no dot.'));
  if (fieldOf(spec, 'type') === 'ExternalName')
    problems.push(say('NeedsKubernetes', 'spec.type', 'a Service of type ExternalName needs Kubernetes.'));
  else if (Object.keys(asObject(fieldOf(spec, 'selector')) ?? {}).length === 0)
    problems.push(say('NeedsKubernetes', 'spec.selector', 'a Service without a selector needs Kubernetes.'));
  if (asArray(fieldOf(spec, 'externalIPs')).length > 0)
    problems.push(say('Forbidden', 'spec.externalIPs', 'external addresses are not allowed.'));
  const ports = objectsOf(fieldOf(spec, 'ports'));
  if (ports.length > 50) problems.push(say('TooLarge', 'spec.ports', 'a Service has at most 50 ports.'));
  ports.forEach((port, index) => {
    const protocol = asString(port.protocol) ?? 'TCP';
    if (protocol !== 'TCP' && protocol !== 'UDP')
      problems.push(
        say('NeedsKubernetes', `spec.ports[${index}].protocol`, `the protocol ${protocol} needs Kubernetes.`),
      );
    if (!isPort(port.port))
      problems.push(say('Invalid', `spec.ports[${index}].port`, 'a port is a number from 1 to 65535.'));
    const target = port.targetPort;
    if (target !== undefined && typeof target !== 'string' && !isPort(target))
      problems.push(
        say(
          'Invalid',
          `spec.ports[${index}].targetPort`,
          'a target port is a number from 1 to 65535 or a name.',
        ),
      );
  });
  return problems;
}

/** True for a whole number from 1 to 65535. */
export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/** An Ingress may claim only the hosts of its Application, with plain backends. */
export function checkIngress(
  object: KubernetesObject,
  hosts: readonly string[] | undefined,
  say: Say,
): Problem[] {
  if (object.kind !== 'Ingress') return [];
  const problems: Problem[] = [];
  if (fieldOf(object.spec, 'defaultBackend') !== undefined)
    problems.push(
      say(
        'NeedsKubernetes',
        'spec.defaultBackend',
        'a default backend needs Kubernetes; name the host and path.',
      ),
    );
  const rules = objectsOf(fieldOf(object.spec, 'rules'));
  if (rules.length > 50) return [say('TooLarge', 'spec.rules', 'an Ingress has at most 50 rules.')];
  rules.forEach((rule, index) => {
    const host = rule.host;
    const field = `spec.rules[${index}].host`;
    if (host !== undefined && host !== '' && (typeof host !== 'string' || !hostPattern.test(host)))
      problems.push(say('Invalid', field, 'a host is a name in lower case without wildcard and port.'));
    else if (typeof host === 'string' && host !== '' && hosts && !hosts.includes(host))
      problems.push(
        say('ForeignHost', field, `the host "${host}" is none of this Application's (${hosts.join(', ')}).`),
      );
    const paths = objectsOf(fieldOf(rule, 'http', 'paths'));
    if (paths.length > 50)
      problems.push(say('TooLarge', `spec.rules[${index}].http.paths`, 'a rule has at most 50 paths.'));
    paths.forEach((path, at) => {
      const where = `spec.rules[${index}].http.paths[${at}]`;
      const text = asString(path.path) ?? '/';
      if (!text.startsWith('/') || text.length > 1000 || /[\s\p{Cc}]/u.test(text))
        problems.push(say('Invalid', `${where}.path`, 'a path begins with "/" and has no spaces.'));
      if (asString(fieldOf(path, 'backend', 'service', 'name')) === undefined)
        problems.push(
          say('NeedsKubernetes', `${where}.backend`, 'a backend that is no Service needs Kubernetes.'),
        );
    });
  });
  return problems;
}

/** Jobs run one Pod to completion; scaling is bounded. */
export function checkJob(object: KubernetesObject, say: Say): Problem[] {
  const spec = object.spec;
  if (object.kind === 'Job') {
    return ['completions', 'parallelism'].flatMap((field) =>
      (asNumber(fieldOf(spec, field)) ?? 1) > 1
        ? [say('NeedsKubernetes', `spec.${field}`, `a Job with ${field} over 1 needs Kubernetes.`)]
        : [],
    );
  }
  if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return [];
  const replicas = fieldOf(spec, 'replicas') ?? 1;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0 || replicas > 50)
    return [say('Invalid', 'spec.replicas', 'replicas is a whole number from 0 to 50.')];
  return [];
}

/** Rules of claims, secrets and configuration. */
export function checkOther(object: KubernetesObject, namespace: string, say: Say): Problem[] {
  const spec = object.spec;
  if (object.kind === 'PersistentVolumeClaim') return checkClaim(spec, 'spec', say);
  if (object.kind === 'StatefulSet')
    return objectsOf(fieldOf(spec, 'volumeClaimTemplates')).flatMap((claim, index) => {
      const name = asString(fieldOf(claim, 'metadata', 'name'));
      const field = `spec.volumeClaimTemplates[${index}]`;
      return name && /^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?$/.test(name)
        ? checkClaim(claim.spec, `${field}.spec`, say)
        : [
            say(
              'InvalidName',
              `${field}.metadata.name`,
              'a claim needs a name of lower-case letters, digits and "-".',
            ),
          ];
    });
  if (object.kind === 'ExternalSecret') return checkExternalSecret(spec, namespace, say);
  if (object.kind === 'Secret')
    return Object.entries(asObject(object.data) ?? {}).flatMap(([key, value]) =>
      typeof value === 'string' && isUtf8(value)
        ? []
        : [say('Invalid', `data.${key}`, `the value of ${key} must be text in base64.`)],
    );
  if (object.kind === 'ConfigMap')
    return Object.entries(asObject(object.binaryData) ?? {}).flatMap(([key, value]) =>
      isUtf8(asString(value) ?? '')
        ? []
        : [say('NeedsKubernetes', `binaryData.${key}`, 'binary content that is no text is not supported.')],
    );
  return [];
}

function isUtf8(base64: string): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
    );
    return true;
  } catch {
    return false;
  }
}

function checkClaim(spec: unknown, field: string, say: Say): Problem[] {
  const problems: Problem[] = [];
  if (parseBytes(fieldOf(spec, 'resources', 'requests', 'storage')) === undefined)
    problems.push(
      say(
        'Invalid',
        `${field}.resources.requests.storage`,
        'a claim says how much storage it asks for, as "1Gi".',
      ),
    );
  if (fieldOf(spec, 'volumeMode') === 'Block')
    problems.push(say('NeedsKubernetes', `${field}.volumeMode`, 'a block device needs Kubernetes.'));
  for (const from of ['dataSource', 'dataSourceRef', 'volumeName'])
    if (fieldOf(spec, from) !== undefined)
      problems.push(say('NeedsKubernetes', `${field}.${from}`, `a claim with ${from} needs Kubernetes.`));
  return problems;
}

function checkExternalSecret(spec: unknown, namespace: string, say: Say): Problem[] {
  const problems: Problem[] = [];
  const check = (key: unknown, field: string) => {
    if (typeof key !== 'string' || !isOwnSecretKey(key, namespace))
      problems.push(
        say('ForeignSecret', field, `an Application reads only its own secrets, "${namespace}/…".`),
      );
  };
  objectsOf(fieldOf(spec, 'dataFrom')).forEach((from, index) => {
    const field = `spec.dataFrom[${index}]`;
    if (asObject(from.extract) === undefined)
      problems.push(say('NeedsKubernetes', field, 'only "extract" is supported here.'));
    else check(fieldOf(from, 'extract', 'key'), `${field}.extract.key`);
  });
  objectsOf(fieldOf(spec, 'data')).forEach((data, index) => {
    check(fieldOf(data, 'remoteRef', 'key'), `spec.data[${index}].remoteRef.key`);
  });
  if (fieldOf(spec, 'target', 'template') !== undefined)
    problems.push(
      say('NeedsKubernetes', 'spec.target.template', 'templates of an ExternalSecret need Kubernetes.'),
    );
  return problems;
}

/** True when a key of the secret store belongs to the Application: `<application>/<name>[/<name>…]`, without dots as steps. */
export function isOwnSecretKey(key: string, application: string): boolean {
  const [first, ...rest] = key.split('/');
  return (
    first === application &&
    rest.length > 0 &&
    rest.every((step) => /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}$/.test(step))
  );
}
