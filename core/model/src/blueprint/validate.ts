import { validRange } from 'semver';
import { checkConfigSchema, validateConfig } from '../config/config-schema.ts';
import { applyDefaults } from '../config/defaults.ts';
import { mergeValues } from '../config/values.ts';
import { parseCondition } from '../dependencies/condition.ts';
import { checkTemplates } from '../dependencies/template.ts';
import type { JsonObject } from '../kubernetes.ts';
import { ok, type Problem, type Result, refused } from '../problem.ts';
import { Blueprint } from '../resources/blueprint.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { upgradeRules } from '../upgrade/upgrade-rules.ts';
import { parseYamlObject } from '../yaml/parse-yaml.ts';
import { compositeRules } from './composite.ts';
import { normaliseBlueprint } from './normalise.ts';

/** A `blueprint.yaml` that can be used, with what its author should mend. */
export interface ParsedBlueprint {
  readonly blueprint: Blueprint;
  readonly warnings: readonly Problem[];
}

/**
 * Reads `blueprint.yaml`: bounded YAML, the shapes found in the wild normalised (`normalise.ts`), then the strict schema and what a
 * schema cannot say. Problems carry `file` and a dotted `field`.
 */
export function parseBlueprint(text: string, file = 'blueprint.yaml'): Result<ParsedBlueprint> {
  const parsed = parseYamlObject(text, file);
  if (!parsed.ok) return parsed;
  const { manifest, warnings } = normaliseBlueprint(parsed.value);
  const problems = checkSchema(Blueprint, manifest, file);
  if (problems.length > 0) return refused(...problems);
  const blueprint = manifest as Blueprint;
  const rules = [
    ...configRules(blueprint),
    ...presetRules(blueprint),
    ...compositeRules(blueprint),
    ...dependencyRules(blueprint),
    ...secretRules(blueprint),
    ...upgradeRules(blueprint),
  ];
  if (rules.length > 0) return refused(...rules.slice(0, 20).map((problem) => ({ ...problem, file })));
  return ok({ blueprint, warnings: warnings.map((warning) => ({ ...warning, file })) });
}

function configRules(blueprint: Blueprint): readonly Problem[] {
  return checkConfigSchema(blueprint.spec.configSchema);
}

/** A preset is what an overlay begins with: nothing in it may be what the configSchema refuses. */
function presetRules({ spec }: Blueprint): Problem[] {
  const presets = Object.entries(spec.manifests?.overlays ?? {});
  if (presets.length === 0 || checkConfigSchema(spec.configSchema).length > 0) return [];
  const defaults = applyDefaults(spec.configSchema);
  // What has no default is given with each install.
  const usual = new Set(validateConfig(spec.configSchema, defaults).map(({ field }) => field));
  return presets.flatMap(([size, preset]) =>
    // The manifest was read as YAML.
    validateConfig(spec.configSchema, mergeValues(defaults, preset as JsonObject))
      .filter(({ field }) => !usual.has(field))
      .map((problem) => ({
        ...problem,
        field: ['spec.manifests.overlays', size, problem.field].filter(Boolean).join('.'),
      })),
  );
}

function dependencyRules(blueprint: Blueprint): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>((blueprint.spec.secrets ?? []).map((secret) => secret.name));
  for (const [index, entry] of (blueprint.spec.depends ?? []).entries()) {
    const field = `spec.depends.${index}`;
    if (validRange(entry.version) === null)
      problems.push({
        code: 'InvalidField',
        field: `${field}.version`,
        message: 'Must be a range of versions, as ^1.4.',
      });
    if (entry.blueprint === blueprint.metadata.name)
      problems.push({
        code: 'DependencyCycle',
        field: `${field}.blueprint`,
        message: 'A Blueprint cannot depend on itself.',
      });
    const place = { blueprint: blueprint.metadata.name, alias: entry.alias };
    const condition =
      entry.when === undefined ? undefined : parseCondition(entry.when, { ...place, field: `${field}.when` });
    if (condition?.ok === false) problems.push(...condition.problems);
    problems.push(...checkTemplates(entry.values ?? {}, { ...place, field: `${field}.values` }));
    // A binding gives the dependent a Secret of that name.
    if (seen.has(entry.alias))
      problems.push({
        code: 'Duplicate',
        field: `${field}.alias`,
        message: `The name ${entry.alias} is used twice among aliases and secrets.`,
      });
    seen.add(entry.alias);
  }
  return problems;
}

function secretRules(blueprint: Blueprint): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const [index, secret] of (blueprint.spec.secrets ?? []).entries()) {
    const field = `spec.secrets.${index}`;
    if (names.has(secret.name))
      problems.push({
        code: 'Duplicate',
        field: `${field}.name`,
        message: `There are two secrets named ${secret.name}.`,
      });
    names.add(secret.name);
    if (secret.keys.length === 0 && secret.keysFrom === undefined)
      problems.push({
        code: 'InvalidField',
        field: `${field}.keys`,
        message: 'A secret needs keys, or keysFrom.',
      });
    problems.push(...keyRules(secret.keys, `${field}.keys`));
  }
  const binding = blueprint.spec.provides?.binding;
  return binding === undefined
    ? problems
    : [...problems, ...keyRules(binding.keys, 'spec.provides.binding.keys')];
}

function keyRules(
  keys: readonly { readonly name: string; readonly generate?: unknown; readonly value?: string }[],
  field: string,
): Problem[] {
  const names = new Set<string>();
  return keys.flatMap((key, index) => {
    const problems: Problem[] = [];
    if ((key.generate === undefined) === (key.value === undefined))
      problems.push({
        code: 'InvalidField',
        field: `${field}.${index}`,
        message: 'A key has either generate or value.',
      });
    if (names.has(key.name))
      problems.push({
        code: 'Duplicate',
        field: `${field}.${index}.name`,
        message: `There are two keys named ${key.name}.`,
      });
    names.add(key.name);
    return problems;
  });
}
