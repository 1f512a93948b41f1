import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false };
const token = Type.String({
  minLength: 1,
  maxLength: 128,
  description: 'The `token` of the link.',
});
const password = Type.String({ maxLength: 800, description: '12 to 200 characters.' });
const personName = Type.String({ minLength: 1, maxLength: 80 });

/** A person who can sign in. */
export const UserView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  email: Type.String(),
  sovereignAdmin: Type.Boolean(),
});
export type UserView = Static<typeof UserView>;

/** `POST /v1/setup` */
export const SetupRequest = Type.Object(
  { token, name: personName, email: Type.String({ maxLength: 254 }), password },
  closed,
);
export type SetupRequest = Static<typeof SetupRequest>;

/** Answer to set-up and acceptance. */
export const AcceptedUser = Type.Object({ user: UserView });
export type AcceptedUser = Static<typeof AcceptedUser>;

/** Role inside an Organization. */
export const Role = Type.Union([
  Type.Literal('org-admin'),
  Type.Literal('org-developer'),
  Type.Literal('org-viewer'),
]);
export type Role = Static<typeof Role>;

/** `POST /v1/invitations/read` and `POST /v1/me/memberships` */
export const InvitationToken = Type.Object({ token }, closed);
export type InvitationToken = Static<typeof InvitationToken>;

/** What a link offers; the same whether or not there is an account with the address. */
export const OfferedMembership = Type.Object({
  organization: Type.String(),
  name: Type.String(),
  email: Type.String(),
  role: Role,
  environments: Type.Optional(Type.Array(Type.String())),
  invitedBy: Type.String(),
  expiresAt: Type.String(),
});
export type OfferedMembership = Static<typeof OfferedMembership>;

/** `POST /v1/invitations/accept`: makes an account with the address of the invitation. */
export const AcceptRequest = Type.Object({ token, name: Type.Optional(personName), password }, closed);
export type AcceptRequest = Static<typeof AcceptRequest>;

/** Answer to `POST /v1/me/memberships` */
export const AcceptedMembership = Type.Object({
  organization: Type.String(),
  role: Role,
  environments: Type.Optional(Type.Array(Type.String())),
});
export type AcceptedMembership = Static<typeof AcceptedMembership>;

/** `GET /v1/me` */
export const Me = Type.Object({
  user: UserView,
  memberships: Type.Array(
    Type.Object({
      organization: Type.String(),
      role: Role,
      environments: Type.Optional(Type.Array(Type.String())),
      breakGlass: Type.Optional(Type.Literal(true, { description: 'May break the glass.' })),
    }),
  ),
  engine: Type.Object({
    available: Type.Boolean(),
    message: Type.String({ description: 'Why no container engine answers, and what to do.' }),
  }),
});
export type Me = Static<typeof Me>;

/** `GET /v1/sovereign` */
export const SovereignView = Type.Object({
  name: Type.String(),
  version: Type.String(),
  setupNeeded: Type.Boolean({ description: 'Nobody has used the set-up link yet.' }),
  domain: Type.String(),
  port: Type.Integer(),
});
export type SovereignView = Static<typeof SovereignView>;

const organization = Type.String({ minLength: 1, maxLength: 63 });
const checkNames = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
  description: 'Exact names, as a policy has them.',
});

/** `POST /v1/tokens` */
export const TokenRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' }),
    expiresInDays: Type.Integer({ minimum: 1, maximum: 365 }),
    readOnly: Type.Optional(
      Type.Boolean({ description: 'False unless told, but true for a token that posts checks.' }),
    ),
    checks: Type.Optional(
      Type.Object(
        { organization, names: checkNames },
        {
          ...closed,
          description:
            'Gives the token the right to post these checks to pull requests of the Organization, beside what it can do otherwise. Only an org-admin of it or a sovereign-admin gives it, and it holds as long as they are one.',
        },
      ),
    ),
  },
  closed,
);
export type TokenRequest = Static<typeof TokenRequest>;

/** A personal access token without its secret. */
export const TokenView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  readOnly: Type.Boolean(),
  createdAt: Type.String(),
  expiresAt: Type.String(),
  lastUsedAt: Type.Optional(Type.String({ description: 'To the hour.' })),
  checks: Type.Optional(
    Type.Object(
      {
        organization: Type.String(),
        names: Type.Array(Type.String()),
        holds: Type.Boolean({ description: 'False while its owner could not give it.' }),
      },
      { description: 'Checks that the token may post.' },
    ),
  ),
});
export type TokenView = Static<typeof TokenView>;

/** A new token; `token` is shown here and never again. */
export const CreatedToken = Type.Object({
  ...TokenView.properties,
  token: Type.String({ description: '`cat_…`, for `Authorization: Bearer` and as Git password.' }),
});
export type CreatedToken = Static<typeof CreatedToken>;

/** `GET /v1/tokens` */
export const TokenList = Type.Object({ items: Type.Array(TokenView) });
