import type { Static } from 'typebox';
import type { ObjectObserved, ReleaseStatus } from '../events/cloud-event.ts';
import type { KubernetesObject } from '../kubernetes.ts';
import type { Drift as DriftSchema } from '../views/plan.ts';
import { asNumber } from '../workload/json-fields.ts';
import { withoutSecrets } from '../workload/namespace-content.ts';
import { toWorkload } from '../workload/workloads.ts';
import { diffObjects, objectKeyOf } from './diff-objects.ts';

/** What runs and is not what the branch says. */
export type Drift = Static<typeof DriftSchema>;

const maxDrift = 100;

/** What is known of one Application: what its branch says, and what the engine last did and saw. */
export interface DriftFacts {
  readonly application: string;
  readonly head: string;
  readonly paused: boolean;
  /** As the head renders; undefined where it does not. */
  readonly rendered: readonly KubernetesObject[] | undefined;
  /** As the engine applied them; undefined where it has applied nothing. */
  readonly applied: readonly KubernetesObject[] | undefined;
  readonly status: ReleaseStatus | undefined;
  readonly observed: readonly ObjectObserved[];
}

/** Compares what the head of the branch says with what the engine applied and observes; empty where they agree. */
export function findDrift(facts: DriftFacts): Drift[] {
  const { status, rendered } = facts;
  if (!status) return [];
  const drift: Drift[] = [];
  const behind = status.appliedRevision !== facts.head;
  if (behind)
    drift.push({
      kind: 'Application',
      name: facts.application,
      message: `${
        status.appliedRevision === undefined
          ? `Nothing of the branch runs yet; it is at ${facts.head.slice(0, 7)}.`
          : `What runs is ${status.appliedRevision.slice(0, 7)}; the branch is at ${facts.head.slice(0, 7)}.`
      } ${status.ready.message}`,
    });
  if (rendered && facts.applied && behind && status.appliedRevision !== undefined)
    for (const { change, kind, name, fields = [] } of diffObjects(
      facts.applied,
      rendered.map((object) => withoutSecrets(object)),
    ))
      drift.push({
        kind,
        name,
        message:
          change === 'create'
            ? 'The branch has it; it is not applied.'
            : change === 'remove'
              ? 'It runs; the branch no longer has it.'
              : `It runs as an earlier commit had it: ${fields
                  .slice(0, 3)
                  .map(({ path }) => path)
                  .join(', ')}${fields.length > 3 ? ` and ${fields.length - 3} more` : ''}.`,
      });
  if (rendered && !behind) drift.push(...unlikeObserved(facts, rendered));
  return drift.slice(0, maxDrift);
}

const watched = new Set(['Deployment', 'StatefulSet', 'Service']);

/** What the engine sees, against what it applied; it repairs all of this by itself, or says why it cannot. */
function unlikeObserved(facts: DriftFacts, rendered: readonly KubernetesObject[]): Drift[] {
  const drift: Drift[] = [];
  const repairs =
    facts.status?.ready.status === 'True' ? 'The engine repairs it.' : (facts.status?.ready.message ?? '');
  const seen = new Map(
    facts.observed
      .filter((object) => object.deleted !== true && watched.has(object.kind))
      .map((object) => [objectKeyOf({ ...object, metadata: { name: object.name } }), object]),
  );
  for (const object of rendered) {
    const { kind } = object;
    const { name } = object.metadata;
    const found = seen.get(objectKeyOf(object));
    seen.delete(objectKeyOf(object));
    if (!watched.has(kind) || facts.paused) continue;
    if (!found) {
      if (facts.observed.length > 0) drift.push({ kind, name, message: `It is not there. ${repairs}` });
      continue;
    }
    const workload = toWorkload(object);
    const ready = asNumber(found.status['readyReplicas']);
    if (workload && ready !== undefined && ready < workload.replicas)
      drift.push({ kind, name, message: `${ready} of ${workload.replicas} Pods are ready. ${repairs}` });
  }
  for (const { kind, name } of seen.values())
    drift.push({ kind, name, message: `It is there and the branch does not have it. ${repairs}` });
  return drift;
}
