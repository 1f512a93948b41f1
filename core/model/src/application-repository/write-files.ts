import { stringify } from 'yaml';
import type { JsonObject } from '../kubernetes.ts';
import type { EnvType } from '../names.ts';
import type { BaseApplication, OverlayApplication } from '../resources/application.ts';
import { basePaths, overlayFolder, overlayPaths } from './paths.ts';

/** Files by path. */
export type RepositoryFiles = Record<string, string>;

/** What `base/` is written from. */
export interface BaseInput {
  readonly application: string;
  readonly organization: string;
  readonly displayName?: string;
  readonly blueprint: {
    readonly name: string;
    readonly version: string;
    readonly digest: string;
    readonly url: string;
  };
  readonly requires: readonly {
    readonly alias: string;
    readonly blueprint: string;
    readonly version: string;
    readonly when?: string;
  }[];
  /** The set of a composite Blueprint that it is a member of. */
  readonly set?: string;
  /** Names of the Secrets that are generated for the Application. */
  readonly secrets: readonly string[];
  readonly values: JsonObject;
}

/** Where a bound dependency is. */
export interface BoundDependency {
  readonly alias: string;
  readonly application: string;
  readonly service: string;
  readonly port: number;
}

/** What an overlay is written from. */
export interface OverlayInput {
  readonly application: string;
  readonly organization: string;
  readonly environment: string;
  readonly envType: EnvType;
  readonly hosts: readonly string[];
  readonly url: string;
  readonly bindings: readonly BoundDependency[];
  /** Aliases whose requirement has a condition: their Secret is referenced here and not in `base/`. */
  readonly conditional?: readonly string[];
  readonly values: JsonObject;
}

function toYaml(...documents: readonly object[]): string {
  return documents
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

/** Label of `base/application.yaml`: the set that the Application was made with. */
export const setLabel = 'catalyst.openova.io/set';

/** `base/application.yaml`. */
export function writeBaseApplication(input: Omit<BaseInput, 'values' | 'secrets'>): string {
  const document: BaseApplication = {
    apiVersion: 'catalyst.openova.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: input.application,
      annotations: { 'config.kubernetes.io/local-config': 'true' },
      ...(input.set === undefined ? {} : { labels: { [setLabel]: input.set } }),
    },
    spec: {
      organization: input.organization,
      ...(input.displayName === undefined ? {} : { displayName: input.displayName }),
      blueprint: {
        name: input.blueprint.name,
        version: input.blueprint.version,
        digest: input.blueprint.digest,
      },
      ...(input.requires.length === 0 ? {} : { requires: input.requires.map((entry) => ({ ...entry })) }),
    },
  };
  return toYaml(document);
}

/** `base/release.yaml`: the Flux source and HelmRelease; the digest comes from `application.yaml` by a replacement. */
export function writeRelease(application: string, url: string): string {
  const values = (key: string) => ({ kind: 'ConfigMap', name: 'values', valuesKey: key });
  return toYaml(
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      metadata: { name: application },
      spec: {
        interval: '10m',
        url,
        layerSelector: {
          mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
          operation: 'copy',
        },
        ref: { digest: 'from-application-yaml' },
      },
    },
    {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: application },
      spec: {
        interval: '10m',
        targetNamespace: application,
        install: { createNamespace: true },
        chartRef: { kind: 'OCIRepository', name: application },
        driftDetection: { mode: 'enabled' },
        valuesFrom: [values('values.yaml'), values('overlay.yaml'), values('bindings.yaml')],
      },
    },
  );
}

/** One ExternalSecret; `name` is also the name of the Secret, `key` the path below the Environment's mount. */
export function writeExternalSecret(application: string, name: string, key: string): string {
  return toYaml({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'SecretStore', name: application },
      target: { name },
      dataFrom: [{ extract: { key } }],
    },
  });
}

/** Where one ExternalSecret stands, and what it reads. */
export interface SecretReference {
  readonly path: string;
  readonly name: string;
  readonly key: string;
}

/** References of the Secrets that are generated for the Application. */
export function ownSecrets(application: string, secrets: readonly string[]): SecretReference[] {
  return secrets.map((name) => ({
    path: `${basePaths.secrets}${name}.yaml`,
    name,
    key: `${application}/${name}`,
  }));
}

/**
 * Reference of the Secret that a bound dependency gives. A requirement with a condition is not asked for everywhere, so it is
 * referenced in the overlay of the Environment that asks for it.
 */
export function bindingSecret(application: string, alias: string, overlay?: EnvType): SecretReference {
  const folder = overlay === undefined ? basePaths.secrets : `${overlayFolder(overlay)}/secrets/`;
  return { path: `${folder}${alias}.yaml`, name: alias, key: `${application}/bindings/${alias}` };
}

