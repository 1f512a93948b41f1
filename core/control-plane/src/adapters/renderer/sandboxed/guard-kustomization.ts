import type { Json } from '@catalyst/model/kubernetes.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';
import { guardAliases } from './guard-aliases.ts';
import { guardFiles, isSafePath, shown } from './guard-files.ts';

const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
const folderFields = ['resources', 'bases', 'components', 'crds', 'configurations'];
const patchFields = ['patches', 'patchesJson6902', 'replacements'];
const pluginFields = ['generators', 'transformers', 'validators'];
const helmFields = ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals'];
const knownFields = new Set([
  ...folderFields,
  ...patchFields,
  ...pluginFields,
  ...helmFields,
  'apiVersion',
  'kind',
  'metadata',
  'namespace',
  'namePrefix',
  'nameSuffix',
  'commonLabels',
  'commonAnnotations',
  'labels',
  'images',
  'replicas',
  'vars',
  'configMapGenerator',
  'secretGenerator',
  'generatorOptions',
  'patchesStrategicMerge',
  'openapi',
  'buildMetadata',
  'sortOptions',
]);

type Fields = Readonly<Record<string, Json>>;
/** A reference to a file or folder, and the field where it stands. */
interface Reference {
  readonly field: string;
  readonly path: string;
  readonly mayBeFolder: boolean;
}

/**
 * Refuses a build before any tool sees it: every file bounded and inside the repository, every reference of every kustomization
 * that is reached from `path` an existing file or folder of the repository, no Helm inflation and no plugins.
 */
export function guardKustomization(files: ReadonlyMap<string, Uint8Array>, path: string): Problem[] {
  const problems = guardFiles(files);
  if (problems.length > 0) return problems;
  if (path !== '' && path !== '.' && !isSafePath(path))
    return [
      {
        code: 'UnsafePath',
        file: shown(path),
        message: 'The folder to build must lie inside the repository.',
      },
    ];
  for (const [file, content] of files) {
    const bombs = /\.(ya?ml|json)$|(^|\/)Kustomization$/.test(file)
      ? guardAliases(new TextDecoder().decode(content), file)
      : [];
    if (bombs.length > 0) return bombs;
  }
  return guardReachable(files, path === '.' ? '' : path);
}

function guardReachable(files: ReadonlyMap<string, Uint8Array>, start: string): Problem[] {
  const folders = new Set<string>();
  for (const path of files.keys())
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
  const open = [start];
  const seen = new Set<string>();
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const file = kustomizationNames.map((name) => join(folder, name)).find((name) => files.has(name));
    if (file === undefined)
      return [
        {
          code: 'RenderFailed',
          file: shown(folder),
          message: 'There is no kustomization.yaml in this folder.',
        },
      ];
    const parsed = parseYamlObject(new TextDecoder().decode(files.get(file)), file);
    if (!parsed.ok) return [...parsed.problems];
    const checked = guardOne(parsed.value, file);
    if (checked.problems.length > 0) return checked.problems;
    for (const reference of checked.references) {
      const result = follow(reference, folder, file, files, folders);
      if (typeof result !== 'string') return [result];
      if (result !== '' || reference.path === '.')
        if (reference.mayBeFolder && !files.has(result)) open.push(result);
    }
  }
  return [];
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The normalised path of a reference, or why it is refused. */
function follow(
  reference: Reference,
  folder: string,
  file: string,
  files: ReadonlyMap<string, Uint8Array>,
  folders: ReadonlySet<string>,
): string | Problem {
  const { path, field } = reference;
  const refuse = (code: string, message: string): Problem => ({ code, file, field, message });
  if (/:|^[^/]*@|\?|^git::|^(?:github\.com|gitlab\.com|bitbucket\.org)\//.test(path) || path.includes('//'))
    return refuse(
      'RemoteBase',
      `"${shown(path)}" points outside the repository. Only files of this repository can be used.`,
    );
  const parts = folder === '' ? [] : folder.split('/');
  if (path.startsWith('/') || path.startsWith('~'))
    return refuse('UnsafePath', `"${shown(path)}" is not a relative path.`);
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined)
      return refuse('UnsafePath', `"${shown(path)}" leaves the repository.`);
  }
  const target = parts.join('/');
  if (files.has(target) || (reference.mayBeFolder && (target === '' || folders.has(target)))) return target;
  return refuse('RenderFailed', `"${shown(path)}" is not in the repository.`);
}

function guardOne(kustomization: Fields, file: string): { problems: Problem[]; references: Reference[] } {
  const refuse = (code: string, field: string, message: string) => ({
    problems: [{ code, file, field, message }],
    references: [],
  });
  for (const field of Object.keys(kustomization)) {
    if (helmFields.includes(field))
      return refuse('HelmInflation', field, 'Charts are not inflated here. A Blueprint carries its chart.');
    if (pluginFields.includes(field) && !isEmpty(kustomization[field]))
      return refuse(
        'Plugin',
        field,
        'Generators, transformers and validators from files are not run. Use the fields of the kustomization itself.',
      );
    if (!knownFields.has(field))
      return refuse('RenderFailed', shown(field), 'Kustomize knows no such field.');
  }
  return { problems: [], references: referencesOf(kustomization) };
}

function isEmpty(value: Json | undefined): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function isMap(value: Json | undefined): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function referencesOf(kustomization: Fields): Reference[] {
  const references: Reference[] = [];
  const add = (field: string, path: Json | undefined, mayBeFolder = false) => {
    if (typeof path === 'string') references.push({ field, path, mayBeFolder });
  };
  for (const field of folderFields)
    for (const [index, path] of listOf(kustomization[field]).entries())
      add(`${field}.${index}`, path, field !== 'configurations' && field !== 'crds');
  for (const field of patchFields)
    for (const [index, entry] of listOf(kustomization[field]).entries())
      if (isMap(entry)) add(`${field}.${index}.path`, entry['path']);
  for (const [index, entry] of listOf(kustomization['patchesStrategicMerge']).entries())
    if (typeof entry === 'string' && !entry.includes('\n')) add(`patchesStrategicMerge.${index}`, entry);
  if (isMap(kustomization['openapi'])) add('openapi.path', kustomization['openapi']['path']);
  for (const field of ['configMapGenerator', 'secretGenerator'])
    for (const [index, entry] of listOf(kustomization[field]).entries()) {
      if (!isMap(entry)) continue;
      for (const source of listOf(entry['files']))
        add(`${field}.${index}.files`, typeof source === 'string' ? source.replace(/^[^=]*=/, '') : source);
      for (const source of [...listOf(entry['envs']), entry['env'] ?? null])
        add(`${field}.${index}.envs`, source);
    }
  return references;
}
