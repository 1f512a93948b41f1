import type { ResolvedContainer, ResolvedVolume } from '@catalyst/model/workload/pod-template.ts';
import type { LogLine, LogRequest, VolumeInfo } from '../../../ports/workloads.ts';

/** Where a Pod lives and what it belongs to; every engine object carries these as labels `io.openova.catalyst.*`. */
export interface PodIdentity {
  readonly organization: string;
  readonly environment: string;
  readonly application: string;
  /** Unique in the Environment, as `web-7d9f6c-1`. */
  readonly pod: string;
  /** Deployment, StatefulSet or Job that it belongs to. */
  readonly owner: { readonly kind: string; readonly name: string };
  /** Hash of everything that would make another Pod of it: a Pod is never changed, only replaced. */
  readonly templateHash: string;
}

/** A file tree mounted into containers. Files of Secrets live on tmpfs. */
export type PodVolume = ResolvedVolume;

/** One container, with everything resolved: no references to ConfigMaps or Secrets are left. */
export type ContainerSpec = ResolvedContainer;

/** A Pod to make. */
export interface PodSpec {
  readonly identity: PodIdentity;
  readonly hostname: string;
  readonly fsGroup?: number;
  readonly initContainers: readonly ContainerSpec[];
  readonly containers: readonly ContainerSpec[];
  readonly volumes: readonly PodVolume[];
  readonly terminationGraceSeconds: number;
  /** Hosts under which the Application can reach itself on the Sovereign's port, each with the stable address that answers. */
  readonly selfHosts: readonly { readonly host: string; readonly address: string; readonly port: number }[];
}

/** A container as the engine reports it. */
export interface ContainerStatus {
  readonly name: string;
  readonly init: boolean;
  readonly image: string;
  readonly state: 'waiting' | 'running' | 'terminated';
  /** `Pulling`, `ImagePullBackOff`, `Completed`, `Error`, `OOMKilled` … */
  readonly reason?: string;
  readonly message?: string;
  readonly exitCode?: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly restarts: number;
  readonly last?: { readonly exitCode: number; readonly reason: string; readonly finishedAt: string };
}

/** A Pod as the engine reports it. */
export interface PodStatus {
  readonly identity: PodIdentity;
  readonly address?: string;
  readonly createdAt: string;
  readonly containers: readonly ContainerStatus[];
}

/** A stable address with its ports. `endpoints` are the ready ones only. */
export interface ServiceRule {
  readonly environment: string;
  readonly application: string;
  /** Service name; its names are `<name>` (inside the Application), `<name>.<application>[.svc[.cluster.local]]`. */
  readonly service: string;
  readonly address: string;
  readonly ports: readonly {
    readonly port: number;
    readonly protocol: 'tcp' | 'udp';
    readonly endpoints: readonly { readonly address: string; readonly port: number }[];
  }[];
  /** Headless: names resolve to the endpoints' addresses. */
  readonly headless: boolean;
  /** Further names, as `<pod>.<service>` of a StatefulSet. */
  readonly hostNames: readonly { readonly name: string; readonly address: string }[];
}

/**
 * Pods, volumes, networks and stable addresses on a container engine (Docker API) and the host's packet filter. All calls are
 * idempotent. Nothing that an Organization wrote reaches the engine unchecked: no privileges, host paths, host namespaces or
 * added capabilities can be expressed here. Throws `Unavailable` while the engine does not answer.
 */
export interface PodRuntime {
  start(): Promise<void>;
  stop(): Promise<void>;
  availability(): { readonly available: boolean; readonly message: string };
  onAvailability(listener: (available: boolean, message: string) => void): void;
  /** Something about a Pod changed (engine event or poll); look again. */
  onChange(listener: (identity: PodIdentity) => void): void;
  /** All Pods of this Sovereign, by labels; what no other record says is found here after a crash. */
  pods(): Promise<PodStatus[]>;
  pod(environment: string, pod: string): Promise<PodStatus | undefined>;
  /** Makes sure that the image is there, by the mirror map, else by pulling. Else `message` goes on where a sentence has named the image, as `is not on this machine`. */
  ensureImage(
    image: string,
    policy: 'Always' | 'IfNotPresent' | 'Never',
  ): Promise<
    { ok: true; id: string } | { ok: false; reason: 'ErrImagePull' | 'InvalidImageName'; message: string }
  >;
  /** Creates the sandbox with its address. Init containers are started one by one by `startContainer`. */
  createPod(spec: PodSpec): Promise<PodStatus>;
  /** Starts (or starts again) one container of a Pod; the predecessor's log is kept as `previous`. */
  startContainer(spec: PodSpec, container: string): Promise<void>;
  /** Stops one running container with grace; the Pod and its address stay, and `startContainer` starts it again. */
  stopContainer(environment: string, pod: string, container: string, graceSeconds: number): Promise<void>;
  /** Runs a command inside, for probes. */
  exec(
    environment: string,
    pod: string,
    container: string,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<{ exitCode: number; output: string }>;
  /** Stops with grace and removes the Pod; its volumes stay. */
  removePod(environment: string, pod: string, graceSeconds: number): Promise<void>;
  /** The whole table of one Environment, applied atomically; survives the control plane. */
  setServices(environment: string, rules: readonly ServiceRule[]): Promise<void>;
  /** A stable address for a Service, the same for the life of the Service. */
  serviceAddress(environment: string, application: string, service: string): Promise<string>;
  ensureVolume(
    environment: string,
    application: string,
    claim: string,
    requestedBytes: number,
  ): Promise<void>;
  volumes(environment?: string, application?: string): Promise<Omit<VolumeInfo, 'inUse'>[]>;
  /** False, and nothing is deleted, where there is no such volume or anything on this machine has it mounted. */
  deleteVolume(environment: string, application: string, claim: string): Promise<boolean>;
  logs(request: LogRequest): Promise<AsyncIterable<LogLine> | undefined>;
  /** Removes the network of an Environment in which nothing runs. */
  removeEnvironment(environment: string): Promise<void>;
  /** Stops all Pods of this Sovereign. */
  stopAll(): Promise<void>;
}
