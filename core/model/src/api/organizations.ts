import { type Static, Type } from 'typebox';
import { EnvironmentSize } from '../resources/organization.ts';
import { EnvironmentView, OrganizationView } from '../views/application-view.ts';
import { Role } from './identity.ts';

const closed = { additionalProperties: false };
const displayName = Type.String({ minLength: 1, maxLength: 80 });

/** One of the five environment types. */
export const EnvTypeSchema = Type.Union([
  Type.Literal('poc'),
  Type.Literal('dev'),
  Type.Literal('stg'),
  Type.Literal('uat'),
  Type.Literal('prod'),
]);

/** `POST /v1/organizations`. The name is checked by the rules of the model, which say what is wrong with it. */
export const OrganizationRequest = Type.Object(
  {
    name: Type.String({ maxLength: 100 }),
    displayName: Type.Optional(displayName),
    environments: Type.Array(EnvTypeSchema, { maxItems: 5, uniqueItems: true }),
  },
  closed,
);
export type OrganizationRequest = Static<typeof OrganizationRequest>;

/** `GET /v1/organizations` */
export const OrganizationList = Type.Object({ items: Type.Array(OrganizationView) });

/** `POST /v1/organizations/{organization}/environments` */
export const EnvironmentRequest = Type.Object(
  {
    envType: EnvTypeSchema,
    displayName: Type.Optional(displayName),
    size: Type.Optional(EnvironmentSize),
  },
  closed,
);
export type EnvironmentRequest = Static<typeof EnvironmentRequest>;

/** `GET /v1/organizations/{organization}/environments` */
export const EnvironmentList = Type.Object({ items: Type.Array(EnvironmentView) });

/** What deleting an Organization or Environment would lose. */
export const DeletionView = Type.Object({
  applications: Type.Array(Type.String()),
  environments: Type.Array(Type.String()),
  repositories: Type.Array(Type.String()),
  volumes: Type.Array(
    Type.Object({
      environment: Type.String(),
      application: Type.String(),
      claim: Type.String(),
      sizeBytes: Type.Integer(),
    }),
  ),
});
export type DeletionView = Static<typeof DeletionView>;

const environments = Type.Array(Type.String({ maxLength: 64 }), {
  minItems: 1,
  maxItems: 20,
  description: 'Only for an org-developer who is limited to these.',
});

/** `POST …/members` */
export const MemberRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80, description: 'How the invitation calls the person.' }),
    email: Type.String({ maxLength: 254 }),
    role: Role,
    environments: Type.Optional(environments),
  },
  closed,
);
export type MemberRequest = Static<typeof MemberRequest>;

/** `PATCH …/members/{user}`: the whole of what the membership shall be. */
export const MemberChange = Type.Object({ role: Role, environments: Type.Optional(environments) }, closed);
export type MemberChange = Static<typeof MemberChange>;

/** A person in an Organization. */
export const MemberView = Type.Object({
  user: Type.Object({
    id: Type.String(),
    name: Type.String(),
    email: Type.String(),
    active: Type.Boolean({
      description:
        'False: invited before memberships were accepted one by one, and has no rights. Add the person again.',
    }),
  }),
  role: Role,
  environments: Type.Optional(Type.Array(Type.String())),
  since: Type.Optional(
    Type.String({ description: 'When the person accepted; older memberships do not know it.' }),
  ),
  breakGlass: Type.Optional(
    Type.Object(
      { by: Type.Object({ id: Type.String(), name: Type.String() }), at: Type.String() },
      { description: 'May break the glass; who granted it, and when.' },
    ),
  ),
});
export type MemberView = Static<typeof MemberView>;

/** `GET …/members` */
export const MemberList = Type.Object({ items: Type.Array(MemberView) });

/** A membership that nobody has accepted yet; it gives no right. Whether there is an account with the address is not told. */
export const InvitationView = Type.Object({
  id: Type.String(),
  name: Type.String({ description: 'As the inviter wrote it.' }),
  email: Type.String(),
  role: Role,
  environments: Type.Optional(Type.Array(Type.String())),
  invitedBy: Type.Object({ id: Type.String(), name: Type.String() }),
  invitedAt: Type.String(),
  expiresAt: Type.String({ description: 'The link works until then.' }),
});
export type InvitationView = Static<typeof InvitationView>;

/** `GET …/invitations` */
export const InvitationList = Type.Object({ items: Type.Array(InvitationView) });

/** An invitation with its link, which is shown here and never again. */
export const InvitationWithLink = Type.Object({
  invitation: Type.Object({ ...InvitationView.properties, url: Type.String() }),
});
export type InvitationWithLink = Static<typeof InvitationWithLink>;
