import { type Static, Type } from 'typebox';
import { PlannedApplication } from '../views/plan.ts';

/** Whether an Application may go from its version to another one. */
export const UpgradePath = Type.Object({
  version: Type.String(),
  direction: Type.Union([Type.Literal('upgrade'), Type.Literal('downgrade')]),
  allowed: Type.Boolean(),
  reason: Type.Optional(Type.String({ description: 'Why not, or what to mind.' })),
});
export type UpgradePath = Static<typeof UpgradePath>;

/** One Application that uses an older version of a Blueprint, and what the newer one would change there. */
export const Impact = Type.Object({
  organization: Type.String(),
  environment: Type.String(),
  application: Type.String(),
  version: Type.String(),
  path: UpgradePath,
  planned: Type.Optional(PlannedApplication),
  problems: Type.Array(Type.Object({ code: Type.String(), message: Type.String() })),
  protected: Type.Boolean(),
});
export type Impact = Static<typeof Impact>;

/** `GET /v1/blueprints/{name}/blast-radius?version=`: every Application that the caller may see. */
export const BlastRadius = Type.Object({
  blueprint: Type.String(),
  version: Type.String(),
  items: Type.Array(Impact),
  unchanged: Type.Integer({ description: 'How many would render to the same objects.' }),
  continue: Type.Optional(Type.String({ description: 'Opaque; absent on the last page.' })),
});
export type BlastRadius = Static<typeof BlastRadius>;

/** `POST /v1/blueprints/{name}/upgrades`: a pull request each. */
export const ProposeUpgrades = Type.Object(
  {
    version: Type.String({ maxLength: 64 }),
    applications: Type.Array(
      Type.Object(
        { environment: Type.String({ maxLength: 64 }), application: Type.String({ maxLength: 40 }) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 200 },
    ),
  },
  { additionalProperties: false },
);
export type ProposeUpgrades = Static<typeof ProposeUpgrades>;

/** What became of each. */
export const ProposedUpgrades = Type.Object({
  items: Type.Array(
    Type.Object({
      environment: Type.String(),
      application: Type.String(),
      pullRequest: Type.Optional(Type.Integer()),
      problems: Type.Array(Type.Object({ code: Type.String(), message: Type.String() })),
    }),
  ),
});
export type ProposedUpgrades = Static<typeof ProposedUpgrades>;
