import type { KubernetesObject } from '../kubernetes.ts';
import type { Resources } from '../views/plan.ts';
import { fieldOf, objectsOf } from '../workload/json-fields.ts';
import { podTemplateOf } from '../workload/object-classes.ts';
import { parseBytes, parseCpuMillis } from '../workload/quantities.ts';
import { turnOf } from '../workload/workloads.ts';

export type { Resources } from '../views/plan.ts';

/** Nothing at all. */
export const noResources: Resources = { cpuMillis: 0, memoryBytes: 0, storageBytes: 0 };

/** Field by field. */
export function addResources(...all: readonly Resources[]): Resources {
  const sum = { ...noResources };
  for (const one of all) {
    sum.cpuMillis += one.cpuMillis;
    sum.memoryBytes += one.memoryBytes;
    sum.storageBytes += one.storageBytes;
  }
  return sum;
}

/**
 * What the rendered objects may take: limits (requests where there is no limit) of every container, sidecars included, times
 * the replicas; init containers, and hooks that run before or after everything else, count where they need more than what runs
 * beside them; storage is what the claims ask for. While it is paused only the storage counts.
 */
export function sumResources(objects: readonly KubernetesObject[], paused = false): Resources {
  const sum = { ...noResources };
  const hooks = { cpuMillis: 0, memoryBytes: 0 };
  for (const object of objects) {
    const turn = turnOf(object);
    if (turn === undefined) continue;
    const replicas = Number(fieldOf(object, 'spec', 'replicas') ?? 1);
    for (const claim of objectsOf(fieldOf(object, 'spec', 'volumeClaimTemplates')))
      sum.storageBytes += storageOf(claim) * replicas;
    if (object.kind === 'PersistentVolumeClaim') sum.storageBytes += storageOf(object);
    const template = podTemplateOf(object);
    if (template === undefined || paused) continue;
    const pod = podResources(template);
    if (turn !== 'main') {
      hooks.cpuMillis = Math.max(hooks.cpuMillis, pod.cpuMillis);
      hooks.memoryBytes = Math.max(hooks.memoryBytes, pod.memoryBytes);
      continue;
    }
    sum.cpuMillis += pod.cpuMillis * replicas;
    sum.memoryBytes += pod.memoryBytes * replicas;
  }
  sum.cpuMillis = Math.max(sum.cpuMillis, hooks.cpuMillis);
  sum.memoryBytes = Math.max(sum.memoryBytes, hooks.memoryBytes);
  return sum;
}

function storageOf(claim: unknown): number {
  return parseBytes(fieldOf(claim, 'spec', 'resources', 'requests', 'storage')) ?? 0;
}

type PodResources = Pick<Resources, 'cpuMillis' | 'memoryBytes'>;

/** Kubernetes' rule: an init container runs beside the sidecars that were started before it. */
function podResources(template: unknown): PodResources {
  const sum = { cpuMillis: 0, memoryBytes: 0 };
  const most = { cpuMillis: 0, memoryBytes: 0 };
  const add = (more: PodResources) => {
    sum.cpuMillis += more.cpuMillis;
    sum.memoryBytes += more.memoryBytes;
  };
  for (const container of objectsOf(fieldOf(template, 'spec', 'initContainers'))) {
    const own = containerResources(container);
    if (container.restartPolicy === 'Always') add(own);
    else {
      most.cpuMillis = Math.max(most.cpuMillis, sum.cpuMillis + own.cpuMillis);
      most.memoryBytes = Math.max(most.memoryBytes, sum.memoryBytes + own.memoryBytes);
    }
  }
  for (const container of objectsOf(fieldOf(template, 'spec', 'containers')))
    add(containerResources(container));
  return {
    cpuMillis: Math.max(sum.cpuMillis, most.cpuMillis),
    memoryBytes: Math.max(sum.memoryBytes, most.memoryBytes),
  };
}

function containerResources(container: unknown): PodResources {
  const take = (name: string) =>
    fieldOf(container, 'resources', 'limits', name) ?? fieldOf(container, 'resources', 'requests', name);
  return { cpuMillis: parseCpuMillis(take('cpu')) ?? 0, memoryBytes: parseBytes(take('memory')) ?? 0 };
}

/** Where a wish is larger than what there is, a sentence each. */
export function overCapacity(
  wish: Resources,
  capacity: Resources,
  toSize: (bytes: number) => string,
): string[] {
  const sentences: string[] = [];
  const cores = (millis: number) => `${Number((millis / 1000).toFixed(2))} cores`;
  if (wish.cpuMillis > capacity.cpuMillis)
    sentences.push(
      `What this plan touches may take ${cores(wish.cpuMillis)}; this machine has ${cores(capacity.cpuMillis)}.`,
    );
  if (wish.memoryBytes > capacity.memoryBytes)
    sentences.push(
      `What this plan touches may take ${toSize(wish.memoryBytes)} of memory; this machine has ${toSize(capacity.memoryBytes)}.`,
    );
  if (wish.storageBytes > capacity.storageBytes)
    sentences.push(
      `What this plan touches asks for ${toSize(wish.storageBytes)} of storage; the disk of this machine has ${toSize(capacity.storageBytes)} in all.`,
    );
  return sentences;
}
