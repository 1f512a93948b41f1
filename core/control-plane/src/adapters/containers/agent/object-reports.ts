import type { ObjectObserved } from '@catalyst/model/events/cloud-event.ts';
import type { JsonObject, KubernetesObject } from '@catalyst/model/kubernetes.ts';
import { fieldOf } from '@catalyst/model/workload/json-fields.ts';
import { toPodView } from '@catalyst/model/workload/pod-view.ts';
import type { RouteDefinition, ServiceDefinition } from '@catalyst/model/workload/services.ts';
import { isExclusiveClaim, requestedBytesOf, type Workload } from '@catalyst/model/workload/workloads.ts';
import type { PodObservation } from './pod-keeper.ts';

/** Remembers what was reported of each object and tells only what changed. */
export interface ObjectReports {
  /** Replaces everything reported of an Application; what is missing now is reported as deleted. */
  replace(environment: string, application: string, objects: readonly ObjectObserved[]): void;
  all(): readonly ObjectObserved[];
  onObject(listener: (object: ObjectObserved) => void): void;
}

/** Creates an empty record of reports. */
export function createObjectReports(): ObjectReports {
  const reported = new Map<string, Map<string, ObjectObserved>>();
  const listeners: ((object: ObjectObserved) => void)[] = [];
  const tell = (object: ObjectObserved) => {
    for (const listener of listeners) listener(object);
  };
  return {
    replace(environment, application, objects) {
      const key = `${environment}/${application}`;
      const before = reported.get(key) ?? new Map<string, ObjectObserved>();
      const after = new Map(objects.map((object) => [`${object.kind}/${object.name}`, object]));
      if (after.size > 0) reported.set(key, after);
      else reported.delete(key);
      for (const [name, object] of after)
        if (JSON.stringify(before.get(name)) !== JSON.stringify(object)) tell(object);
      for (const [name, object] of before)
        if (!after.has(name)) tell({ ...object, deleted: true, status: {} });
    },
    all: () => [...reported.values()].flatMap((objects) => [...objects.values()]),
    onObject: (listener) => {
      listeners.push(listener);
    },
  };
}

/** What there is to report of one Application. */
export interface ReportInput {
  readonly environment: string;
  readonly application: string;
  readonly objects: readonly KubernetesObject[];
  readonly workloads: readonly {
    readonly workload: Workload;
    readonly replicas: number;
    readonly done: boolean;
    readonly failed: boolean;
  }[];
  readonly services: readonly {
    readonly service: ServiceDefinition;
    readonly address: string;
    readonly endpoints: number;
  }[];
  readonly routes: readonly RouteDefinition[];
  readonly pods: readonly PodObservation[];
}

/** Kubernetes-like statuses of the objects that run: one per Pod (a PodView), workload, Service, claim and Ingress. */
export function toReports(input: ReportInput): ObjectObserved[] {
  const report = (apiVersion: string, kind: string, name: string, status: JsonObject): ObjectObserved => ({
    environment: input.environment,
    application: input.application,
    apiVersion,
    kind,
    namespace: input.application,
    name,
    status,
  });
  return [
    ...input.pods.map((pod) =>
      report('v1', 'Pod', pod.name, toPodView({ ...pod, component: pod.identity.owner.name }) as JsonObject),
    ),
    ...input.workloads
      .filter(({ workload }) => workload.kind !== 'Pod')
      .map((item) => {
        const { kind, name } = item.workload;
        return report(kind === 'Job' ? 'batch/v1' : 'apps/v1', kind, name, workloadStatus(item, input.pods));
      }),
    ...input.services.map(({ service, address, endpoints }) =>
      report('v1', 'Service', service.name, {
        address,
        endpoints,
        ports: service.ports.map(({ port, protocol }) => ({ port, protocol })),
      }),
    ),
    ...input.objects.flatMap((object) => {
      const { name } = object.metadata;
      if (object.kind === 'PersistentVolumeClaim')
        return report('v1', object.kind, name, {
          phase: 'Bound',
          requestedBytes: requestedBytesOf(object['spec']),
          exclusive: isExclusiveClaim(object['spec']),
        });
      if (object.kind !== 'Ingress') return [];
      const own = input.routes.filter((route) => route.ingress === name);
      return report('networking.k8s.io/v1', object.kind, name, {
        routes: own.map(({ host, path, service, port }) => ({ host, path, service, port })),
      });
    }),
  ];
}

function workloadStatus(item: ReportInput['workloads'][number], pods: readonly PodObservation[]): JsonObject {
  const { workload } = item;
  const own = pods.filter(
    ({ identity }) => identity.owner.kind === workload.kind && identity.owner.name === workload.name,
  );
  if (workload.kind === 'Job')
    return {
      active: own.filter((pod) => pod.ended === undefined).length,
      succeeded: item.done ? 1 : 0,
      failed: own.filter((pod) => pod.ended === 'Failed').length,
      complete: item.done,
      gaveUp: item.failed,
    };
  const ready = own.filter((pod) => pod.ready).length;
  return {
    replicas: own.filter((pod) => !pod.terminating).length,
    desiredReplicas: item.replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    settled: item.done,
    image: String(
      fieldOf(
        own[0]?.containers.find((container) => !container.init),
        'image',
      ) ?? '',
    ),
  };
}
