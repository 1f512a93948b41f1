import { codes, type Problem } from '@catalyst/model/problem.ts';
import type { ProposedUpdate } from '../../ports/repositories.ts';

/** What a push may say of an Organization or Environment by its exact name: `-o delete=<name>`, `-o restore=<name>`. */
export type NamedFor = 'delete' | 'restore';

/** The names that a push gives for that. */
export function namedByPush({ pushOptions }: ProposedUpdate, what: NamedFor): ReadonlySet<string> {
  const start = `${what}=`;
  return new Set(
    pushOptions.filter((option) => option.startsWith(start)).map((option) => option.slice(start.length)),
  );
}

/** Why a push to any other repository may not name them. */
export function checkNamesNothing(update: ProposedUpdate): Problem[] {
  return (['delete', 'restore'] as const)
    .filter((what) => namedByPush(update, what).size > 0)
    .map((what) => ({
      code: codes.Invalid,
      message: `-o ${what}=<name> is for the Organizations and Environments of system/catalyst-config. Push here without it.`,
    }));
}
