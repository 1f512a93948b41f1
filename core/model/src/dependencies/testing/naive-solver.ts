import { dedicatedDependencyName } from '../../dependency-name.ts';
import type { BlueprintDependency } from '../../resources/blueprint.ts';
import { type Candidate, createDependencyIndex, type DependencyIndex } from '../dependency-index.ts';
import type { ResolutionRequest } from '../resolution.ts';

/** An entry of `depends`. */
export function depend(blueprint: string, version: string, alias: string): BlueprintDependency {
  return { blueprint, version, alias };
}

/** A version that others can be bound to; a composite where its name begins with `bp-set`. */
export function candidate(name: string, version: string, ...depends: Candidate['depends']): Candidate {
  const composite = name.startsWith('bp-set');
  return { name, version, depends, composite, provides: true, defaults: {} };
}

/** A dependency under an alias that is the name of its Blueprint unless told. */
export function on(blueprint: string, version = '*', alias = blueprint.slice(3)): BlueprintDependency {
  return depend(blueprint, version, alias);
}

/** An index over a list. */
export function catalog(candidates: readonly Candidate[]): DependencyIndex {
  const byName = Map.groupBy(candidates, (one) => one.name);
  return createDependencyIndex((name) => byName.get(name) ?? []);
}

/** A request for `app` of `bp-root 1.0.0`, unless told. */
export function request(
  change: Partial<Omit<ResolutionRequest, 'root'> & ResolutionRequest['root']> = {},
): ResolutionRequest {
  const { application = 'app', blueprint = 'bp-root', version = '1.0.0', values = {} } = change;
  return {
    organization: 'acme',
    environment: 'acme-dev',
    root: { application, blueprint, version, values },
    choices: change.choices ?? {},
    existing: change.existing ?? [],
  };
}

interface Made {
  readonly name: string;
  readonly candidate: Candidate;
  readonly from?: Made;
  readonly uses: Made[];
}

interface Asked {
  readonly from: Made;
  readonly path: string;
  readonly entry: BlueprintDependency;
}

/**
 * Every combination of versions in order, each looked at only when it is whole: what resolution must find, at any price. Knows
 * neither conditions nor existing Applications. Gives `application blueprint version` lines, undefined where nothing is coherent.
 */
export function solveNaively(
  given: ResolutionRequest,
  index: DependencyIndex,
  most: number,
): readonly string[] | undefined | 'too many' | 'aborted' {
  const script: number[] = [];
  for (let runs = 0; runs < most; runs += 1) {
    const unfolded = unfold(given, index, script);
    if (unfolded.aborted) return 'aborted';
    if (unfolded.coherent)
      return unfolded.made
        .filter((one) => !one.candidate.composite)
        .map((one) => `${one.name} ${one.candidate.name} ${one.candidate.version}`)
        .sort();
    script.length = 0;
    script.push(...unfolded.picks.map((pick) => pick.at));
    while (script.length > 0 && (script.at(-1) ?? 0) + 1 >= (unfolded.picks[script.length - 1]?.of ?? 0))
      script.pop();
    if (script.length === 0) return undefined;
    script.push((script.pop() ?? 0) + 1);
  }
  return 'too many';
}

function uses(from: Made, to: Made): boolean {
  return from === to || from.uses.some((next) => uses(next, to));
}

function unfold(given: ResolutionRequest, index: DependencyIndex, script: readonly number[]) {
  const [root] = index.all(given.root.blueprint);
  if (!root) throw new Error('no root');
  const made: Made[] = [{ name: given.root.application, candidate: root, uses: [] }];
  const picks: { at: number; of: number }[] = [];
  const met: { asked: Asked; by: Made }[] = [];
  const open = made.flatMap((one) => asksOf(one, ''));
  const end = (coherent: boolean, aborted = false) => ({ made, picks, coherent, aborted });
  for (let asked = open.shift(); asked; asked = open.shift()) {
    const { from, entry, path } = asked;
    const choice = given.choices[path];
    const chosen = choice?.use === 'new' ? choice.name : undefined;
    let by = chosen === undefined ? undefined : made.find((one) => one.name === chosen);
    if (by && (by.candidate.name !== entry.blueprint || uses(by, from))) return end(false, true);
    if (!by && choice === undefined && root.composite && from.candidate !== root)
      by = memberFor(asked, met, index, root);
    if (!by) {
      const name = chosen ?? dedicatedDependencyName(from.name, entry.alias);
      if (made.some((one) => one.name === name)) return end(false, true);
      for (let at: Made | undefined = from; at; at = at.from)
        if (at.candidate.name === entry.blueprint) return end(false);
      const all = index.all(entry.blueprint);
      if (all.length === 0) return end(false);
      const at = script[picks.length] ?? 0;
      picks.push({ at, of: all.length });
      by = { name, candidate: all[at] as Candidate, from, uses: [] };
      made.push(by);
      open.push(...asksOf(by, `${path}.`));
    }
    from.uses.push(by);
    met.push({ asked, by });
  }
  return end(
    met.every(
      ({ asked, by }) =>
        index.satisfies(by.candidate.version, asked.entry.version) &&
        (by.candidate.provides || asked.from.candidate.composite),
    ),
  );
}

function asksOf(from: Made, prefix: string): Asked[] {
  return from.candidate.depends.map((entry) => ({ from, entry, path: `${prefix}${entry.alias}` }));
}

function memberFor(
  { from, entry }: Asked,
  met: readonly { asked: Asked; by: Made }[],
  index: DependencyIndex,
  root: Candidate,
): Made | undefined {
  const members = met.filter(
    ({ asked, by }) =>
      asked.from.candidate === root &&
      by.candidate.name === entry.blueprint &&
      index
        .all(entry.blueprint)
        .some(
          (one) =>
            one.provides &&
            index.satisfies(one.version, entry.version) &&
            index.satisfies(one.version, asked.entry.version),
        ) &&
      !uses(by, from),
  );
  return (members.find(({ asked }) => asked.entry.alias === entry.alias) ?? members[0])?.by;
}
