import { createHash } from 'node:crypto';
import type { JsonObject, KubernetesObject } from '../kubernetes.ts';
import { checkApplicationName, envTypes } from '../names.ts';
import { parseYamlDocuments, parseYamlObject } from '../yaml/parse-yaml.ts';
import { basePaths, overlayPaths } from './paths.ts';
import {
  kustomizeConfig,
  writeBaseKustomization,
  writeExternalSecret,
  writeOverlayKustomization,
  writeRelease,
} from './write-files.ts';

type Texts = (path: string) => string | undefined;

/** Names that YAML 1.1 takes for something else than a name. */
const ambiguous = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null', 'nan', 'inf']);
/** Where the tool also looks, and objects to finding two. */
const otherNames = ['kustomization.yml', 'Kustomization'];
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * What `kubectl kustomize <path>` makes of an overlay, without running it, where every file that decides is byte for byte what
 * Catalyst writes (write-files.ts) and only values differ. Undefined for everything else: then the tool decides. Same objects in the
 * same order; kept to the tool's own answer by the tests of the sandboxed renderer.
 */
export function buildWritten(
  files: ReadonlyMap<string, Uint8Array>,
  path: string,
): readonly KubernetesObject[] | undefined {
  const envType = envTypes.find((name) => path === `overlays/${name}`);
  if (
    envType === undefined ||
    otherNames.some((name) => files.has(`base/${name}`) || files.has(`${path}/${name}`))
  )
    return undefined;
  const text = reader(files);
  const overlay = overlayPaths(envType);
  const application = nameIn(text(overlay.kustomization));
  const digest = digestIn(text, application);
  const values = dataOf(text, overlay.values, overlay.bindings);
  if (application === undefined || digest === undefined || values === undefined) return undefined;
  const base = writtenResources(text, basePaths.kustomization, ['application.yaml', 'release.yaml'], (list) =>
    writeBaseKustomization(application, list),
  );
  const own = writtenResources(text, overlay.kustomization, ['../../base'], (list) =>
    writeOverlayKustomization(application, list),
  );
  if (!base || !own || text(basePaths.kustomizeConfig) !== kustomizeConfig) return undefined;
  // The patch must be of the Application, which is local and not part of the result.
  const patched = parseYamlObject(text(overlay.application) ?? '', overlay.application);
  if (!patched.ok || !isApplication(patched.value, application, ['name'])) return undefined;
  const secrets = readSecrets(text, application, [
    ...base.map((name) => `base/${name}`),
    ...own.map((name) => `${path}/${name}`),
  ]);
  const release = readRelease(text(basePaths.release), application, digest);
  if (!secrets || !release) return undefined;
  return assemble(application, values, secrets, release);
}

/** Text of a file; undefined where there is none, or where the tool would not take it as it stands. */
function reader(files: ReadonlyMap<string, Uint8Array>): Texts {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return (path) => {
    const bytes = files.get(path);
    if (!bytes || bytes.length === 0 || bytes.length > 256 * 1024) return undefined;
    try {
      const decoded = decoder.decode(bytes);
      // Line ends, byte order marks and control characters take ways of their own through the tool's parser and printer.
      return /^[\n\t\x20-\x7e\u00a1-\u1fff\u2c00-\ud7ff]*$/.test(decoded) ? decoded : undefined;
    } catch {
      return undefined;
    }
  };
}

function nameIn(kustomization: string | undefined): string | undefined {
  const name = /^namespace: ([a-z0-9-]{1,63})$/m.exec(kustomization ?? '')?.[1];
  return name !== undefined && checkApplicationName(name).ok && !ambiguous.has(name) ? name : undefined;
}

function isApplication(value: JsonObject, application: string, known: readonly string[]): boolean {
  const metadata = value.metadata as JsonObject | undefined;
  return (
    value.apiVersion === 'catalyst.openova.io/v1alpha1' &&
    value.kind === 'Application' &&
    metadata?.name === application &&
    Object.keys(value).every((key) => ['apiVersion', 'kind', 'metadata', 'spec'].includes(key)) &&
    Object.keys(metadata).every((key) => known.includes(key))
  );
}

function digestIn(text: Texts, application: string | undefined): string | undefined {
  const parsed = parseYamlObject(text(basePaths.application) ?? '', basePaths.application);
  if (!parsed.ok || application === undefined) return undefined;
  if (!isApplication(parsed.value, application, ['name', 'annotations', 'labels'])) return undefined;
  const { metadata, spec } = parsed.value as {
    metadata: { annotations?: JsonObject };
    spec?: { blueprint?: { digest?: unknown } };
  };
  if (metadata.annotations?.['config.kubernetes.io/local-config'] !== 'true') return undefined;
  const digest = spec?.blueprint?.digest;
  return typeof digest === 'string' && digestPattern.test(digest) ? digest : undefined;
}

