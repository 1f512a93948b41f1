import type { JsonObject } from '@catalyst/model/kubernetes.ts';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { parseYamlObject } from '@catalyst/model/yaml/parse-yaml.ts';

/** What the guards found in a chart that may be published. */
export interface GuardedChart {
  readonly metadata: JsonObject;
  readonly defaults: JsonObject;
  /** The default render may be empty: annotation `catalyst.openova.io/smoke-render-mode: "default-off"`. */
  readonly emptyByDefault: boolean;
}

const toggles = /^(serviceMonitor|podMonitor|prometheusRule|metrics|monitoring|tracing|prometheus)$/i;
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array());

/**
 * The guards of spec/blueprint.md sections 10 to 12 that need no render: the chart's name and version are the Blueprint's, its upstream
 * travels with it or it says that it has none, and nothing that needs monitoring CRDs is on by default.
 */
export function guardChart(
  files: ReadonlyMap<string, Uint8Array>,
  wanted: { name: string; version: string; folder: string },
): Result<GuardedChart> {
  const at = (path: string) => `${wanted.folder}/${path}`;
  if (!files.has('Chart.yaml'))
    return refused({ code: 'MissingFile', file: at('Chart.yaml'), message: 'There is no Chart.yaml.' });
  const metadata = parseYamlObject(textOf(files.get('Chart.yaml')), at('Chart.yaml'));
  if (!metadata.ok) return metadata;
  const defaults = parseYamlObject(textOf(files.get('values.yaml')), at('values.yaml'));
  if (!defaults.ok) return defaults;
  const problems: Problem[] = [
    ...identityProblems(metadata.value, wanted),
    ...umbrellaProblems(metadata.value, files),
    ...toggleProblems(defaults.value, []).map((problem) => ({ ...problem, file: at('values.yaml') })),
  ].map((problem) => ({ file: at('Chart.yaml'), ...problem }));
  if (problems.length > 0) return refused(...problems.slice(0, 20));
  return ok({
    metadata: metadata.value,
    defaults: defaults.value,
    emptyByDefault: annotation(metadata.value, 'catalyst.openova.io/smoke-render-mode') === 'default-off',
  });
}

function identityProblems(metadata: JsonObject, wanted: { name: string; version: string }): Problem[] {
  const problems: Problem[] = [];
  if (metadata['apiVersion'] !== 'v2')
    problems.push({ code: 'InvalidField', field: 'apiVersion', message: 'Must be v2.' });
  if (metadata['name'] !== wanted.name)
    problems.push({
      code: 'InvalidField',
      field: 'name',
      message: `Must be ${wanted.name}, the name of the Blueprint.`,
    });
  if (metadata['version'] !== wanted.version)
    problems.push({
      code: 'InvalidField',
      field: 'version',
      message: `Must be ${wanted.version}, the version of the Blueprint.`,
    });
  return problems;
}

function annotation(metadata: JsonObject, name: string): unknown {
  const annotations = metadata['annotations'];
  return annotations !== null && typeof annotations === 'object' && !Array.isArray(annotations)
    ? (annotations as JsonObject)[name]
    : undefined;
}

function umbrellaProblems(metadata: JsonObject, files: ReadonlyMap<string, Uint8Array>): Problem[] {
  const dependencies = Array.isArray(metadata['dependencies'])
    ? (metadata['dependencies'] as readonly JsonObject[])
    : [];
  if (dependencies.length === 0)
    return annotation(metadata, 'catalyst.openova.io/no-upstream') === 'true'
      ? []
      : [
          {
            code: 'HollowChart',
            field: 'dependencies',
            message:
              'The chart wraps no upstream chart. Name it as dependency, or annotate catalyst.openova.io/no-upstream: "true".',
          },
        ];
  return dependencies.flatMap((entry, index) => {
    const name = String(entry?.['name']);
    const present =
      files.has(`charts/${name}/Chart.yaml`) || files.has(`charts/${name}-${String(entry?.['version'])}.tgz`);
    return present
      ? []
      : [
          {
            code: 'MissingUpstream',
            field: `dependencies.${index}`,
            message: `The chart ${name} is not in charts/. Run "helm dependency build".`,
          },
        ];
  });
}

function toggleProblems(values: unknown, path: readonly string[]): Problem[] {
  if (values === null || typeof values !== 'object' || Array.isArray(values)) return [];
  return Object.entries(values as JsonObject).flatMap(([name, value]) => {
    const here = [...path, name];
    const switchName = ['enabled', 'create'].find((key) => isOn(value, key));
    return toggles.test(name) && switchName !== undefined
      ? [
          {
            code: 'ObservabilityOn',
            field: [...here, switchName].join('.'),
            message: 'Must be false by default, because the monitoring CRDs may not exist yet.',
          },
        ]
      : toggleProblems(value, here);
  });
}

function isOn(value: unknown, key: string): boolean {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    (value as JsonObject)[key] === true
  );
}
