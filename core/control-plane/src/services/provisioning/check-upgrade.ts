import type { UpgradePath } from '@catalyst/model/api/upgrades.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import { type OfferedVersion, upgradePath, upgradePaths } from '@catalyst/model/upgrade/upgrade-path.ts';
import type { Catalog } from '../catalog/catalog.ts';

/** Every version of a Blueprint that an Organization may see, with what it says of upgrades. */
export function offeredVersions(catalog: Catalog, organization: string, name: string): OfferedVersion[] {
  const viewer = { organizations: [organization] };
  return catalog.versions(name, viewer).flatMap((version) => {
    const upgrades = catalog.find(name, version, viewer)?.blueprint.spec.upgrades;
    return [{ version, ...(upgrades ? { upgrades } : {}) }];
  });
}

/** The way from what an Application uses to every other version, newest first. */
export function upgradesOf(
  catalog: Catalog,
  organization: string,
  blueprint: { readonly name: string; readonly version: string },
): UpgradePath[] {
  return upgradePaths(blueprint.version, offeredVersions(catalog, organization, blueprint.name));
}

/** The way from one version to another one that is in the catalog. */
export function findUpgradePath(
  catalog: Catalog,
  organization: string,
  blueprint: { readonly name: string; readonly version: string },
  to: string,
): UpgradePath {
  const offered = offeredVersions(catalog, organization, blueprint.name);
  return upgradePath(
    blueprint.version,
    offered.find(({ version }) => version === to) ?? { version: to },
    offered,
  );
}

/** What forbids a change of version; undefined where it is allowed or is none. */
export function refusedUpgrade(
  catalog: Catalog,
  organization: string,
  blueprint: { readonly name: string; readonly version: string },
  to: string,
): Problem | undefined {
  if (blueprint.version === to) return undefined;
  const path = findUpgradePath(catalog, organization, blueprint, to);
  if (path.allowed) return undefined;
  return {
    code: path.direction === 'downgrade' ? 'DowngradeRefused' : 'UpgradeBlocked',
    field: 'version',
    message: `${blueprint.name}: ${path.reason ?? 'there is no way to this version.'}`,
  };
}
