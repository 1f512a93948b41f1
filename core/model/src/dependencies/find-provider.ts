import type { ExistingApplication } from './resolution.ts';
import { type Ask, type Node, reaches, type Search } from './search-state.ts';

/** Who meets a requirement without being made for it. */
export type Found =
  | { readonly kind: 'existing'; readonly application: ExistingApplication }
  | { readonly kind: 'planned'; readonly node: Node }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** The Application that the choice names, planned or existing; undefined where a new one is to be made. */
export function findFitting(search: Search, ask: Ask): Found | undefined {
  const { request, state } = search;
  const choice = request.choices[ask.path.join('.')];
  const name = choice?.use === 'existing' ? choice.application : choice?.name;
  if (choice === undefined || name === undefined) return undefined;
  const { blueprint, version } = ask.dependency;
  const node = state.nodes.find((one) => one.application === name);
  if (node) {
    if (node.candidate.name !== blueprint || node.candidate.composite)
      return choice.use === 'new'
        ? undefined
        : refuse('DependencyUnfit', `"${name}" is ${node.candidate.name}, and ${blueprint} is needed.`);
    return reaches(state, node, ask.from)
      ? refuse(
          'DependencyCycle',
          `"${name}" cannot serve "${ask.from.application}": it depends on it itself.`,
        )
      : { kind: 'planned', node };
  }
  if (choice.use === 'new') return undefined;
  const application = request.existing.find((one) => one.application === name);
  if (!application || application.blueprint !== blueprint)
    return refuse(
      'DependencyUnfit',
      `"${name}" is no ${blueprint} ${version} that can be used in ${request.environment}.`,
    );
  if (circles(request.existing, name, ask.from.application))
    return refuse(
      'DependencyCycle',
      `"${name}" cannot serve "${ask.from.application}": it depends on it itself.`,
    );
  return { kind: 'existing', application };
}

function refuse(code: string, message: string): Found {
  return { kind: 'refused', code, message };
}

/** Whether an Application that is there is, or depends on, the one that would be bound to it. */
export function circles(existing: readonly ExistingApplication[], from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(existing.find((one) => one.application === name)?.boundTo ?? []));
  }
  return false;
}

/** The members of the set that could meet a requirement: those with the same alias first. */
export function fittingMembers({ state, index }: Search, ask: Ask): Node[] {
  if (!state.nodes[0]?.candidate.composite) return [];
  const { blueprint, version, alias } = ask.dependency;
  const candidates = index.satisfying(blueprint, version);
  const fitting = state.met.flatMap(({ ask: asked, node }) =>
    asked.from.candidate.composite &&
    node?.candidate.name === blueprint &&
    candidates.some((one) => one.provides && index.satisfies(one.version, asked.dependency.version)) &&
    !reaches(state, node, ask.from)
      ? [{ node, alias: asked.dependency.alias }]
      : [],
  );
  return [
    ...fitting.filter((member) => member.alias === alias),
    ...fitting.filter((member) => member.alias !== alias),
  ].map((member) => member.node);
}

/** The member of the set that meets a requirement for which nothing was chosen. */
export function findMember(search: Search, ask: Ask): Found | undefined {
  if (search.request.choices[ask.path.join('.')] !== undefined) return undefined;
  const [node] = fittingMembers(search, ask);
  return node ? { kind: 'planned', node } : undefined;
}
