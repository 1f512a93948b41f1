import type { TSchema } from 'typebox';
import { applyDefaults } from '../config/defaults.ts';
import { mergeValues } from '../config/values.ts';
import type { Json, JsonObject } from '../kubernetes.ts';
import { ok, type Problem, type Result, refused } from '../problem.ts';
import {
  type ApplicationDeclaration,
  BaseApplication,
  OverlayApplication,
} from '../resources/application.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { sameJson } from '../yaml/edit-yaml.ts';
import { parseYamlDocuments, parseYamlObject } from '../yaml/parse-yaml.ts';
import type { BranchContext } from './branch-context.ts';
import { checkBindings, checkRequirements } from './check-bindings.ts';
import { basePaths, overlayPaths } from './paths.ts';
import { type RepositoryFiles, writeBindings, writeRelease } from './write-files.ts';

export type { BranchContext, Provider } from './branch-context.ts';

/** What a branch says, checked: the declaration and the layers of configuration that people wrote. */
export interface CheckedBranch {
  readonly declaration: ApplicationDeclaration;
  readonly baseValues: JsonObject;
  readonly overlayValues: JsonObject;
}

/** The branch of an Application that is not installed there holds no `base/application.yaml`. */
export function isInstalled(files: { readonly [path: string]: unknown }): boolean {
  return Object.hasOwn(files, basePaths.application);
}

function read<T>(schema: TSchema, files: RepositoryFiles, path: string): Result<T> {
  const text = files[path];
  if (text === undefined)
    return refused({ code: 'MissingFile', file: path, message: 'The file is missing.' });
  const parsed = parseYamlObject(text, path);
  if (!parsed.ok) return parsed;
  const problems = checkSchema(schema, parsed.value, path);
  return problems.length > 0 ? refused(...problems) : ok(parsed.value as T);
}

function readValues(files: RepositoryFiles, path: string): Result<JsonObject> {
  return files[path] === undefined ? ok({}) : parseYamlObject(files[path], path);
}

/** Every YAML file must parse, and none may hold a plain Secret. */
function checkEveryFile(files: RepositoryFiles): Problem[] {
  const problems: Problem[] = [];
  for (const [path, text] of Object.entries(files)) {
    if (!/\.ya?ml$/.test(path)) continue;
    const documents = parseYamlDocuments(text, path);
    if (!documents.ok) problems.push(...documents.problems);
    else if (documents.value.some(isPlainSecret))
      problems.push({
        code: 'PlainSecret',
        file: path,
        field: 'kind',
        message: 'A Secret with values must not be in Git. Reference it with an ExternalSecret.',
      });
  }
  return problems;
}

function isPlainSecret(value: Json): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const { kind, apiVersion, items } = value as { kind?: Json; apiVersion?: Json; items?: Json };
  if (kind === 'Secret' && apiVersion === 'v1') return true;
  return Array.isArray(items) && items.some(isPlainSecret);
}

function checkGenerated(files: RepositoryFiles, path: string, expected: string): Problem[] {
  const found = parseYamlDocuments(files[path] ?? '', path);
  if (!found.ok) return [...found.problems];
  const wanted = parseYamlDocuments(expected, path);
  if (wanted.ok && sameJson(found.value, wanted.value)) return [];
  return [
    {
      code: 'GeneratedFileAltered',
      file: path,
      message: `The file is generated and must stay as Catalyst writes it. Expected:\n${expected.trimEnd()}`,
    },
  ];
}

function checkIdentity(
  base: BaseApplication,
  overlay: OverlayApplication,
  context: BranchContext,
  overlayFile: string,
): Problem[] {
  const problems: Problem[] = [];
  const file = basePaths.application;
  if (base.metadata.name !== context.application)
    problems.push({
      code: 'NameMismatch',
      file,
      field: 'metadata.name',
      message: `The name must be that of the repository, "${context.application}".`,
    });
  if (base.spec.organization !== context.organization)
    problems.push({
      code: 'NameMismatch',
      file,
      field: 'spec.organization',
      message: `The Organization must be "${context.organization}".`,
    });
  if (overlay.metadata.name !== context.application)
    problems.push({
      code: 'NameMismatch',
      file: overlayFile,
      field: 'metadata.name',
      message: `The name must be that of the repository, "${context.application}".`,
    });
  for (const host of overlay.spec.hosts ?? [])
    if (!host.endsWith(context.hostSuffix))
      problems.push({
        code: 'HostOutside',
        file: overlayFile,
        field: 'spec.hosts',
        message: `The host "${host}" must end in "${context.hostSuffix}".`,
      });
  return problems;
}

