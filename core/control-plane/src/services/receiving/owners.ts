import { codeownersPath } from '@catalyst/model/application-repository/write-files.ts';
import {
  compileOwners,
  type OwnerHandle,
  type OwnersOf,
  parseCodeowners,
} from '@catalyst/model/codeowners/codeowners.ts';
import type { Problem } from '@catalyst/model/problem.ts';
import type { Repositories, RepositoryName } from '../../ports/repositories.ts';
import type { People, Teams } from '../access/teams.ts';

/** Who answers for what nobody else does. */
export function orgAdmins(organization: string): OwnerHandle {
  return `@${organization}/org-admins`;
}

/** Owners at one revision. What no line speaks of, and CODEOWNERS itself where none names owners, belongs to the org-admins. */
export interface Ownership {
  readonly of: (path: string) => readonly OwnerHandle[];
}

/** Reads CODEOWNERS of a revision; undefined: there is none yet. */
export async function readOwnership(
  repositories: Pick<Repositories, 'read'>,
  repository: RepositoryName,
  revision: string | undefined,
): Promise<Ownership> {
  const bytes =
    revision === undefined ? undefined : await repositories.read(repository, revision, codeownersPath);
  const fallback = [orgAdmins(repository.organization)];
  const { rules } = parseCodeowners(bytes ? new TextDecoder().decode(bytes) : '');
  const ownersOf: OwnersOf = compileOwners(rules);
  return {
    of(path) {
      const owners = ownersOf(path) ?? fallback;
      return path === codeownersPath && owners.length === 0 ? fallback : owners;
    },
  };
}

/** Syntax of a CODEOWNERS file, and that every owner is a team of the Organization or one of its members. */
export async function checkCodeowners(
  teams: Pick<Teams, 'people'>,
  organization: string,
  text: string,
): Promise<Problem[]> {
  const { rules, problems } = parseCodeowners(text, codeownersPath);
  if (problems.length > 0) return [...problems];
  const people = await teams.people(
    organization,
    rules.flatMap(({ owners }) => [...owners]),
  );
  return rules
    .flatMap(({ line, owners }) => owners.map((owner) => ({ line, owner })))
    .filter(({ owner }) => !Object.hasOwn(people, owner))
    .slice(0, 20)
    .map(({ line, owner }) => ({
      code: 'UnknownOwner',
      file: codeownersPath,
      field: `line ${line}`,
      message: `"${owner}" is neither a team of ${organization} nor one of its members.`,
    }));
}

/** The owners of whom somebody is left who may approve; where nobody is, the org-admins. */
export function presentOwners(
  people: People,
  owners: readonly OwnerHandle[],
  organization: string,
): readonly OwnerHandle[] {
  return owners.some((owner) => (people[owner] ?? []).length > 0) ? owners : [orgAdmins(organization)];
}

/** Ids behind those. */
export function idsOf(people: People, owners: readonly OwnerHandle[], organization: string): string[] {
  return presentOwners(people, owners, organization).flatMap((owner) => [...(people[owner] ?? [])]);
}
