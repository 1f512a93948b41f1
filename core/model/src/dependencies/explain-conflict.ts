import type { DependencyIndex } from './dependency-index.ts';
import type { Ask, Conflict, Node, SearchState } from './search-state.ts';

/** `bp-wordpress 1.3.0 asks for bp-mariadb ^1.4 (alias db)`. */
function sayAsk({ from, dependency }: Ask): string {
  const { name, version } = from.candidate;
  return `${name} ${version} asks for ${dependency.blueprint} ${dependency.version} (alias ${dependency.alias})`;
}

/** Every ask from the root down to this one. */
function chainOf(ask: Ask): string {
  const asks: Ask[] = [];
  for (let at: Ask | undefined = ask; at; at = at.from.askedBy) asks.unshift(at);
  return asks.map(sayAsk).join(', ');
}

function fieldOf(ask: Ask): string {
  return `dependencies.${ask.path.join('.')}`;
}

/** No version at all is in the range. */
export function explainMissing(index: DependencyIndex, ask: Ask): Conflict {
  const { blueprint, version } = ask.dependency;
  const all = index.all(blueprint);
  const unusable = index.satisfying(blueprint, version).length > 0;
  const reason =
    all.length === 0
      ? `There is no ${blueprint} in the catalog that could be used.`
      : unusable
        ? `${blueprint} offers nothing that others can be bound to.`
        : `No version of ${blueprint} in the catalog is within ${version}: there ${all.length === 1 ? 'is' : 'are'} ${sayVersions(all)}.`;
  return {
    final: true,
    problem: { code: 'DependencyMissing', field: fieldOf(ask), message: `${chainOf(ask)}. ${reason}` },
  };
}

/** A Blueprint would need a new Application of itself. */
export function explainCycle(ask: Ask): Conflict {
  return {
    final: true,
    problem: {
      code: 'DependencyCycle',
      field: fieldOf(ask),
      message: `${chainOf(ask)}: ${ask.dependency.blueprint} would need another ${ask.dependency.blueprint} without end. Use an existing Application for one of them.`,
    },
  };
}

/** Requirements that one Application is to meet do not go together. */
export function explainDisagreement(
  state: SearchState,
  index: DependencyIndex,
  ask: Ask,
  target: Node,
): Conflict {
  const asks = [...state.met.flatMap((met) => (met.node === target ? [met.ask] : [])), ask];
  const ranges = asks.map((one) => one.dependency.version);
  const both = index
    .all(target.candidate.name)
    .filter((candidate) => ranges.every((range) => index.satisfies(candidate.version, range)));
  const reason =
    both.length > 0
      ? `${sayVersions(both)} would do, but cannot have what ${both.length === 1 ? 'it needs itself' : 'they need themselves'}.`
      : `No version of ${target.candidate.name} is within all of them. Choose an Application of its own for "${ask.path.join('.')}".`;
  return {
    final: both.length === 0,
    problem: {
      code: 'DependencyConflict',
      field: fieldOf(ask),
      message: `"${target.application}" is to meet all of these: ${asks.map(chainOf).join('; ')}. ${reason}`,
    },
  };
}

/** An Application that is there has a version that does not fit. */
export function explainUnfit(ask: Ask, application: string, blueprint: string, version: string): Conflict {
  return {
    final: true,
    problem: {
      code: 'DependencyUnfit',
      field: fieldOf(ask),
      message: `${chainOf(ask)}. "${application}" is ${blueprint} ${version}: choose another one, or a new one.`,
    },
  };
}

function sayVersions(candidates: readonly { readonly version: string }[]): string {
  const named = candidates.slice(0, 5).map((candidate) => candidate.version);
  return candidates.length > 5 ? `${named.join(', ')} and ${candidates.length - 5} older` : named.join(', ');
}
