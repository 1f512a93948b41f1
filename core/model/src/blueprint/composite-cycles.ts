import { maxSatisfying } from 'semver';
import type { Blueprint } from '../resources/blueprint.ts';
import { isComposite } from './composite.ts';

/** A version of a Blueprint on a circle with a composite in it. */
export interface CompositeCycle {
  readonly blueprint: Blueprint;
  /** `<name> <version>` of each on the way, from this one round to itself. */
  readonly chain: readonly string[];
}

interface Node {
  readonly key: string;
  readonly blueprint: Blueprint;
  needs: Node[];
  neededBy: number;
}

/**
 * Every composite that leads back to itself, and every Blueprint version on the shortest way round. A dependency stands for the
 * newest version given that its range takes, whatever its `when` says: a bundle that may contain itself is a mistake of its author.
 * Linear in versions and dependencies where there is no circle at all.
 */
export function findCompositeCycles(blueprints: readonly Blueprint[]): readonly CompositeCycle[] {
  const circular = trim(toGraph(blueprints));
  const found = new Map<string, CompositeCycle>();
  for (const start of circular) {
    if (!isComposite(start.blueprint) || found.has(start.key)) continue;
    const way = wayBack(start);
    for (const [at, node] of way.entries())
      if (!found.has(node.key))
        found.set(node.key, {
          blueprint: node.blueprint,
          chain: [...way.slice(at), ...way.slice(0, at), node].map(({ key }) => key),
        });
  }
  return [...found.values()];
}

function toGraph(blueprints: readonly Blueprint[]): Node[] {
  const byName = new Map<string, Map<string, Node>>();
  for (const blueprint of blueprints) {
    const { name } = blueprint.metadata;
    const { version } = blueprint.spec;
    const versions = byName.get(name) ?? new Map<string, Node>();
    versions.set(version, { key: `${name} ${version}`, blueprint, needs: [], neededBy: 0 });
    byName.set(name, versions);
  }
  const picked = new Map<string, Node | undefined>();
  const pick = (name: string, range: string): Node | undefined => {
    const key = `${name} ${range}`;
    if (!picked.has(key)) {
      const versions = byName.get(name);
      const newest = versions && maxSatisfying([...versions.keys()], range);
      picked.set(key, typeof newest === 'string' ? versions?.get(newest) : undefined);
    }
    return picked.get(key);
  };
  const nodes = [...byName.values()].flatMap((versions) => [...versions.values()]);
  for (const node of nodes) {
    const needs = (node.blueprint.spec.depends ?? []).map((need) => pick(need.blueprint, need.version));
    node.needs = [...new Set(needs)].filter((need) => need !== undefined);
    for (const need of node.needs) need.neededBy += 1;
  }
  return nodes;
}

/** What is left after everything that nothing needs is taken away, again and again: circles, and what hangs below them. */
function trim(nodes: readonly Node[]): Node[] {
  const queue = nodes.filter((node) => node.neededBy === 0);
  const gone = new Set<Node>();
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    gone.add(node);
    for (const need of node.needs) {
      need.neededBy -= 1;
      if (need.neededBy === 0) queue.push(need);
    }
  }
  return nodes.filter((node) => !gone.has(node));
}

/** The shortest way from a node back to itself, without the end; empty where there is none. */
function wayBack(start: Node): Node[] {
  const from = new Map<Node, Node>();
  const queue: Node[] = [start];
  for (const node of queue)
    for (const need of node.needs) {
      if (need === start) {
        const way: Node[] = [];
        for (let at: Node | undefined = node; at !== undefined && at !== start; at = from.get(at))
          way.unshift(at);
        return [start, ...way];
      }
      if (!from.has(need)) {
        from.set(need, node);
        queue.push(need);
      }
    }
  return [];
}
