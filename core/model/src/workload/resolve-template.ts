import type { JsonObject } from '../kubernetes.ts';
import { ok, type Problem, type Result } from '../problem.ts';
import { hashOf } from './canonical.ts';
import { expandVariables } from './expand.ts';
import { asNumber, asObject, asString, fieldOf, objectsOf, stringsOf } from './json-fields.ts';
import {
  type ConfigSources,
  type ContainerCare,
  defaultMemoryBytes,
  type ResolvedContainer,
  type ResolvedTemplate,
} from './pod-template.ts';
import { type Probes, toProbe } from './probes.ts';
import { parseBytes, parseCpuMillis } from './quantities.ts';
import { factsOf, type PodFacts, resolveEnvironment } from './resolve-environment.ts';
import { resolveVolumes } from './resolve-volumes.ts';

/**
 * Resolves a checked Pod template (see `checkObjects`) against the ConfigMaps and Secrets of its namespace. The hash covers all
 * that would make another Pod of it: contents of what is mounted or in variables, and `salt` (as `restartedAt`).
 * Problems: `CreateContainerConfigError`, naming what is missing.
 */
export function resolveTemplate(input: {
  readonly template: unknown;
  readonly namespace: string;
  readonly sources: ConfigSources;
  readonly claimTemplates: readonly string[];
  readonly salt: unknown;
}): Result<ResolvedTemplate> {
  const spec = asObject(fieldOf(input.template, 'spec')) ?? {};
  const facts = factsOf(input.template, input.namespace);
  const problems: Problem[] = [];
  const { volumes, problems: volumeProblems } = resolveVolumes(
    spec,
    input.sources,
    facts,
    input.claimTemplates,
  );
  problems.push(...volumeProblems);
  const fileVolumes = new Set(
    volumes.filter((volume) => volume.kind === 'files').map((volume) => volume.name),
  );
  const readOnlyClaims = new Set(
    objectsOf(spec.volumes)
      .filter((volume) => fieldOf(volume, 'persistentVolumeClaim', 'readOnly') === true)
      .map((volume) => asString(volume.name) ?? ''),
  );
  const care: Record<string, ContainerCare> = {};
  const resolveAll = (field: string) =>
    objectsOf(spec[field]).map((container) => {
      const { env, problems: found } = resolveEnvironment(container, input.sources, facts);
      problems.push(...found);
      for (const mount of objectsOf(container.volumeMounts))
        if (!volumes.some((volume) => volume.name === mount.name))
          problems.push({
            code: 'CreateContainerConfigError',
            message: `The container "${asString(container.name) ?? ''}" mounts a volume "${String(mount.name).slice(0, 63)}" that the Pod does not have; add it or remove the mount.`,
          });
      const resolved = resolveContainer(
        container,
        spec,
        env,
        (volume) => fileVolumes.has(volume) || readOnlyClaims.has(volume),
      );
      care[resolved.name] = toCare(container);
      return resolved;
    });
  const initContainers = resolveAll('initContainers');
  const containers = resolveAll('containers');
  if (problems.length > 0) return { ok: false, problems };
  const fsGroup = asNumber(fieldOf(spec, 'securityContext', 'fsGroup'));
  const hostname = asString(spec.hostname);
  const grace = asNumber(spec.terminationGracePeriodSeconds) ?? 30;
  const policy = asString(spec.restartPolicy);
  const resolved = {
    labels: facts.labels,
    initContainers,
    containers,
    volumes,
    ...(fsGroup === undefined ? {} : { fsGroup }),
    ...(hostname === undefined ? {} : { hostname }),
    terminationGraceSeconds: Math.min(Math.max(Math.trunc(grace), 0), 600),
    restartPolicy: policy === 'OnFailure' || policy === 'Never' ? policy : 'Always',
    care,
  } as const;
  return ok({ ...resolved, hash: hashOf([templateIdentity(resolved, facts), input.salt ?? null]) });
}

/** Annotations count (charts put checksums there); probes and grace do not make another Pod, but Kubernetes replaces it too. */
function templateIdentity(resolved: object, facts: PodFacts): unknown {
  return [resolved, facts.annotations];
}

function resolveContainer(
  container: JsonObject,
  pod: JsonObject,
  env: Readonly<Record<string, string>>,
  isReadOnly: (volume: string) => boolean,
): ResolvedContainer {
  const image = asString(container.image) ?? '';
  const expand = (field: string) => stringsOf(container[field]).map((text) => expandVariables(text, env));
  const command = expand('command');
  const args = expand('args');
  const workingDir = asString(container.workingDir);
  const cpuMillis = parseCpuMillis(fieldOf(container, 'resources', 'limits', 'cpu'));
  const memoryBytes = parseBytes(fieldOf(container, 'resources', 'limits', 'memory')) ?? defaultMemoryBytes;
  const idOf = (field: string) =>
    asNumber(fieldOf(container, 'securityContext', field)) ??
    asNumber(fieldOf(pod, 'securityContext', field));
  const runAsUser = idOf('runAsUser');
  const runAsGroup = idOf('runAsGroup');
  return {
    name: asString(container.name) ?? '',
    image,
    imagePullPolicy: pullPolicyOf(image, asString(container.imagePullPolicy)),
    ...(command.length > 0 ? { command } : {}),
    ...(args.length > 0 ? { args } : {}),
    env,
    ...(workingDir ? { workingDir } : {}),
    mounts: objectsOf(container.volumeMounts).map((mount) => {
      const volume = asString(mount.name) ?? '';
      const subPath = asString(mount.subPath);
      return {
        volume,
        path: asString(mount.mountPath) ?? '',
        ...(subPath ? { subPath } : {}),
        readOnly: mount.readOnly === true || isReadOnly(volume),
      };
    }),
    limits: { ...(cpuMillis === undefined ? {} : { cpuMillis }), memoryBytes },
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    readOnlyRootFilesystem: fieldOf(container, 'securityContext', 'readOnlyRootFilesystem') === true,
  };
}

/** Kubernetes' default: `Always` for the tag `latest` or none, `IfNotPresent` for any other tag or a digest. */
export function pullPolicyOf(image: string, asked: string | undefined): 'Always' | 'IfNotPresent' | 'Never' {
  if (asked === 'Always' || asked === 'IfNotPresent' || asked === 'Never') return asked;
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function toCare(container: JsonObject): ContainerCare {
  const startup = toProbe(container.startupProbe);
  const readiness = toProbe(container.readinessProbe);
  const liveness = toProbe(container.livenessProbe);
  const probes: Probes = {
    ...(startup ? { startup } : {}),
    ...(readiness ? { readiness } : {}),
    ...(liveness ? { liveness } : {}),
  };
  const ports = Object.fromEntries(
    objectsOf(container.ports).flatMap((port) => {
      const name = asString(port.name);
      const number = asNumber(port.containerPort);
      return name && number !== undefined ? [[name, number]] : [];
    }),
  );
  const command = stringsOf(fieldOf(container, 'lifecycle', 'preStop', 'exec', 'command'));
  const sleepSeconds = asNumber(fieldOf(container, 'lifecycle', 'preStop', 'sleep', 'seconds'));
  if (command.length > 0) return { probes, ports, preStop: { command } };
  return sleepSeconds === undefined ? { probes, ports } : { probes, ports, preStop: { sleepSeconds } };
}
