import type { Probes } from './probes.ts';

/** Stands for the Pod's name in a resolved template until the Pod has one. */
export const podNameToken = '\u0001pod-name\u0001';
/** Stands for the Pod's address until it has one. */
export const podAddressToken = '\u0001pod-address\u0001';
/** Memory limit of a container that names none: nothing may be unbounded. */
export const defaultMemoryBytes = 2 * 2 ** 30;

/** Contents of an Environment's namespace that Pods refer to: text by key, by name of the ConfigMap or Secret. */
export interface ConfigSources {
  readonly configMaps: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** A file tree that containers mount. */
export type ResolvedVolume =
  | { readonly name: string; readonly kind: 'claim'; readonly claim: string }
  | {
      readonly name: string;
      readonly kind: 'files';
      readonly secret: boolean;
      readonly files: Readonly<Record<string, { readonly content: string; readonly mode?: number }>>;
    }
  | {
      readonly name: string;
      readonly kind: 'empty';
      readonly memory: boolean;
      readonly sizeLimitBytes?: number;
    };

/** A container with every reference resolved. */
export interface ResolvedContainer {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Kubernetes `command` (entrypoint) and `args`. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly mounts: readonly {
    readonly volume: string;
    readonly path: string;
    readonly subPath?: string;
    readonly readOnly: boolean;
  }[];
  readonly limits: { readonly cpuMillis?: number; readonly memoryBytes?: number };
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly readOnlyRootFilesystem: boolean;
}

/** How we look after a running container; no part of what the engine is told. */
export interface ContainerCare {
  readonly probes: Probes;
  /** Container ports by name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly preStop?: { readonly command?: readonly string[]; readonly sleepSeconds?: number };
}

/** A Pod template with every reference resolved; `podNameToken` and `podAddressToken` are filled in per Pod. */
export interface ResolvedTemplate {
  readonly hash: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly initContainers: readonly ResolvedContainer[];
  readonly containers: readonly ResolvedContainer[];
  readonly volumes: readonly ResolvedVolume[];
  readonly fsGroup?: number;
  readonly hostname?: string;
  readonly terminationGraceSeconds: number;
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly care: Readonly<Record<string, ContainerCare>>;
}

/** Fills a Pod's name (and, when known, address) into any resolved value. */
export function fillTokens<T>(value: T, name: string, address?: string): T {
  if (typeof value === 'string') {
    const named = value.replaceAll(podNameToken, name);
    return (address === undefined ? named : named.replaceAll(podAddressToken, address)) as T;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => fillTokens(item, name, address)) as T;
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fillTokens(item as unknown, name, address)]),
    ) as T;
  return value;
}
