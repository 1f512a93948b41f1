import type Docker from 'dockerode';
import type { EngineInfo } from './engine.ts';
import { identityLabels, invalid, labels, networkName, shown } from './identity.ts';
import type { ContainerSpec, PodIdentity, PodSpec } from './pod-runtime.ts';

/** What a container gets where its Blueprint says nothing. */
export interface Defaults {
  readonly memoryBytes: number;
  readonly pids: number;
  readonly openFiles: number;
  readonly processes: number;
  readonly logBytes: number;
}

/** Limits for everything that an Organization runs; `openFiles` and `processes` must be at or under the host's hard limits. */
export const defaultLimits: Defaults = {
  memoryBytes: 512 * 1024 * 1024,
  pids: 2048,
  openFiles: 65_536,
  processes: 16_384,
  logBytes: 10 * 1024 * 1024,
};

/**
 * Capabilities that entry points of ordinary official images need while they are root: to hand a data folder to a user (CHOWN,
 * FOWNER, FSETID, DAC_OVERRIDE), to become that user (SETUID, SETGID), to signal it (KILL), to listen below 1024 in programs that carry
 * the file capability (NET_BIND_SERVICE). Docker's others are left out: NET_RAW (spoofing), MKNOD, SYS_CHROOT, AUDIT_WRITE, SETFCAP, SETPCAP.
 */
export const capabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETGID',
  'SETUID',
] as const;

/** A host path mounted into a container; made by us, never named by an Organization. */
export interface ResolvedMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

function logConfig(engine: EngineInfo, bytes: number): Docker.HostConfig['LogConfig'] {
  return engine.kind === 'podman'
    ? { Type: 'k8s-file', Config: { 'max-size': String(bytes) } }
    : { Type: 'json-file', Config: { 'max-size': String(bytes), 'max-file': '1' } };
}

function ulimits(limits: Defaults): { Name: string; Soft: number; Hard: number }[] {
  // Both are always given: Podman adds its own, higher ones for what is missing, and may not be allowed to.
  return [
    { Name: 'nofile', Soft: limits.openFiles, Hard: limits.openFiles },
    { Name: 'nproc', Soft: limits.processes, Hard: limits.processes },
  ];
}

/** The sandbox: holds the network namespace of a Pod, and through it the address, for the Pod's whole life. */
export function sandboxBody(options: {
  engine: EngineInfo;
  sovereignId: string;
  identity: PodIdentity;
  hostname: string;
  graceSeconds: number;
  image: string;
  limits: Defaults;
}): Docker.ContainerCreateOptions {
  const network = networkName(options.sovereignId, options.identity.environment);
  return {
    Image: options.image,
    Entrypoint: ['/pause'],
    Cmd: [],
    Hostname: options.hostname,
    User: '65534:65534',
    Labels: {
      ...identityLabels(options.sovereignId, options.identity),
      [labels.grace]: String(options.graceSeconds),
    },
    NetworkingConfig: { EndpointsConfig: { [network]: {} } },
    HostConfig: {
      NetworkMode: network,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 16,
      Memory: 16 * 1024 * 1024,
      MemorySwap: 16 * 1024 * 1024,
      LogConfig: logConfig(options.engine, 1024 * 1024),
      Ulimits: ulimits(options.limits),
      Sysctls: {
        // The Pod's own packet filter sends 127.0.0.1:<port of the Sovereign> to a Service address.
        'net.ipv4.conf.all.route_localnet': '1',
        // As on Docker: images that listen on port 80 as an ordinary user.
        'net.ipv4.ip_unprivileged_port_start': '0',
      },
    },
  };
}

