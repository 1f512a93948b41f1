import type { JsonObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import type { Say } from './check-objects.ts';
import { isPort } from './check-objects.ts';
import { asArray, asObject, asString, fieldOf, objectsOf } from './json-fields.ts';
import { parseQuantity } from './quantities.ts';

const forbiddenFlags = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'];
const unsupported = ['ephemeralContainers', 'runtimeClassName', 'hostAliases', 'resourceClaims', 'os'];
const volumeKinds = ['emptyDir', 'configMap', 'secret', 'projected', 'downwardAPI', 'persistentVolumeClaim'];
const projections = ['configMap', 'secret', 'downwardAPI'];
const limits = ['cpu', 'memory', 'ephemeral-storage'];
const fieldPaths =
  /^(?:metadata\.(?:name|namespace|uid|labels\['[^']{1,200}'\]|annotations\['[^']{1,200}'\])|status\.(?:podIP|hostIP)|spec\.(?:nodeName|serviceAccountName))$/;
const maxContainers = 20;

/**
 * What no Organization may give an engine (privileges, host paths, host namespaces, devices …), and what we cannot run, by
 * field. Volume kinds are a list of what is allowed: an unknown one is refused.
 */
export function checkPodTemplate(template: unknown, say: Say): Problem[] {
  const spec = asObject(fieldOf(template, 'spec'));
  if (!spec) return [say('Invalid', 'spec', 'the Pod has no spec.')];
  const inits = objectsOf(spec.initContainers);
  const containers = objectsOf(spec.containers);
  const problems = [...checkFlags(spec, say), ...checkSecurity(spec.securityContext, 'securityContext', say)];
  if (containers.length === 0) problems.push(say('Invalid', 'spec.containers', 'the Pod has no container.'));
  if (containers.length + inits.length > maxContainers)
    problems.push(say('TooLarge', 'spec.containers', `a Pod has at most ${maxContainers} containers.`));
  objectsOf(spec.volumes).forEach((volume, index) => {
    problems.push(...checkVolume(volume, `spec.volumes[${index}]`, say));
  });
  const names = new Set<string>();
  const check = (container: JsonObject, field: string, init: boolean) => {
    const name = asString(container.name) ?? '';
    if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name) || names.has(name))
      problems.push(say('InvalidName', `${field}.name`, 'each container needs a name of its own.'));
    names.add(name);
    problems.push(...checkContainer(container, field, init, say));
  };
  inits.forEach((container, index) => {
    check(container, `spec.initContainers[${index}]`, true);
  });
  containers.forEach((container, index) => {
    check(container, `spec.containers[${index}]`, false);
  });
  return problems;
}

function checkFlags(spec: JsonObject, say: Say): Problem[] {
  return [
    ...forbiddenFlags
      .filter((flag) => spec[flag] !== undefined && spec[flag] !== false)
      .map((flag) => say('Forbidden', `spec.${flag}`, `${flag} is not allowed.`)),
    ...unsupported
      .filter(
        (field) =>
          spec[field] !== undefined && asArray(spec[field]).length + (Array.isArray(spec[field]) ? 0 : 1) > 0,
      )
      .map((field) => say('NeedsKubernetes', `spec.${field}`, `${field} needs Kubernetes.`)),
  ];
}

function checkSecurity(context: unknown, field: string, say: Say): Problem[] {
  const problems: Problem[] = [];
  const forbid = (at: string, message: string) => problems.push(say('Forbidden', `${field}.${at}`, message));
  if (fieldOf(context, 'privileged') !== undefined && fieldOf(context, 'privileged') !== false)
    forbid('privileged', 'privileged containers are not allowed.');
  if (asArray(fieldOf(context, 'capabilities', 'add')).length > 0)
    forbid('capabilities.add', 'added capabilities are not allowed.');
  if (asArray(fieldOf(context, 'sysctls')).length > 0) forbid('sysctls', 'kernel settings are not allowed.');
  if ((fieldOf(context, 'procMount') ?? 'Default') !== 'Default')
    forbid('procMount', 'an unmasked /proc is not allowed.');
  for (const profile of ['seccompProfile', 'appArmorProfile'])
    if (['Unconfined', 'Localhost'].includes(asString(fieldOf(context, profile, 'type')) ?? ''))
      forbid(`${profile}.type`, 'only the default profile is allowed.');
  for (const id of ['runAsUser', 'runAsGroup', 'fsGroup']) {
    const value = fieldOf(context, id);
    if (
      value !== undefined &&
      value !== null &&
      !(typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31)
    )
      problems.push(say('Invalid', `${field}.${id}`, 'a user or group is a whole number.'));
  }
  if (fieldOf(context, 'windowsOptions') !== undefined)
    problems.push(say('NeedsKubernetes', `${field}.windowsOptions`, 'Windows containers need Kubernetes.'));
  return problems;
}

function checkVolume(volume: JsonObject, field: string, say: Say): Problem[] {
  const name = asString(volume.name) ?? '';
  const kinds = Object.keys(volume).filter((key) => key !== 'name' && volume[key] !== null);
  const kind = kinds[0] ?? 'emptyDir';
  if (kinds.length > 1) return [say('Invalid', field, `the volume "${name}" has more than one kind.`)];
  if (kind === 'hostPath')
    return [
      say(
        'Forbidden',
        `${field}.hostPath`,
        `the volume "${name}" is a path of the host, which is not allowed.`,
      ),
    ];
  if (!volumeKinds.includes(kind))
    return [
      say('NeedsKubernetes', `${field}.${kind}`, `the volume "${name}" of kind ${kind} needs Kubernetes.`),
    ];
  if (kind === 'projected')
    return objectsOf(fieldOf(volume, 'projected', 'sources')).flatMap((source, index) => {
      const what = Object.keys(source)[0] ?? '';
      return projections.includes(what)
        ? []
        : [
            say(
              'NeedsKubernetes',
              `${field}.projected.sources[${index}].${what}`,
              `a projected ${what} needs Kubernetes.`,
            ),
          ];
    });
  return [];
}

