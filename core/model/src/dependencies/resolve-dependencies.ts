import { dedicatedDependencyName } from '../dependency-name.ts';
import type { JsonObject } from '../kubernetes.ts';
import type { Problem } from '../problem.ts';
import type { Candidate, DependencyIndex } from './dependency-index.ts';
import { explainCycle, explainDisagreement, explainMissing, explainUnfit } from './explain-conflict.ts';
import { type Found, findFitting, findMember } from './find-provider.ts';
import type { ResolutionOutcome, ResolutionRequest } from './resolution.ts';
import { toChoices, toResolution } from './resolution-of.ts';
import {
  type Ask,
  addNode,
  bind,
  type Conflict,
  causesOf,
  emptyState,
  markState,
  type Node,
  type Search,
  valuesFor,
} from './search-state.ts';

/** Most levels of aliases below the root. */
export const maxDependencyDepth = 10;
/** Most Applications in one resolution. */
export const maxDependencyNodes = 500;
const maxSteps = 5_000;
const maxConflicts = 50;

/**
 * Which Applications a Blueprint needs, in which versions, and which of them are made or there already. Pure and deterministic.
 *
 * *Scope.* All requirements that are met by the same planned Application are one scope and are solved together: it has one version,
 * within every range asked of it. A requirement gets an Application of its own (`<dependent>-<alias>`, a scope of its own) unless
 * its choice names an existing one, or a new one by a name that is already planned, or, in a set (a composite root), a member has
 * the Blueprint, shares a version of the catalog with the range and does not itself depend on the asker: that member then meets it.
 *
 * *Pick.* Applications are ordered as they are first asked for: members of the set first, then breadth first, aliases in the order
 * of the Blueprint. Of all coherent picks it is the one in which the first Application has its newest version, then the second, and
 * so on: an older version is taken only where every newer one cannot have what it needs itself, or disagrees with others. The
 * root has the version that was asked for. An Application that is used, existing or shared, is used as it is: a
 * requirement's `values` configure only what is made for it.
 *
 * *Refusals* are values, with the chain of who asks for what: `DependencyMissing`, `DependencyConflict`, `DependencyCycle`,
 * `DependencyUnfit`, `NameTaken`, `UnknownChoice`, those of conditions and templates, and `TooDeep` (10 levels), `TooLarge` (500
 * Applications), `TooComplex` (5,000 versions tried). What a condition or template cannot answer is refused at once and never avoided by an older
 * version, because its author has to know.
 */
export function resolveDependencies(request: ResolutionRequest, index: DependencyIndex): ResolutionOutcome {
  const { root } = request;
  const candidate = index.find(root.blueprint, root.version);
  if (!candidate)
    return {
      ok: false,
      choices: [],
      problems: [
        {
          code: 'UnknownVersion',
          field: 'version',
          message: `There is no ${root.blueprint} ${root.version} in the catalog.`,
        },
      ],
    };
  const search: Search = { request, index, state: emptyState(), conflicts: [] };
  const { state } = search;
  const added = addNode(state, index, request, {
    application: root.application,
    candidate,
    values: root.values,
  });
  const failed: Failed | undefined = added.ok ? advance(search) : { problems: added.problems };
  if (!failed) {
    const unknown = unknownChoices(search);
    if (unknown.length === 0) return { ok: true, value: toResolution(search) };
    return { ok: false, problems: unknown, choices: toChoices(search) };
  }
  const chosen = search.conflicts.find((one) => one.final) ?? search.conflicts[0];
  const problems = 'problems' in failed ? failed.problems : chosen ? [chosen.problem] : [];
  return { ok: false, problems, choices: search.choicesAtFailure ?? toChoices(search) };
}

/** Either nodes of which one must have another version, or what no other version may hide. */
type Failed = { readonly culprits: ReadonlySet<number> } | { readonly problems: readonly Problem[] };

/** Meets every open requirement; undefined once all are met. */
function advance(search: Search): Failed | undefined {
  const { state } = search;
  for (;;) {
    const member = state.members[state.membersDone];
    const ask = member ?? state.others[state.othersDone];
    if (!ask) return undefined;
    if (member) state.membersDone += 1;
    else state.othersDone += 1;
    const found = findFitting(search, ask) ?? (member ? undefined : findMember(search, ask));
    if (!found) return make(search, ask);
    const failed = use(search, ask, found);
    if (failed) return failed;
  }
}

function abort(search: Search, ask: Ask, code: string, message: string): Failed {
  search.choicesAtFailure = toChoices(search, ask);
  return { problems: [{ code, field: `dependencies.${ask.path.join('.')}`, message }] };
}

function fail(search: Search, ask: Ask, conflict: Conflict, culprits: ReadonlySet<number>): Failed {
  search.choicesAtFailure ??= toChoices(search, ask);
  if (search.conflicts.length < maxConflicts) search.conflicts.push(conflict);
  return { culprits };
}

