import { ok, type Problem, type Result, refused } from '../problem.ts';
import { parseCondition } from './condition.ts';
import type { Requirement } from './resolution.ts';
import type { DependencyScope } from './scope.ts';

/**
 * The requirements of an Application that are asked for with its merged configuration: those without a condition, and those whose
 * condition is true. Problems as of `parseCondition` and `Condition.holds`, at `spec.requires[<alias>].when`.
 */
export function activeRequirements<T extends Requirement>(
  requires: readonly T[],
  blueprint: string,
  scope: DependencyScope,
): Result<readonly T[]> {
  const active: T[] = [];
  const problems: Problem[] = [];
  for (const requirement of requires) {
    const { alias, when } = requirement;
    const place = { blueprint, alias, field: `spec.requires[${alias}].when` };
    const condition = when === undefined ? undefined : parseCondition(when, place);
    const holds = condition?.ok ? condition.value.holds(scope, place) : (condition ?? ok(true));
    if (!holds.ok) problems.push(...holds.problems);
    else if (holds.value) active.push(requirement);
  }
  return problems.length > 0 ? refused(...problems) : ok(active);
}
