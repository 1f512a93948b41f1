import { dedicatedDependencyName } from '../dependency-name.ts';
import { circles, fittingMembers } from './find-provider.ts';
import type { Requirement, Resolution, ResolvedApplication, ResolvedChoice } from './resolution.ts';
import type { Ask, Met, Node, Search } from './search-state.ts';

/** What has been decided, in the words of a plan. */
export function toResolution(search: Search): Resolution {
  const { state } = search;
  const applications: ResolvedApplication[] = [];
  const done = new Set<number>();
  const metBy = Map.groupBy(state.met, (met) => met.ask.from.index);
  const visit = (node: Node) => {
    if (done.has(node.index)) return;
    done.add(node.index);
    for (const index of node.out) {
      const next = state.nodes[index];
      if (next) visit(next);
    }
    if (!node.candidate.composite) applications.push(toApplication(node, metBy.get(node.index) ?? []));
  };
  for (const node of state.nodes) visit(node);
  return {
    applications,
    choices: toChoices(search),
    skipped: state.skipped.map(({ path, dependency }) => ({
      alias: path.join('.'),
      blueprint: dependency.blueprint,
      when: dependency.when ?? '',
    })),
  };
}

function toApplication(node: Node, met: readonly Met[]): ResolvedApplication {
  const set = setOf(node);
  return {
    application: node.application,
    blueprint: node.candidate.name,
    version: node.candidate.version,
    path: node.path,
    values: node.values,
    requires: node.candidate.depends.map(
      ({ alias, blueprint, version, when }): Requirement => ({
        alias,
        blueprint,
        version,
        ...(when === undefined ? {} : { when }),
      }),
    ),
    bindings: met.map((one) => ({
      alias: one.ask.dependency.alias,
      application: one.node?.application ?? one.existing ?? '',
    })),
    ...(set === undefined ? {} : { set }),
  };
}

/** A member belongs to the outermost composite; what is made for a member belongs to the set too, for it goes with it. */
function setOf(node: Node): string | undefined {
  let set: string | undefined;
  for (let at: Node | undefined = node; at; at = at.askedBy?.from)
    if (at.candidate.composite) set = at.application;
  return set;
}

/** Every requirement that is met so far, how, and how else it could be; and the one that could not be met, if there is one. */
export function toChoices(search: Search, open?: Ask): ResolvedChoice[] {
  const met: readonly Met[] = [...search.state.met, ...(open ? [{ ask: open, made: true }] : [])];
  return met.map((one) => toChoice(search, one));
}

function toChoice(search: Search, met: Met): ResolvedChoice {
  const { request, index } = search;
  const { ask } = met;
  const { blueprint, version, alias } = ask.dependency;
  const path = ask.path.join('.');
  const newName = dedicatedDependencyName(ask.from.application, alias);
  const application = met.node?.application ?? met.existing ?? newName;
  const fitting = request.existing
    .filter(
      (one) =>
        one.blueprint === blueprint &&
        index.satisfies(one.version, version) &&
        !circles(request.existing, one.application, ask.from.application),
    )
    .map((one) => one.application);
  const members = ask.from.candidate.composite ? [] : fittingMembers(search, ask);
  const shared = met.node && !met.made ? [application] : [];
  return {
    alias: path,
    blueprint,
    version,
    existing: [...new Set([...fitting, ...members.map((node) => node.application), ...shared])].sort(),
    newName,
    chosen: request.choices[path] ?? (met.made ? { use: 'new' } : { use: 'existing', application }),
    application,
    met: met.existing !== undefined ? 'existing' : met.made ? 'new' : 'shared',
  };
}