function dataOf(text: Texts, overlayValues: string, bindings: string): Record<string, string> | undefined {
  const data = {
    'bindings.yaml': text(bindings),
    'overlay.yaml': text(overlayValues),
    'values.yaml': text(basePaths.values),
  };
  const { 'bindings.yaml': one, 'overlay.yaml': two, 'values.yaml': three } = data;
  return one === undefined || two === undefined || three === undefined
    ? undefined
    : { 'bindings.yaml': one, 'overlay.yaml': two, 'values.yaml': three };
}

/** The resources of a kustomization beyond those that it always has, if it is exactly what Catalyst writes for them. */
function writtenResources(
  text: Texts,
  path: string,
  always: readonly string[],
  write: (resources: readonly string[]) => string,
): readonly string[] | undefined {
  const written = text(path);
  const parsed = parseYamlObject(written ?? '', path);
  const resources = parsed.ok ? parsed.value.resources : undefined;
  if (!Array.isArray(resources) || resources.length < always.length || resources.length > 100)
    return undefined;
  const names = resources.map(String);
  const more = names.slice(always.length);
  if (names.slice(0, always.length).join() !== always.join()) return undefined;
  if (!more.every((name) => /^secrets\/[a-z0-9-]{1,63}\.yaml$/.test(name))) return undefined;
  const rewritten = write(path === basePaths.kustomization ? names : more);
  return rewritten === written ? more : undefined;
}

function readSecrets(
  text: Texts,
  application: string,
  paths: readonly string[],
): readonly KubernetesObject[] | undefined {
  const secrets = new Map<string, KubernetesObject>();
  for (const path of paths) {
    const written = text(path);
    const parsed = parseYamlObject(written ?? '', path);
    if (!parsed.ok) return undefined;
    const { metadata, spec } = parsed.value as {
      metadata?: { name?: unknown };
      spec?: { dataFrom?: { extract?: { key?: unknown } }[] };
    };
    const name = String(metadata?.name);
    const key = spec?.dataFrom?.[0]?.extract?.key;
    if (typeof key !== 'string' || secrets.has(name) || ambiguous.has(name)) return undefined;
    if (!/^[a-z][a-z0-9-]*$/.test(name) || written !== writeExternalSecret(application, name, key))
      return undefined;
    secrets.set(name, parsed.value as unknown as KubernetesObject);
  }
  return [...secrets.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, secret]) => secret);
}

function readRelease(
  written: string | undefined,
  application: string,
  digest: string,
): readonly KubernetesObject[] | undefined {
  const url = /^ {2}url: (oci:\/\/[a-z0-9.:/_-]+)$/m.exec(written ?? '')?.[1];
  if (url === undefined || written !== writeRelease(application, url)) return undefined;
  const parsed = parseYamlDocuments(written, basePaths.release);
  if (!parsed.ok) return undefined;
  const [source, release] = parsed.value as unknown as (KubernetesObject & { spec: JsonObject })[];
  if (!source || !release) return undefined;
  return [release, { ...source, spec: { ...source.spec, ref: { digest } } }];
}

function assemble(
  application: string,
  data: Readonly<Record<string, string>>,
  secrets: readonly KubernetesObject[],
  release: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  const name = `values-${hashOf(data)}`;
  const inNamespace = (object: KubernetesObject): KubernetesObject => ({
    ...object,
    metadata: { ...object.metadata, namespace: application },
  });
  const renamed = release.map((object) => {
    const { valuesFrom, ...spec } = object.spec as JsonObject & { valuesFrom?: JsonObject[] };
    return valuesFrom
      ? { ...object, spec: { ...spec, valuesFrom: valuesFrom.map((entry) => ({ ...entry, name })) } }
      : object;
  });
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
  return [configMap, ...secrets, ...renamed].map(inNamespace);
}

const goEscapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};
const friendly: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/**
 * The suffix that Kustomize gives a generated ConfigMap: SHA-256 of its JSON as Go writes it, the first ten hexadecimal digits with
 * those replaced that could spell words (sigs.k8s.io/kustomize/api/hasher). The name is empty there when it is made.
 */
function hashOf(data: Readonly<Record<string, string>>): string {
  const json = JSON.stringify({ data, kind: 'ConfigMap', name: '' }).replace(
    /[<>&\u2028\u2029]/g,
    (character) => goEscapes[character] ?? character,
  );
  const hex = createHash('sha256').update(json).digest('hex').slice(0, 10);
  return [...hex].map((digit) => friendly[digit] ?? digit).join('');
}
