import type { EnvType } from '../names.ts';

/** Where the files of an Application repository lie (design.md section 5). */
export const basePaths = {
  application: 'base/application.yaml',
  values: 'base/values.yaml',
  release: 'base/release.yaml',
  kustomization: 'base/kustomization.yaml',
  kustomizeConfig: 'base/kustomizeconfig.yaml',
  secrets: 'base/secrets/',
} as const;

/** Folder of what belongs to one Environment. */
export function overlayFolder(envType: EnvType): string {
  return `overlays/${envType}`;
}

/** Files of one overlay. */
export function overlayPaths(
  envType: EnvType,
): Record<'kustomization' | 'application' | 'values' | 'bindings', string> {
  const folder = overlayFolder(envType);
  return {
    kustomization: `${folder}/kustomization.yaml`,
    application: `${folder}/application.yaml`,
    values: `${folder}/values.yaml`,
    bindings: `${folder}/bindings.yaml`,
  };
}
