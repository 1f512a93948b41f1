import type { KubernetesObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import { asNumber, fieldOf } from './json-fields.ts';
import { claimsOf } from './namespace-content.ts';
import { isExclusiveClaim } from './workloads.ts';

/** A claim that one Pod at a time may write is mounted by a Deployment of several: refused, or data would be damaged. */
export function checkClaims(objects: readonly KubernetesObject[]): Problem[] {
  const exclusive = new Set(
    objects
      .filter((object) => object.kind === 'PersistentVolumeClaim' && isExclusiveClaim(object.spec))
      .map((object) => object.metadata.name),
  );
  return objects.flatMap((object) => {
    const scales = object.kind === 'Deployment' || object.kind === 'StatefulSet';
    if (!scales || (asNumber(fieldOf(object.spec, 'replicas')) ?? 1) <= 1) return [];
    return claimsOf(fieldOf(object.spec, 'template'))
      .filter((claim) => exclusive.has(claim))
      .map((claim) => ({
        code: 'SharedVolume',
        field: `${object.kind}/${object.metadata.name}: spec.replicas`,
        message: `${object.kind}/${object.metadata.name}: several Pods cannot write the ReadWriteOnce claim "${claim}". Use one replica, or a claim with ReadWriteMany.`,
      }));
  });
}
