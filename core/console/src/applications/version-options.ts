import type { UpgradePath } from '@catalyst/model/api/upgrades.ts';

/** A version that an Application could go to, as it is offered. */
export interface VersionOption {
  readonly value: string;
  readonly label: string;
  readonly disabled: boolean;
  /** Why not, or what to mind. */
  readonly reason?: string;
}

/**
 * The versions to choose from, newest first, the present one among them. Without `paths` every version can be chosen, and the
 * plan says whether it can be reached.
 */
export function versionOptions(
  current: string,
  versions: readonly string[],
  paths: readonly UpgradePath[] | undefined,
): VersionOption[] {
  const listed = versions.includes(current) ? versions : [...versions, current];
  return listed.map((version) => {
    const path = paths?.find((entry) => entry.version === version);
    if (version === current) return { value: version, label: `${version} (now)`, disabled: false };
    const way = path?.direction === 'downgrade' ? ', a step back' : '';
    return {
      value: version,
      label: `${version}${way}`,
      disabled: path?.allowed === false,
      ...(path?.reason === undefined ? {} : { reason: path.reason }),
    };
  });
}