/** One attempt of one container of a Pod. Throws `Invalid` for what an engine must not see. */
export function containerBody(options: {
  engine: EngineInfo;
  sovereignId: string;
  spec: PodSpec;
  container: ContainerSpec;
  init: boolean;
  attempt: number;
  imageId: string;
  sandbox: string;
  mounts: readonly ResolvedMount[];
  limits: Defaults;
}): Docker.ContainerCreateOptions {
  const { container, spec, limits, engine } = options;
  const memory = container.limits.memoryBytes ?? limits.memoryBytes;
  return {
    Image: options.imageId,
    ...(container.command && container.command.length > 0
      ? { Entrypoint: texts(container.command), Cmd: texts(container.args ?? []) }
      : container.args && { Cmd: texts(container.args) }),
    Env: environment(container.env),
    ...(container.workingDir !== undefined && { WorkingDir: text(container.workingDir) }),
    ...user(container),
    // Docker takes it from the sandbox and refuses it here; Podman would invent one.
    ...(engine.kind === 'podman' && { Hostname: spec.hostname }),
    Labels: {
      ...identityLabels(options.sovereignId, spec.identity),
      [labels.container]: container.name,
      [labels.init]: String(options.init),
      [labels.attempt]: String(options.attempt),
      [labels.image]: container.image,
      [labels.grace]: String(spec.terminationGraceSeconds),
    },
    HostConfig: {
      NetworkMode: `container:${options.sandbox}`,
      IpcMode: 'private',
      CapDrop: ['ALL'],
      CapAdd: [...capabilities],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: limits.pids,
      Memory: memory,
      MemorySwap: memory,
      ...(container.limits.cpuMillis !== undefined && {
        NanoCpus: Math.max(10, Math.round(container.limits.cpuMillis)) * 1_000_000,
      }),
      ReadonlyRootfs: container.readOnlyRootFilesystem,
      LogConfig: logConfig(engine, limits.logBytes),
      Ulimits: ulimits(limits),
      ...(spec.fsGroup !== undefined && { GroupAdd: [String(numericId(spec.fsGroup))] }),
      Mounts: options.mounts.map((mount) => ({
        Type: 'bind' as const,
        Source: mount.source,
        Target: mount.target,
        ReadOnly: mount.readOnly,
      })),
    },
  };
}

function user(container: ContainerSpec): { User?: string } {
  if (container.runAsUser === undefined) {
    if (container.runAsGroup === undefined) return {};
    throw invalid(`Container ${container.name} sets runAsGroup; it must set runAsUser too.`);
  }
  const group = container.runAsGroup === undefined ? '' : `:${numericId(container.runAsGroup)}`;
  return { User: `${numericId(container.runAsUser)}${group}` };
}

function numericId(id: number): number {
  if (!Number.isInteger(id) || id < 0 || id > 2_147_483_647)
    throw invalid(`${id} is not a user or group number.`);
  return id;
}

function environment(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => {
    if (name === '' || name.includes('=') || name.includes('\0'))
      throw invalid(`"${shown(name)}" is not a valid name of an environment variable.`);
    // The value may be a secret: never in the message.
    if (value.includes('\0') || Buffer.byteLength(value) > maxTextBytes)
      throw invalid(`The environment variable "${shown(name)}" holds a NUL or more than 128 kB.`);
    return `${name}=${value}`;
  });
}

/** Linux takes at most 128 kB in one argument or variable. */
const maxTextBytes = 128 * 1024 - 1024;

function texts(values: readonly string[]): string[] {
  return values.map(text);
}

function text(value: string): string {
  if (value.includes('\0') || Buffer.byteLength(value) > maxTextBytes)
    throw invalid('A command, argument or folder holds a NUL or more than 128 kB.');
  return value;
}

const refusedTargets = ['/proc', '/sys', '/dev', '/etc/hosts', '/etc/resolv.conf', '/etc/hostname'];

/** Checks where an Organization wants something mounted; the engine reads lists with commas and colons. Throws `Invalid`. */
export function checkMountTarget(path: string): string {
  const parts = path.split('/').slice(1);
  const clean = path.endsWith('/') && path.length > 1 ? path.slice(0, -1) : path;
  if (
    !path.startsWith('/') ||
    clean === '/' ||
    path.length > 1024 ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
    /[,:"\\\u0000-\u001f]/.test(path) ||
    parts.some((part, index) => part === '.' || part === '..' || (part === '' && index < parts.length - 1))
  )
    throw invalid(
      `"${shown(path)}" is no place to mount a volume: it must be absolute, without "..", ",", ":" .`,
    );
  const hit = refusedTargets.find(
    (refusedPath) => clean === refusedPath || clean.startsWith(`${refusedPath}/`),
  );
  if (hit && !clean.startsWith('/dev/shm'))
    throw invalid(`Nothing can be mounted at "${shown(path)}": ${hit} belongs to the container engine.`);
  return clean;
}