function checkContainer(container: JsonObject, field: string, init: boolean, say: Say): Problem[] {
  const problems = checkSecurity(container.securityContext, `${field}.securityContext`, say);
  const image = asString(container.image);
  if (!image || image.length > 512 || /[\s\p{Cc}]/u.test(image) || image.startsWith('-'))
    problems.push(say('Invalid', `${field}.image`, 'a container names its image.'));
  objectsOf(container.ports).forEach((port, index) => {
    if (port.hostPort !== undefined && port.hostPort !== 0)
      problems.push(
        say('Forbidden', `${field}.ports[${index}].hostPort`, 'ports of the host are not allowed.'),
      );
    if (!isPort(port.containerPort))
      problems.push(
        say('Invalid', `${field}.ports[${index}].containerPort`, 'a port is a number from 1 to 65535.'),
      );
  });
  if (asArray(container.volumeDevices).length > 0)
    problems.push(say('Forbidden', `${field}.volumeDevices`, 'devices are not allowed.'));
  for (const kind of ['limits', 'requests'])
    for (const [resource, quantity] of Object.entries(
      asObject(fieldOf(container, 'resources', kind)) ?? {},
    )) {
      const at = `${field}.resources.${kind}.${resource}`;
      if (!limits.includes(resource))
        problems.push(say('NeedsKubernetes', at, `the resource ${resource} needs Kubernetes.`));
      else if ((parseQuantity(quantity) ?? -1) < 0)
        problems.push(say('Invalid', at, 'a quantity is written as "500m" or "1Gi".'));
    }
  if (init && container.restartPolicy !== undefined)
    problems.push(
      say(
        'NeedsKubernetes',
        `${field}.restartPolicy`,
        'an init container that keeps running needs Kubernetes.',
      ),
    );
  return [
    ...problems,
    ...checkMounts(container, field, say),
    ...checkEnv(container, field, say),
    ...checkHooks(container, field, say),
  ];
}

function checkMounts(container: JsonObject, field: string, say: Say): Problem[] {
  return objectsOf(container.volumeMounts).flatMap((mount, index) => {
    const at = `${field}.volumeMounts[${index}]`;
    const path = asString(mount.mountPath) ?? '';
    const subPath = asString(mount.subPath) ?? '';
    const problems: Problem[] = [];
    if (!path.startsWith('/') || path === '/' || path.split('/').includes('..') || /[:,\p{Cc}]/u.test(path))
      problems.push(
        say(
          'Invalid',
          `${at}.mountPath`,
          'a mount path is absolute, below "/" and without "..", ":" and ",".',
        ),
      );
    if (subPath.startsWith('/') || subPath.split('/').includes('..') || /\p{Cc}/u.test(subPath))
      problems.push(say('Invalid', `${at}.subPath`, 'a subPath is relative and without "..".'));
    if (mount.subPathExpr !== undefined)
      problems.push(say('NeedsKubernetes', `${at}.subPathExpr`, 'subPathExpr needs Kubernetes.'));
    if ((asString(mount.mountPropagation) ?? 'None') !== 'None')
      problems.push(say('Forbidden', `${at}.mountPropagation`, 'mount propagation is not allowed.'));
    return problems;
  });
}

function checkEnv(container: JsonObject, field: string, say: Say): Problem[] {
  const env = objectsOf(container.env);
  if (env.length > 1000) return [say('TooLarge', `${field}.env`, 'a container has at most 1,000 variables.')];
  return env.flatMap((variable, index) => {
    const at = `${field}.env[${index}]`;
    const name = asString(variable.name) ?? '';
    if (!/^[^=\p{Cc}]{1,253}$/u.test(name))
      return [say('InvalidName', `${at}.name`, 'a variable needs a name without "=".')];
    const value = variable.value;
    if (value !== undefined && value !== null && typeof value !== 'string')
      return [say('Invalid', `${at}.value`, `the value of ${name} must be text; put it in quotes.`)];
    const from = asObject(variable.valueFrom);
    if (!from) return [];
    const path = asString(fieldOf(from, 'fieldRef', 'fieldPath'));
    if (path !== undefined && fieldPaths.test(path)) return [];
    if (from.configMapKeyRef !== undefined || from.secretKeyRef !== undefined) return [];
    return [
      say(
        'NeedsKubernetes',
        `${at}.valueFrom`,
        `the source of ${name} (${path ?? Object.keys(from).join(', ')}) needs Kubernetes.`,
      ),
    ];
  });
}

function checkHooks(container: JsonObject, field: string, say: Say): Problem[] {
  const problems: Problem[] = [];
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    if (fieldOf(container, probe, 'grpc') !== undefined)
      problems.push(
        say(
          'NeedsKubernetes',
          `${field}.${probe}.grpc`,
          'a gRPC probe needs Kubernetes; use tcpSocket or exec.',
        ),
      );
  if (fieldOf(container, 'lifecycle', 'postStart') !== undefined)
    problems.push(
      say('NeedsKubernetes', `${field}.lifecycle.postStart`, 'a postStart hook needs Kubernetes.'),
    );
  const preStop = asObject(fieldOf(container, 'lifecycle', 'preStop'));
  if (preStop && preStop.exec === undefined && preStop.sleep === undefined)
    problems.push(
      say('NeedsKubernetes', `${field}.lifecycle.preStop`, 'only exec and sleep are supported here.'),
    );
  return problems;
}
