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
    name: Type.String({ minLength: 1, maxLength: 80, description: 'Used when the person is new here.' }),
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
    active: Type.Boolean({ description: 'False until the invitation is accepted.' }),
  }),
  role: Role,
  environments: Type.Optional(Type.Array(Type.String())),
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

/** Answer to `POST …/members`; the invitation is shown here and never again. */
export const AddedMember = Type.Object({
  member: MemberView,
  invitation: Type.Optional(Type.Object({ url: Type.String(), expiresAt: Type.String() })),
});
export type AddedMember = Static<typeof AddedMember>;
