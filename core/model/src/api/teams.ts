import { type Static, Type } from 'typebox';
import { PersonView } from './reviews.ts';

const closed = { additionalProperties: false };

/** Name of a team: lower case, as `security`. */
export const teamNamePattern = '^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,39}$';

/** People of an Organization who answer for something together; named `@<organization>/<team>` in CODEOWNERS and policies. */
export const TeamView = Type.Object({
  name: Type.String(),
  description: Type.Optional(Type.String()),
  builtIn: Type.Boolean({ description: 'Follows the roles: org-admins, org-developers.' }),
  members: Type.Array(PersonView),
});
export type TeamView = Static<typeof TeamView>;

/** `GET /v1/organizations/{organization}/teams` */
export const TeamList = Type.Object({ items: Type.Array(TeamView) });

/** `PUT /v1/organizations/{organization}/teams/{team}`: makes or replaces. */
export const PutTeam = Type.Object(
  {
    description: Type.Optional(Type.String({ maxLength: 300 })),
    members: Type.Array(Type.String({ maxLength: 64, description: 'Id of a member.' }), {
      maxItems: 500,
      uniqueItems: true,
    }),
  },
  closed,
);
export type PutTeam = Static<typeof PutTeam>;
