import type { JsonObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import { asNumber, asObject, asString, fieldOf, objectsOf } from './json-fields.ts';
import { type ConfigSources, podNameToken, type ResolvedVolume } from './pod-template.ts';
import { parseBytes } from './quantities.ts';
import { missingReference, type PodFacts, readPodField } from './resolve-environment.ts';

type Files = Record<string, { content: string; mode?: number }>;
type Projection = { readonly files: Files; readonly problems: readonly Problem[]; readonly secret: boolean };

/** Volumes of a Pod; `claimTemplates` are those of a StatefulSet, with one claim per Pod. */
export function resolveVolumes(
  spec: JsonObject,
  sources: ConfigSources,
  facts: PodFacts,
  claimTemplates: readonly string[],
): { readonly volumes: readonly ResolvedVolume[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const own = claimTemplates.map(
    (name): ResolvedVolume => ({ name, kind: 'claim', claim: `${name}-${podNameToken}` }),
  );
  const others = objectsOf(spec.volumes)
    .filter((volume) => !claimTemplates.includes(asString(volume.name) ?? ''))
    .map((volume): ResolvedVolume => {
      const name = asString(volume.name) ?? '';
      const claim = asString(fieldOf(volume, 'persistentVolumeClaim', 'claimName'));
      if (claim !== undefined) return { name, kind: 'claim', claim };
      const parts = projectionsOf(volume).map(([kind, source, mode]) =>
        project(kind, source, mode, sources, facts),
      );
      if (parts.length === 0) return emptyVolume(name, volume);
      for (const part of parts) problems.push(...part.problems);
      const files: Files = Object.assign({}, ...parts.map((part) => part.files));
      return { name, kind: 'files', secret: parts.some((part) => part.secret), files };
    });
  return { volumes: [...own, ...others], problems };
}

function emptyVolume(name: string, volume: JsonObject): ResolvedVolume {
  const sizeLimitBytes = parseBytes(fieldOf(volume, 'emptyDir', 'sizeLimit'));
  return {
    name,
    kind: 'empty',
    memory: fieldOf(volume, 'emptyDir', 'medium') === 'Memory',
    ...(sizeLimitBytes === undefined ? {} : { sizeLimitBytes }),
  };
}

type Source = readonly [
  kind: 'configMap' | 'secret' | 'downwardAPI',
  source: JsonObject,
  mode: number | undefined,
];

function projectionsOf(volume: JsonObject): Source[] {
  const kinds = ['configMap', 'secret', 'downwardAPI'] as const;
  const pick = (from: JsonObject, mode: number | undefined): Source[] =>
    kinds.flatMap((kind) => {
      const source = asObject(from[kind]);
      return source ? [[kind, source, asNumber(source.defaultMode) ?? mode] as const] : [];
    });
  const projected = asObject(volume.projected);
  if (!projected) return pick(volume, undefined);
  return objectsOf(projected.sources).flatMap((source) => pick(source, asNumber(projected.defaultMode)));
}

function project(
  kind: Source[0],
  source: JsonObject,
  mode: number | undefined,
  sources: ConfigSources,
  facts: PodFacts,
): Projection {
  const files: Files = {};
  const problems: Problem[] = [];
  const put = (path: string, content: string, own: number | undefined) => {
    const chosen = own ?? mode;
    if (isSafePath(path))
      files[path] = { content, ...(chosen === undefined ? {} : { mode: chosen & 0o777 }) };
    else
      problems.push({
        code: 'CreateContainerConfigError',
        message: `The file name "${path.slice(0, 100)}" in a volume is not a relative path; change it.`,
      });
  };
  const items = objectsOf(source.items);
  if (kind === 'downwardAPI') {
    for (const item of items) {
      const value = readPodField(asString(fieldOf(item, 'fieldRef', 'fieldPath')) ?? '', facts);
      if (value !== undefined) put(asString(item.path) ?? '', value, asNumber(item.mode));
    }
    return { files, problems, secret: false };
  }
  const secret = kind === 'secret';
  const name = asString(source.secretName) ?? asString(source.name) ?? '';
  const data = (secret ? sources.secrets : sources.configMaps).get(name);
  const optional = source.optional === true;
  const objectKind = secret ? 'Secret' : 'ConfigMap';
  if (!data) return { files, problems: optional ? [] : [missingReference(objectKind, name)], secret };
  if (items.length === 0) for (const [key, content] of Object.entries(data)) put(key, content, undefined);
  for (const item of items) {
    const key = asString(item.key) ?? '';
    const content = Object.hasOwn(data, key) ? data[key] : undefined;
    if (content !== undefined) put(asString(item.path) ?? key, content, asNumber(item.mode));
    else if (!optional) problems.push(missingReference(objectKind, name, key));
  }
  return { files, problems, secret };
}

function isSafePath(path: string): boolean {
  return (
    path.length > 0 &&
    path.length <= 500 &&
    !/\p{Cc}/u.test(path) &&
    path.split('/').every((step) => step !== '' && step !== '.' && step !== '..')
  );
}
