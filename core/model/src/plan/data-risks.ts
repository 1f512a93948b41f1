import semver from 'semver';
import type { Static } from 'typebox';
import type { KubernetesObject } from '../kubernetes.ts';
import type { DataRisk as DataRiskSchema } from '../views/plan.ts';
import { canonicalJson } from '../workload/canonical.ts';
import { fieldOf } from '../workload/json-fields.ts';
import { requestedBytesOf, toWorkload } from '../workload/workloads.ts';

/** Data that a change may cost. */
export type DataRisk = Static<typeof DataRiskSchema>;

interface Claim {
  readonly name: string;
  /** The StatefulSet whose Pods have one each. */
  readonly of?: string;
  readonly requestedBytes: number;
  readonly spec: unknown;
}

function claimsIn(objects: readonly KubernetesObject[]): Map<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const object of objects) {
    if (object.kind === 'PersistentVolumeClaim') {
      const { name } = object.metadata;
      claims.set(name, { name, requestedBytes: requestedBytesOf(object.spec), spec: object.spec });
    }
    const workload = toWorkload(object);
    if (workload?.kind !== 'StatefulSet') continue;
    const templates = fieldOf(object.spec, 'volumeClaimTemplates');
    for (const [index, template] of workload.claimTemplates.entries())
      for (let ordinal = 0; ordinal < workload.replicas; ordinal += 1) {
        const name = `${template.name}-${workload.name}-${ordinal}`;
        const spec = Array.isArray(templates) ? fieldOf(templates[index], 'spec') : undefined;
        claims.set(name, { name, of: workload.name, requestedBytes: template.requestedBytes, spec });
      }
  }
  return claims;
}

/** What a change of rendered objects means for the data in their volumes; `null` objects: the Application goes. */
export function planDataRisks(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[] | null,
  options: {
    readonly deleted?: readonly string[];
    readonly upgrade?: { readonly from: string; readonly to: string };
  } = {},
): DataRisk[] {
  const old = claimsIn(before);
  const wanted = claimsIn(after ?? []);
  const risks: DataRisk[] = [];
  for (const [name, was] of old) {
    const is = wanted.get(name);
    if (options.deleted?.includes(name))
      risks.push({
        what: name,
        severity: 'loss',
        message: `The data in the volume ${name} is deleted for good.`,
      });
    else if (!is)
      risks.push({
        what: name,
        severity: 'notice',
        message: `The volume ${name} is no longer used. Its data is kept, is listed in the Environment, and is taken again by a claim of the same name.`,
      });
    else risks.push(...changesOf(was, is));
  }
  if (options.upgrade && after !== null && wanted.size > 0)
    risks.push({
      what: [...wanted.keys()].join(', '),
      severity: 'warning',
      message: `${whatVersionsDo(options.upgrade)} Make a backup of it first; Catalyst cannot make one for you yet.`,
    });
  return risks;
}

function whatVersionsDo({ from, to }: { readonly from: string; readonly to: string }): string {
  return semver.valid(from) && semver.valid(to) && semver.lt(to, from)
    ? `${to} is older than ${from} and may not be able to read data that ${from} has changed.`
    : `The new version may change the data it finds, and going back from ${to} to ${from} does not change it back.`;
}

function changesOf(was: Claim, is: Claim): DataRisk[] {
  const { name } = was;
  if (is.requestedBytes < was.requestedBytes)
    return [
      {
        what: name,
        severity: 'warning',
        message: `The volume ${name} is asked to shrink from ${toSize(was.requestedBytes)} to ${toSize(is.requestedBytes)}. Volumes do not shrink: it stays as large as it is here, and Kubernetes refuses it.`,
      },
    ];
  const rest = ({ spec }: Claim) =>
    canonicalJson([fieldOf(spec, 'accessModes'), fieldOf(spec, 'storageClassName')]);
  if (rest(was) === rest(is)) return [];
  return [
    {
      what: name,
      severity: 'warning',
      message: `The access mode or storage class of ${is.of === undefined ? `the claim ${name}` : `the volumes of StatefulSet ${is.of}`} changes. A volume that exists keeps its own; only a new one gets what is asked for now.`,
    },
  ];
}

/** A size for people. */
export function toSize(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1024
    ? `${Number(mebibytes.toFixed(1))} MiB`
    : `${Number((mebibytes / 1024).toFixed(1))} GiB`;
}
