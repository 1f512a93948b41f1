import { groupOf, type Json, type JsonObject, type KubernetesObject } from '../kubernetes.ts';
import { ok, type Problem, type Result, refused } from '../problem.ts';
import { parseYamlObject } from '../yaml/parse-yaml.ts';
import { asObject, asString, fieldOf, objectsOf } from './json-fields.ts';

/** What a built overlay asks for: a chart by digest with values, and objects of its own. */
export interface ReleaseRequest {
  readonly name: string;
  readonly digest: string;
  readonly values: JsonObject;
  /** Objects beside the release: ExternalSecrets and whatever else the branch holds; values ConfigMaps are left out. */
  readonly objects: readonly KubernetesObject[];
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * Finds the HelmRelease of a built overlay, the digest of its OCIRepository, and its values: `valuesFrom` in order, then
 * `spec.values`, each merged over those before. Problems: `InvalidRelease`, and those of YAML that does not parse.
 */
export function pickRelease(objects: readonly KubernetesObject[], namespace: string): Result<ReleaseRequest> {
  const ofKind = (group: string, kind: string) =>
    objects.filter((object) => object.kind === kind && groupOf(object.apiVersion) === group);
  const releases = ofKind('helm.toolkit.fluxcd.io', 'HelmRelease');
  const [release] = releases;
  if (!release || releases.length > 1)
    return invalid(
      `The overlay builds ${releases.length} HelmReleases; exactly one is needed (base/release.yaml).`,
    );
  const spec = release.spec;
  const target = asString(fieldOf(spec, 'targetNamespace'));
  if (target !== undefined && target !== namespace)
    return invalid(`The HelmRelease installs into namespace "${target}"; it must be "${namespace}".`);
  const sources = ofKind('source.toolkit.fluxcd.io', 'OCIRepository');
  const source = sources.find((object) => object.metadata.name === fieldOf(spec, 'chartRef', 'name'));
  const digest = asString(fieldOf(source?.spec, 'ref', 'digest'));
  if (fieldOf(spec, 'chartRef', 'kind') !== 'OCIRepository' || !source)
    return invalid('The HelmRelease must name an OCIRepository of this overlay in spec.chartRef.');
  if (digest === undefined || !digestPattern.test(digest))
    return invalid(
      'The OCIRepository must carry the digest of the Blueprint in spec.ref.digest, as "sha256:…".',
    );
  const configMaps = new Map(
    ofKind('', 'ConfigMap').map((object) => [object.metadata.name, asObject(object.data) ?? {}] as const),
  );
  const values = mergeValuesFrom(objectsOf(fieldOf(spec, 'valuesFrom')), configMaps);
  if (!values.ok) return values;
  const used = new Set(objectsOf(fieldOf(spec, 'valuesFrom')).map((from) => asString(from.name)));
  const left = objects.filter(
    (object) =>
      object !== release &&
      !sources.includes(object) &&
      !(object.kind === 'ConfigMap' && used.has(object.metadata.name)),
  );
  return ok({
    name: asString(fieldOf(spec, 'releaseName')) ?? release.metadata.name,
    digest,
    values: mergeValues(values.value, asObject(fieldOf(spec, 'values')) ?? {}),
    objects: left,
  });
}

function mergeValuesFrom(
  references: readonly JsonObject[],
  configMaps: ReadonlyMap<string, JsonObject>,
): Result<JsonObject> {
  let values: JsonObject = {};
  const problems: Problem[] = [];
  for (const from of references) {
    const name = asString(from.name) ?? '';
    const key = asString(from.valuesKey) ?? 'values.yaml';
    const text = asString(configMaps.get(name)?.[key]);
    if (from.kind !== 'ConfigMap')
      problems.push({
        code: 'InvalidRelease',
        message: 'Values come from ConfigMaps only, never from Secrets.',
      });
    else if (text !== undefined) {
      const parsed = parseYamlObject(text, key);
      if (parsed.ok) values = mergeValues(values, parsed.value);
      else problems.push(...parsed.problems);
    } else if (from.optional !== true)
      problems.push({
        code: 'InvalidRelease',
        message: `The values "${key}" of ConfigMap "${name}" are not in the overlay.`,
      });
  }
  return problems.length > 0 ? { ok: false, problems } : ok(values);
}

/** Merges as Helm does: objects key by key, everything else (lists too) replaced by the later one. */
export function mergeValues(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(merged, key) ? asObject(merged[key]) : undefined;
    const after = asObject(value);
    const result = before && after ? mergeValues(before, after) : value;
    Object.defineProperty(merged, key, {
      value: result,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return merged;
}

function invalid(message: string): Result<never> {
  return refused({ code: 'InvalidRelease', message });
}