function use(search: Search, ask: Ask, found: Found): Failed | undefined {
  const { state, index } = search;
  const { dependency } = ask;
  if (found.kind === 'refused') return abort(search, ask, found.code, found.message);
  if (found.kind === 'existing') {
    const { application, blueprint, version } = found.application;
    if (!index.satisfies(version, dependency.version))
      return fail(search, ask, explainUnfit(ask, application, blueprint, version), causesOf(state, ask));
    bind(state, { ask, existing: application, made: false });
    return undefined;
  }
  const { node } = found;
  const causes = () => new Set([...causesOf(state, ask), ...node.lineage]);
  if (!index.satisfies(node.candidate.version, dependency.version))
    return fail(search, ask, explainDisagreement(state, index, ask, node), causes());
  if (!ask.from.candidate.composite && !node.candidate.provides)
    return fail(search, ask, explainMissing(index, ask), causes());
  bind(state, { ask, node, made: false });
  return undefined;
}

/** Makes a new Application for a requirement: the newest version with which everything after it works out. */
function make(search: Search, ask: Ask): Failed | undefined {
  const { state, index, request } = search;
  const { dependency, from } = ask;
  const choice = request.choices[ask.path.join('.')];
  const chosen = choice?.use === 'new' ? choice : undefined;
  const application = chosen?.name ?? dedicatedDependencyName(from.application, dependency.alias);
  if (state.nodes.some((node) => node.application === application))
    return abort(
      search,
      ask,
      'NameTaken',
      `The name "${application}" is used twice in this plan. Choose another for "${ask.path.join('.')}".`,
    );
  const causes = causesOf(state, ask);
  for (let at: Node | undefined = from; at; at = at.askedBy?.from)
    if (at.candidate.name === dependency.blueprint) return fail(search, ask, explainCycle(ask), causes);
  if (ask.path.length > maxDependencyDepth)
    return abort(search, ask, 'TooDeep', `Dependencies are nested deeper than ${maxDependencyDepth} levels.`);
  if (state.nodes.length >= maxDependencyNodes)
    return abort(search, ask, 'TooLarge', `More than ${maxDependencyNodes} Applications would be made.`);
  const usable = (candidate: Candidate) =>
    from.candidate.composite || (candidate.provides && !candidate.composite);
  const candidates = index.satisfying(dependency.blueprint, dependency.version).filter(usable);
  if (candidates.length === 0) return fail(search, ask, explainMissing(index, ask), causes);
  const values = valuesFor(ask, request, (chosen?.values ?? {}) as JsonObject);
  if (!values.ok) return { problems: values.problems };
  return decide(search, { application, ask, values: values.value, causes }, candidates);
}

interface Made {
  readonly application: string;
  readonly ask: Ask;
  readonly values: JsonObject;
  readonly causes: ReadonlySet<number>;
}

function decide(search: Search, made: Made, candidates: readonly Candidate[]): Failed | undefined {
  const { state, index, request } = search;
  const position = state.nodes.length;
  const culprits = new Set(made.causes);
  const goBack = markState(state);
  for (const candidate of candidates) {
    state.steps += 1;
    if (state.steps > maxSteps)
      return abort(
        search,
        made.ask,
        'TooComplex',
        `No coherent pick of versions was found among the first ${maxSteps}. Choose existing Applications for some of the dependencies.`,
      );
    const added = addNode(state, index, request, { ...made, candidate });
    if (!added.ok) return { problems: added.problems };
    bind(state, { ask: made.ask, node: added.value, made: true });
    const failed = advance(search);
    if (!failed || 'problems' in failed) return failed;
    goBack();
    // What went wrong has nothing to do with this Application: another version of it would not help.
    if (!failed.culprits.has(position)) return failed;
    for (const culprit of failed.culprits) if (culprit !== position) culprits.add(culprit);
  }
  return { culprits };
}

/** A choice for what no Blueprint asks is a mistake, and not one to be passed over. */
function unknownChoices({ request, state }: Search): Problem[] {
  const known = new Set(
    state.nodes.flatMap((node) => node.candidate.depends.map((one) => [...node.path, one.alias].join('.'))),
  );
  const closed = new Set(
    [...state.met.filter((met) => !met.made).map((met) => met.ask), ...state.skipped].map((ask) =>
      ask.path.join('.'),
    ),
  );
  const below = (path: string) => {
    const parts = path.split('.');
    return parts.some((_, at) => closed.has(parts.slice(0, at).join('.')));
  };
  return Object.keys(request.choices)
    .filter((path) => !known.has(path) && !below(path))
    .slice(0, 10)
    .map((path) => ({
      code: 'UnknownChoice',
      field: `dependencies.${path}`,
      message: `Nothing is asked for under "${path}".`,
    }));
}
