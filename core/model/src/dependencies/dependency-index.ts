import semver from 'semver';
import { applyDefaults } from '../config/defaults.ts';
import type { JsonObject } from '../kubernetes.ts';
import { ok, type Result } from '../problem.ts';
import type { Blueprint, BlueprintDependency } from '../resources/blueprint.ts';
import { type Condition, parseCondition } from './condition.ts';
import type { FieldPlace } from './scope.ts';

/** One version of a Blueprint, as resolution sees it. */
export interface Candidate {
  readonly name: string;
  readonly version: string;
  readonly depends: readonly BlueprintDependency[];
  /** A composite has no Application of its own: what it depends on are its members. */
  readonly composite: boolean;
  /** Whether others can be bound to an Application of it. */
  readonly provides: boolean;
  /** What its configSchema states. */
  readonly defaults: JsonObject;
}

/** The catalog as one caller may use it. Whoever makes it leaves out what the caller may not see or this Sovereign cannot run. */
export interface DependencyIndex {
  find(name: string, version: string): Candidate | undefined;
  /** Newest first. */
  all(name: string): readonly Candidate[];
  /** Those within a range, newest first; none for a range that is none. */
  satisfying(name: string, range: string): readonly Candidate[];
  /** Whether a version is within a range. */
  satisfies(version: string, range: string): boolean;
  /** A condition, read once per text. */
  condition(text: string, place: FieldPlace): Result<Condition>;
}

const maxConditions = 10_000;

/**
 * An index over a lookup of versions (of one Blueprint, in any order). Versions are sorted, ranges compiled and conditions read once,
 * when they are first asked for, and kept for as long as the index: make one per state of the catalog and caller.
 */
export function createDependencyIndex(versionsOf: (name: string) => readonly Candidate[]): DependencyIndex {
  const sorted = new Map<string, readonly { candidate: Candidate; version: semver.SemVer }[]>();
  const found = new Map<string, readonly Candidate[]>();
  const ranges = new Map<string, semver.Range | null>();
  const conditions = new Map<string, Condition>();

  function versions(name: string) {
    const known = sorted.get(name);
    if (known) return known;
    const parsed = versionsOf(name).flatMap((candidate) => {
      const version = semver.parse(candidate.version);
      return version === null ? [] : [{ candidate, version }];
    });
    parsed.sort(
      (left, right) => right.version.compare(left.version) || right.version.compareBuild(left.version),
    );
    sorted.set(name, parsed);
    return parsed;
  }

  function compile(text: string): semver.Range | null {
    const known = ranges.get(text);
    if (known !== undefined) return known;
    let range: semver.Range | null = null;
    try {
      range = new semver.Range(text);
    } catch {
      // Nothing is within what is no range.
    }
    ranges.set(text, range);
    return range;
  }

  return {
    find: (name, version) => versions(name).find((entry) => entry.candidate.version === version)?.candidate,
    all: (name) => versions(name).map((entry) => entry.candidate),
    satisfying(name, text) {
      const key = `${name} ${text}`;
      const known = found.get(key);
      if (known) return known;
      const range = compile(text);
      const fitting = versions(name).filter((entry) => range?.test(entry.version) ?? false);
      const candidates = fitting.map((entry) => entry.candidate);
      found.set(key, candidates);
      return candidates;
    },
    satisfies: (version, text) => compile(text)?.test(version) ?? false,
    condition(text, place) {
      const known = conditions.get(text);
      if (known) return ok(known);
      const parsed = parseCondition(text, place);
      if (parsed.ok && conditions.size < maxConditions) conditions.set(text, parsed.value);
      return parsed;
    },
  };
}

/** A version as resolution sees it; its defaults are read when they are first needed. */
export function toCandidate({ metadata, spec }: Blueprint): Candidate {
  let defaults: JsonObject | undefined;
  return {
    name: metadata.name,
    version: spec.version,
    depends: spec.depends ?? [],
    composite: spec.card.category === 'composite',
    provides: spec.provides !== undefined,
    get defaults() {
      defaults ??= applyDefaults(spec.configSchema);
      return defaults;
    },
  };
}