/** `base/kustomizeconfig.yaml`: lets the name of the generated ConfigMap reach the HelmRelease. */
export const kustomizeConfig = toYaml({
  nameReference: [
    { kind: 'ConfigMap', version: 'v1', fieldSpecs: [{ path: 'spec/valuesFrom/name', kind: 'HelmRelease' }] },
  ],
});

/** `base/kustomization.yaml`; resources are relative to `base/`. */
export function writeBaseKustomization(application: string, resources: readonly string[]): string {
  return toYaml({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources,
    configMapGenerator: [{ name: 'values', files: ['values.yaml'] }],
    configurations: ['kustomizeconfig.yaml'],
    replacements: [
      {
        source: { kind: 'Application', name: application, fieldPath: 'spec.blueprint.digest' },
        targets: [{ select: { kind: 'OCIRepository', name: application }, fieldPaths: ['spec.ref.digest'] }],
      },
    ],
  });
}

/** A values file that people will edit: with a line that says what it is for. */
export function writeValues(comment: string, values: JsonObject): string {
  return Object.keys(values).length === 0 ? `# ${comment}\n{}\n` : `# ${comment}\n${toYaml(values)}`;
}

/** All of `base/`. */
export function writeBase(input: BaseInput): RepositoryFiles {
  const secrets = [
    ...ownSecrets(input.application, input.secrets),
    ...input.requires
      .filter((entry) => entry.when === undefined)
      .map((entry) => bindingSecret(input.application, entry.alias)),
  ];
  const files: RepositoryFiles = {
    [basePaths.application]: writeBaseApplication(input),
    [basePaths.values]: writeValues('Configuration shared by all Environments.', input.values),
    [basePaths.release]: writeRelease(input.application, input.blueprint.url),
    [basePaths.kustomizeConfig]: kustomizeConfig,
    [basePaths.kustomization]: writeBaseKustomization(input.application, [
      'application.yaml',
      'release.yaml',
      ...secrets.map((secret) => secret.path.slice('base/'.length)),
    ]),
  };
  for (const secret of secrets)
    files[secret.path] = writeExternalSecret(input.application, secret.name, secret.key);
  return files;
}

/** `overlays/<env_type>/bindings.yaml`: generated chart values; never written by hand. */
export function writeBindings(
  input: Pick<OverlayInput, 'application' | 'organization' | 'environment' | 'hosts' | 'url' | 'bindings'>,
): string {
  const dependencies = Object.fromEntries(
    input.bindings.map((bound) => [
      bound.alias,
      { host: `${bound.service}.${bound.application}.svc`, port: bound.port, secretName: bound.alias },
    ]),
  );
  return `# Generated by Catalyst from application.yaml. Change that file instead.\n${toYaml({
    application: {
      name: input.application,
      environment: input.environment,
      organization: input.organization,
      hosts: input.hosts,
      url: input.url,
    },
    ...(input.bindings.length === 0 ? {} : { dependencies }),
  })}`;
}

/** `overlays/<env_type>/kustomization.yaml`; resources of the overlay's own are relative to its folder. */
export function writeOverlayKustomization(application: string, resources: readonly string[]): string {
  return toYaml({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: application,
    resources: ['../../base', ...resources],
    patches: [{ path: 'application.yaml' }],
    configMapGenerator: [
      { name: 'values', behavior: 'merge', files: ['overlay.yaml=values.yaml', 'bindings.yaml'] },
    ],
  });
}

/** All of `overlays/<env_type>/`. */
export function writeOverlay(input: OverlayInput): RepositoryFiles {
  const paths = overlayPaths(input.envType);
  const application: OverlayApplication = {
    apiVersion: 'catalyst.openova.io/v1alpha1',
    kind: 'Application',
    metadata: { name: input.application },
    spec: {
      paused: false,
      placement: { mode: 'single-region' },
      ...(input.bindings.length === 0
        ? {}
        : {
            bindings: input.bindings.map((bound) => ({ alias: bound.alias, application: bound.application })),
          }),
      hosts: [...input.hosts],
      holds: [],
    },
  };
  const secrets = input.bindings
    .filter((bound) => input.conditional?.includes(bound.alias))
    .map((bound) => bindingSecret(input.application, bound.alias, input.envType));
  const files: RepositoryFiles = {
    [paths.kustomization]: writeOverlayKustomization(
      input.application,
      secrets.map((secret) => secret.path.slice(overlayFolder(input.envType).length + 1)),
    ),
    [paths.application]: toYaml(application),
    [paths.values]: writeValues('What differs in this Environment.', input.values),
    [paths.bindings]: writeBindings(input),
  };
  for (const secret of secrets)
    files[secret.path] = writeExternalSecret(input.application, secret.name, secret.key);
  return files;
}

/** Where a repository says who answers for it. */
export const codeownersPath = 'CODEOWNERS';

/** The file that every branch of a new repository begins with. */
export function writeCodeowners(organization: string): string {
  return `* @${organization}/org-admins\n`;
}
