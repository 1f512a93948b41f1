import semver from 'semver';
import type { UpgradePath } from '../api/upgrades.ts';

/** What a version says about how it is reached (`upgrades` of its Blueprint). */
export interface UpgradeRules {
  /** Versions that can go to this one, as `1.2.x` or a range; absent: every older one. */
  readonly from?: readonly string[];
  /** Versions that have no way to this one: the Application is made anew instead. */
  readonly blocks?: readonly string[];
}

/** One version that the catalog offers. */
export interface OfferedVersion {
  readonly version: string;
  readonly upgrades?: UpgradeRules;
}

const maxSteps = 10;

function matches(version: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => semver.satisfies(version, pattern, { includePrerelease: true }));
}

/**
 * Whether a pattern speaks of newer versions and of nothing else. `>=1.0.0` is meant for upgrades even where a newer version
 * satisfies it; only who names newer versions allows the way back from them.
 */
function namesNewer(version: string, pattern: string): boolean {
  const range = semver.validRange(pattern);
  const least = range === null ? null : semver.minVersion(range);
  return least !== null && semver.gt(least, version);
}

/** Why a version may not be reached from another; undefined where it may. */
function refusalOf(from: string, to: OfferedVersion): string | undefined {
  const { from: patterns, blocks = [] } = to.upgrades ?? {};
  if (matches(from, blocks))
    return `${to.version} has no way from ${from} (its Blueprint blocks ${blocks.join(', ')}): install it anew and take the data over by hand.`;
  if (semver.lt(to.version, from))
    return patterns?.some((pattern) => namesNewer(to.version, pattern) && matches(from, [pattern]))
      ? undefined
      : `${to.version} is older than ${from}, and its Blueprint does not say that it can take over from there. Roll back to an earlier revision instead.`;
  if (patterns !== undefined && !matches(from, patterns))
    return `${to.version} can be reached from ${patterns.length === 0 ? 'no other version' : patterns.join(', ')} only, not from ${from}.`;
  return undefined;
}

/** The fewest allowed upgrades that lead from one version to another, both left out of nothing; undefined where there are none. */
function wayTo(from: string, to: string, offered: readonly OfferedVersion[]): string[] | undefined {
  const between = offered.filter(({ version }) => semver.gt(version, from) && semver.lte(version, to));
  let reached = new Map<string, string[]>([[from, []]]);
  const seen = new Set([from]);
  for (let step = 0; step < maxSteps && reached.size > 0; step += 1) {
    const next = new Map<string, string[]>();
    // Newest first, so that of ways of one length the one over newer versions is taken.
    for (const [version, way] of reached)
      for (const target of [...between].sort((a, b) => semver.rcompare(a.version, b.version))) {
        if (seen.has(target.version) || !semver.gt(target.version, version)) continue;
        if (refusalOf(version, target) !== undefined) continue;
        if (target.version === to) return [...way, to];
        seen.add(target.version);
        next.set(target.version, [...way, target.version]);
      }
    reached = next;
  }
  return undefined;
}

/**
 * The way from a version to another one of the same Blueprint. `offered` are all versions in the catalog: where the direct way is
 * closed, the reason names the versions that lead there. Patterns that are no ranges match nothing.
 */
export function upgradePath(
  from: string,
  to: OfferedVersion,
  offered: readonly OfferedVersion[],
): UpgradePath {
  const direction = semver.lt(to.version, from) ? 'downgrade' : 'upgrade';
  const refusal = refusalOf(from, to);
  if (refusal === undefined) return { version: to.version, direction, allowed: true };
  const way = direction === 'upgrade' ? wayTo(from, to.version, offered) : undefined;
  const over = way && way.length > 1 ? ` Go over ${way.slice(0, -1).join(', then ')}.` : '';
  return { version: to.version, direction, allowed: false, reason: `${refusal}${over}` };
}

/** The way to every other version, newest first. */
export function upgradePaths(from: string, offered: readonly OfferedVersion[]): UpgradePath[] {
  return offered
    .filter(({ version }) => version !== from)
    .sort((a, b) => semver.rcompare(a.version, b.version))
    .map((to) => upgradePath(from, to, offered));
}
