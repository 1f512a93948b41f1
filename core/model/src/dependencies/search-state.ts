import { combineLayers, mergeValues } from '../config/values.ts';
import type { JsonObject } from '../kubernetes.ts';
import { ok, type Problem, type Result } from '../problem.ts';
import type { BlueprintDependency } from '../resources/blueprint.ts';
import type { Candidate, DependencyIndex } from './dependency-index.ts';
import type { ResolutionRequest, ResolvedChoice } from './resolution.ts';
import type { FieldPlace } from './scope.ts';
import { fillTemplates } from './template.ts';

/** An Application, or a composite, at the version that is being tried. */
export interface Node {
  readonly index: number;
  readonly application: string;
  readonly candidate: Candidate;
  readonly values: JsonObject;
  readonly config: JsonObject;
  readonly path: readonly string[];
  /** The requirement for which it is made. */
  readonly askedBy?: Ask;
  /** Nodes whose versions made it what it is (`causesOf`), itself included. */
  readonly lineage: readonly number[];
  /** Nodes that it is bound to. */
  readonly out: number[];
}

/** One requirement that is asked for: its condition holds. */
export interface Ask {
  readonly from: Node;
  readonly dependency: BlueprintDependency;
  readonly path: readonly string[];
  readonly place: FieldPlace;
}

/** A requirement and who meets it: a node, or an Application that is there. */
export interface Met {
  readonly ask: Ask;
  readonly node?: Node;
  readonly existing?: string;
  readonly made: boolean;
}

/** Everything decided so far; the search takes decisions back by cutting the lists to what they were. */
export interface SearchState {
  readonly nodes: Node[];
  readonly met: Met[];
  readonly skipped: Ask[];
  /** Asks of composites, which go first so that every member is known before a dependency looks for one. */
  readonly members: Ask[];
  readonly others: Ask[];
  membersDone: number;
  othersDone: number;
  steps: number;
}

/** A refusal that another version might avoid, said as the chain of who asks for what. */
export interface Conflict {
  readonly problem: Problem;
  /** Whether it stands whatever is chosen for the Application that it is about. */
  readonly final: boolean;
}

/** One run of the search. */
export interface Search {
  readonly request: ResolutionRequest;
  readonly index: DependencyIndex;
  readonly state: SearchState;
  readonly conflicts: Conflict[];
  /** What could be chosen when the first refusal was found. */
  choicesAtFailure?: readonly ResolvedChoice[];
}

/** Nothing is decided yet. */
export function emptyState(): SearchState {
  return {
    nodes: [],
    met: [],
    skipped: [],
    members: [],
    others: [],
    membersDone: 0,
    othersDone: 0,
    steps: 0,
  };
}

/** Remembers how far the search is; the answer goes back there. */
export function markState(state: SearchState): () => void {
  const { membersDone, othersDone } = state;
  const lists = [state.nodes, state.skipped, state.members, state.others].map((list) => ({
    list,
    length: list.length,
  }));
  const metLength = state.met.length;
  return () => {
    for (const met of state.met.splice(metLength)) if (met.node) met.ask.from.out.pop();
    for (const { list, length } of lists) list.length = length;
    state.membersDone = membersDone;
    state.othersDone = othersDone;
  };
}

/** Says that a node meets a requirement. */
export function bind(state: SearchState, met: Met): void {
  state.met.push(met);
  if (met.node) met.ask.from.out.push(met.node.index);
}

/** A node with all that it depends on so far. */
function closureOf(state: SearchState, node: Node): ReadonlySet<Node> {
  const seen = new Set<Node>();
  const open = [node];
  for (let next = open.pop(); next; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const index of next.out) {
      const below = state.nodes[index];
      if (below) open.push(below);
    }
  }
  return seen;
}

/** Whether one node is, or depends on, another, however far down. */
export function reaches(state: SearchState, from: Node, to: Node): boolean {
  return from === to || (from.out.length > 0 && closureOf(state, from).has(to));
}

/**
 * Nodes whose versions made a requirement what it is: its dependent's creators and, as members of a set may or may not meet it, all
 * that decided whether they do.
 */
export function causesOf(state: SearchState, ask: Ask): Set<number> {
  const causes = new Set(ask.from.lineage);
  if (!state.nodes[0]?.candidate.composite) return causes;
  for (const node of state.nodes)
    if (node.candidate.composite) causes.add(node.index);
    else if (node.candidate.name === ask.dependency.blueprint)
      for (const below of closureOf(state, node)) for (const index of below.lineage) causes.add(index);
  return causes;
}

/** Adds a node with what it asks for. Problems: its values or conditions cannot be read. */
export function addNode(
  state: SearchState,
  index: DependencyIndex,
  request: ResolutionRequest,
  made: {
    readonly application: string;
    readonly candidate: Candidate;
    readonly values: JsonObject;
    readonly ask?: Ask;
    readonly causes?: ReadonlySet<number>;
  },
): Result<Node> {
  const { application, candidate, ask, values } = made;
  const position = state.nodes.length;
  const node: Node = {
    index: position,
    application,
    candidate,
    values,
    config: mergeValues(candidate.defaults, values),
    path: ask?.path ?? [],
    ...(ask ? { askedBy: ask } : {}),
    lineage: [...(made.causes ?? []), position],
    out: [],
  };
  const asked = askOf(node, index, request);
  if (!asked.ok) return asked;
  state.nodes.push(node);
  state.skipped.push(...asked.value.skipped);
  (candidate.composite ? state.members : state.others).push(...asked.value.asks);
  return ok(node);
}

function askOf(
  node: Node,
  index: DependencyIndex,
  request: ResolutionRequest,
): Result<{ asks: Ask[]; skipped: Ask[] }> {
  const asks: Ask[] = [];
  const skipped: Ask[] = [];
  const problems: Problem[] = [];
  for (const [at, dependency] of node.candidate.depends.entries()) {
    const place: FieldPlace = {
      blueprint: `${node.candidate.name} ${node.candidate.version}`,
      alias: dependency.alias,
      field: `spec.depends.${at}.when`,
    };
    const ask: Ask = { from: node, dependency, path: [...node.path, dependency.alias], place };
    if (dependency.when === undefined) {
      asks.push(ask);
      continue;
    }
    const condition = index.condition(dependency.when, place);
    const holds = condition.ok ? condition.value.holds(scopeOf(node, request), place) : condition;
    if (!holds.ok) problems.push(...holds.problems);
    else (holds.value ? asks : skipped).push(ask);
  }
  return problems.length > 0 ? { ok: false, problems } : ok({ asks, skipped });
}

/** What a requirement gives to the Application that is made for it: the Blueprint's values, and over them the chosen ones. */
export function valuesFor(ask: Ask, request: ResolutionRequest, chosen: JsonObject): Result<JsonObject> {
  const { values } = ask.dependency;
  if (values === undefined) return ok(chosen);
  const place = { ...ask.place, field: ask.place.field.replace(/when$/, 'values') };
  const filled = fillTemplates(values, scopeOf(ask.from, request), place);
  return filled.ok ? ok(combineLayers(filled.value, chosen)) : filled;
}

function scopeOf(node: Node, request: ResolutionRequest) {
  const { organization, environment } = request;
  return { config: node.config, application: { name: node.application, organization, environment } };
}