/**
 * Checks what one environment branch of an Application repository holds: YAML, schemas, names, the pinned Blueprint, bindings,
 * hosts, generated files and plain Secrets. Configuration against the configSchema and rendered objects are checked by the
 * caller, which has the Blueprint. All problems are given, not only the first.
 */
export function checkBranch(files: RepositoryFiles, context: BranchContext): Result<CheckedBranch> {
  const problems = checkEveryFile(files);
  if (problems.length > 0) return refused(...problems);
  const paths = overlayPaths(context.envType);
  const base = read<BaseApplication>(BaseApplication, files, basePaths.application);
  const overlay = read<OverlayApplication>(OverlayApplication, files, paths.application);
  const baseValues = readValues(files, basePaths.values);
  const overlayValues = readValues(files, paths.values);
  if (!base.ok || !overlay.ok || !baseValues.ok || !overlayValues.ok)
    return refused(
      ...[base, overlay, baseValues, overlayValues].flatMap((result) =>
        result.ok ? [] : [...result.problems],
      ),
    );

  problems.push(...checkIdentity(base.value, overlay.value, context, paths.application));
  const { blueprint } = base.value.spec;
  const known = context.blueprint(blueprint.name, blueprint.version);
  if (!known)
    problems.push({
      code: 'UnknownVersion',
      file: basePaths.application,
      field: 'spec.blueprint.version',
      message: `There is no ${blueprint.name} ${blueprint.version} in the catalog.`,
    });
  else if (known.digest !== blueprint.digest)
    problems.push({
      code: 'DigestMismatch',
      file: basePaths.application,
      field: 'spec.blueprint.digest',
      message: `The digest of ${blueprint.name} ${blueprint.version} is ${known.digest}.`,
    });
  const config = known?.blueprint
    ? mergeValues(applyDefaults(known.blueprint.spec.configSchema), baseValues.value, overlayValues.value)
    : mergeValues(baseValues.value, overlayValues.value);
  if (known?.blueprint) problems.push(...checkRequirements(base.value, known.blueprint));
  const { problems: unbound, bound } = checkBindings(base.value, overlay.value, context, config);
  problems.push(...unbound);

  const hosts = overlay.value.spec.hosts ?? [];
  if (problems.length === 0 && known) {
    problems.push(...checkGenerated(files, basePaths.release, writeRelease(context.application, known.url)));
    const [host] = hosts;
    problems.push(
      ...checkGenerated(
        files,
        paths.bindings,
        writeBindings({
          ...context,
          hosts,
          url: host === undefined ? '' : context.urlOf(host),
          bindings: bound,
        }),
      ),
    );
  }
  if (problems.length > 0) return refused(...problems);
  return ok({
    declaration: toDeclaration(base.value, overlay.value, context.environment),
    baseValues: baseValues.value,
    overlayValues: overlayValues.value,
  });
}

function toDeclaration(
  base: BaseApplication,
  overlay: OverlayApplication,
  environment: string,
): ApplicationDeclaration {
  const { spec } = overlay;
  return {
    application: base.metadata.name,
    organization: base.spec.organization,
    environment,
    blueprint: base.spec.blueprint,
    requires: base.spec.requires ?? [],
    bindings: spec.bindings ?? [],
    hosts: spec.hosts ?? [],
    paused: spec.paused ?? false,
    ...(spec.sharedTo === undefined || spec.sharedTo.length === 0 ? {} : { sharedTo: spec.sharedTo }),
    ...(spec.restartedAt === undefined ? {} : { restartedAt: spec.restartedAt }),
    ...(base.spec.displayName === undefined ? {} : { displayName: base.spec.displayName }),
    ...(spec.holds === undefined || spec.holds.length === 0 ? {} : { holds: spec.holds }),
  };
}
