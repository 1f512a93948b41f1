import { type Static, Type } from 'typebox';
import { GateVerdict } from '../views/plan.ts';

/** `GET /v1/environments/{environment}/policy`: what protects an Environment, in words and as the file says it. */
export const PolicyView = Type.Object({
  environment: Type.String(),
  protected: Type.Boolean(),
  policies: Type.Array(
    Type.Object({
      name: Type.String(),
      file: Type.String(),
      spec: Type.Record(Type.String(), Type.Unknown()),
      sentences: Type.Array(Type.String(), { description: 'Each rule in words.' }),
    }),
  ),
  note: Type.Optional(
    Type.String({ description: 'Why a policy that was just put holds at once, without a review.' }),
  ),
});
export type PolicyView = Static<typeof PolicyView>;

const Spec = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);
const reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' });

/** `PUT /v1/environments/{environment}/policy`: the `spec` of its first EnvironmentPolicy without `appliesTo`. */
export const PutPolicy = Type.Object({ spec: Spec, reason }, { additionalProperties: false });
export type PutPolicy = Static<typeof PutPolicy>;

/** `POST …/policy/proposals`: the `spec` that the policy is to have, without `appliesTo`; null removes the policy. */
export const ProposePolicy = Type.Object({ spec: Spec, reason }, { additionalProperties: false });
export type ProposePolicy = Static<typeof ProposePolicy>;

/** `POST …/policy/check` */
export const CheckPolicy = Type.Object({ spec: Spec }, { additionalProperties: false });
export type CheckPolicy = Static<typeof CheckPolicy>;

/** `POST …/policy/proposals/{proposal}/approve` and `…/withdraw` */
export const DecideProposal = Type.Object(
  {
    reason: Type.Optional(
      Type.String({ maxLength: 500, description: 'Required of an only sovereign-admin who confirms alone.' }),
    ),
  },
  { additionalProperties: false },
);
export type DecideProposal = Static<typeof DecideProposal>;

/** One sentence of a policy, and what becomes of it. */
export const PolicyDifference = Type.Object({
  change: Type.Union([Type.Literal('keep'), Type.Literal('add'), Type.Literal('remove')]),
  sentence: Type.String(),
});
export type PolicyDifference = Static<typeof PolicyDifference>;

const Problems = Type.Array(
  Type.Object({
    code: Type.String(),
    message: Type.String(),
    file: Type.Optional(Type.String()),
    field: Type.Optional(Type.String({ description: 'As `spec.rules.0.approvers.1`.' })),
  }),
);

/** What a policy would say, and what of it can never be met. */
export const CheckedPolicy = Type.Object({
  sentences: Type.Array(Type.String(), { description: 'Each rule in words; empty where it cannot be read.' }),
  difference: Type.Array(PolicyDifference),
  problems: Problems,
});
export type CheckedPolicy = Static<typeof CheckedPolicy>;

const Somebody = Type.Object({ id: Type.String(), name: Type.String() });
const decided = (description: string) =>
  Type.Optional(
    Type.Object({ by: Somebody, at: Type.String(), reason: Type.Optional(Type.String()) }, { description }),
  );

/** A change of a policy that somebody proposed. */
export const PolicyProposalView = Type.Object({
  id: Type.String(),
  environment: Type.String(),
  state: Type.Union(
    [
      Type.Literal('open'),
      Type.Literal('approved'),
      Type.Literal('committed'),
      Type.Literal('withdrawn'),
      Type.Literal('refused'),
    ],
    { description: '`approved`: its commit is under way.' },
  ),
  removes: Type.Boolean({ description: 'Nothing would protect the Environment any more.' }),
  spec: Spec,
  difference: Type.Array(PolicyDifference),
  reason: Type.String(),
  proposedBy: Somebody,
  proposedAt: Type.String(),
  stale: Type.Boolean({ description: 'The policy changed meanwhile: it can only be withdrawn.' }),
  approvers: Type.Array(
    Type.Object({
      ...Somebody.properties,
      as: Type.Union([Type.Literal('org-admin'), Type.Literal('approver'), Type.Literal('sovereign-admin')]),
    }),
    { description: 'Who may approve it now.' },
  ),
  why: Type.String({ description: 'What it waits for, or what became of it, in one sentence.' }),
  approved: decided('Who approved it.'),
  alone: Type.Optional(Type.Boolean({ description: 'By its own proposer, because nobody else could.' })),
  withdrawn: decided('Who took it back.'),
  revision: Type.Optional(Type.String({ description: 'Its commit of system/catalyst-config.' })),
  may: Type.Object({
    approve: Type.Boolean(),
    confirmAlone: Type.Boolean({ description: 'Approving their own, with a reason.' }),
    withdraw: Type.Boolean(),
  }),
});
export type PolicyProposalView = Static<typeof PolicyProposalView>;

/** `GET …/policy/proposals` */
export const PolicyProposalList = Type.Object({ items: Type.Array(PolicyProposalView) });
export type PolicyProposalList = Static<typeof PolicyProposalList>;

/** What the gates say of one change. */
export const Verdicts = Type.Array(GateVerdict);
