import type { PutTeam } from '@catalyst/model/api/teams.ts';
import { teamNamePattern } from '@catalyst/model/api/teams.ts';
import type { Actor, OrganizationRole } from '@catalyst/model/authorization.ts';
import { type OwnerHandle, parseTeamHandle } from '@catalyst/model/codeowners/codeowners.ts';
import { codes, ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import type { Database } from '../../ports/database.ts';
import type { Access, Member } from './access.ts';
import { checkRight } from './members.ts';
import { type TeamRow, teamsPerOrganization, teamsTable } from './team-rows.ts';

/** People of an Organization who answer for something together. */
export interface Team {
  readonly name: string;
  readonly description?: string;
  /** Follows a role; nobody edits it. */
  readonly builtIn: boolean;
  readonly members: readonly { readonly id: string; readonly name: string }[];
}

/** Ids of those who may approve behind each handle that names somebody; other handles are left out. */
export type People = Readonly<Record<OwnerHandle, readonly string[]>>;

/** Teams of Organizations. Membership of a team never outlives membership of the Organization. */
export interface Teams {
  /** Built-in ones first, then by name. */
  list(organization: string): Promise<Team[]>;
  /** Makes or replaces. Codes: `Denied`, `Invalid`, `TooMany`. */
  put(actor: Actor, organization: string, name: string, input: PutTeam): Promise<Result<Team>>;
  /** Codes: `Denied`, `NotFound`, `InUse` (a policy names it). */
  remove(actor: Actor, organization: string, name: string): Promise<Result<void>>;
  /**
   * Who stands behind teams and e-mail addresses now. Who only views may not approve and is not given; a team of which nobody may
   * approve is there with no one.
   */
  people(organization: string, handles: readonly OwnerHandle[]): Promise<People>;
}

const builtIn: Readonly<Record<string, { role: OrganizationRole; description: string }>> = {
  'org-admins': { role: 'org-admin', description: 'Everybody with the role org-admin.' },
  'org-developers': { role: 'org-developer', description: 'Everybody with the role org-developer.' },
};
const pattern = new RegExp(teamNamePattern);

/** Makes the teams over the table `teams`. */
export function createTeams(deps: {
  readonly database: Database;
  readonly access: Pick<Access, 'members'>;
  /** Names of what refers to a team, as policies. */
  readonly usesOf: (handle: OwnerHandle) => Promise<readonly string[]>;
}): Teams {
  const { database, access } = deps;

  function builtInTeam(name: string, members: readonly Member[]): Team | undefined {
    const of = Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
    return (
      of && {
        name,
        description: of.description,
        builtIn: true,
        members: members.filter(({ role }) => role === of.role).map(toPerson),
      }
    );
  }

  async function teamOf(
    organization: string,
    name: string,
    members: readonly Member[],
  ): Promise<Team | undefined> {
    const row = await database.table(teamsTable).get(`${organization}/${name}`);
    return builtInTeam(name, members) ?? (row && toTeam(row, members));
  }

  async function peopleBehind(
    organization: string,
    handle: OwnerHandle,
    members: readonly Member[],
  ): Promise<readonly string[] | undefined> {
    const may = new Set(
      members.filter(({ role, user }) => role !== 'org-viewer' && user.active).map(({ user }) => user.id),
    );
    const team = parseTeamHandle(handle);
    if (team) {
      const found =
        team.organization === organization ? await teamOf(organization, team.team, members) : undefined;
      return found?.members.map(({ id }) => id).filter((id) => may.has(id));
    }
    const member = members.find(({ user }) => user.email.toLowerCase() === handle.toLowerCase());
    return member && [member.user.id].filter((id) => may.has(id));
  }

  return {
    async list(organization) {
      const [members, rows] = await Promise.all([
        access.members(organization),
        database.table(teamsTable).list({ where: { organization }, limit: teamsPerOrganization }),
      ]);
      return [
        ...Object.keys(builtIn).flatMap((name) => builtInTeam(name, members) ?? []),
        ...rows.map((row) => toTeam(row, members)),
      ];
    },

    async put(actor, organization, name, input) {
      const members = await access.members(organization);
      const wrong = checkInput(name, input, members);
      if (wrong) return refused(wrong);
      const { description } = input;
      const row: TeamRow = {
        key: `${organization}/${name}`,
        organization,
        name,
        members: input.members,
        ...(description === undefined ? {} : { description }),
      };
      const refusal = await database.transaction(async (tables) => {
        const denied = await checkRight(tables, actor, organization);
        if (denied) return denied;
        const rows = tables.table(teamsTable);
        const isNew = (await rows.get(row.key)) === undefined;
        if (isNew && (await rows.count({ organization })) >= teamsPerOrganization) return tooMany;
        await rows.put(row);
        return undefined;
      });
      return refusal ? refused(refusal) : ok(toTeam(row, members));
    },

    async remove(actor, organization, name) {
      if (Object.hasOwn(builtIn, name)) return refused(isBuiltIn(name));
      const uses = await deps.usesOf(`@${organization}/${name}`);
      if (uses.length > 0)
        return refused({
          code: 'InUse',
          message: `The team "${name}" is named by ${uses.join(', ')}. Take it out there first.`,
        });
      const refusal = await database.transaction(async (tables) => {
        const denied = await checkRight(tables, actor, organization);
        if (denied) return denied;
        return (await tables.table(teamsTable).delete(`${organization}/${name}`)) ? undefined : noTeam(name);
      });
      return refusal ? refused(refusal) : ok(undefined);
    },

    async people(organization, handles) {
      const members = await access.members(organization);
      const found: Record<OwnerHandle, readonly string[]> = {};
      for (const handle of new Set(handles)) {
        const ids = await peopleBehind(organization, handle, members);
        if (ids) found[handle] = ids;
      }
      return found;
    },
  };
}

function checkInput(name: string, input: PutTeam, members: readonly Member[]): Problem | undefined {
  if (Object.hasOwn(builtIn, name)) return isBuiltIn(name);
  if (!pattern.test(name))
    return {
      code: codes.Invalid,
      field: 'team',
      message: 'A team has a name of 2 to 40 lower-case letters, digits and single hyphens.',
    };
  const stranger = input.members.find((id) => !members.some(({ user }) => user.id === id));
  return stranger === undefined
    ? undefined
    : {
        code: codes.Invalid,
        field: 'members',
        message: 'Only members of the Organization can be in its teams. Add the person there first.',
      };
}

const tooMany: Problem = {
  code: codes.TooMany,
  message: `An Organization has at most ${teamsPerOrganization} teams.`,
};
const isBuiltIn = (name: string): Problem => ({
  code: codes.Invalid,
  field: 'team',
  message: `The team "${name}" follows the roles. Change the roles of members instead.`,
});
const noTeam = (name: string): Problem => ({
  code: codes.NotFound,
  message: `There is no team "${name}".`,
});

function toPerson({ user }: Member) {
  return { id: user.id, name: user.name };
}

function toTeam(row: TeamRow, members: readonly Member[]): Team {
  return {
    name: row.name,
    ...(row.description === undefined ? {} : { description: row.description }),
    builtIn: false,
    members: members.filter(({ user }) => row.members.includes(user.id)).map(toPerson),
  };
}
