import { type Static, Type } from 'typebox';
import { FileChange, ObjectChange } from '../views/plan.ts';

const time = Type.String({ format: 'date-time' });

/** What became of a change. */
export const Outcome = Type.Object({
  state: Type.Union([
    Type.Literal('pending'),
    Type.Literal('running'),
    Type.Literal('failed'),
    Type.Literal('superseded'),
    Type.Literal('removed'),
  ]),
  reason: Type.Optional(Type.String({ description: 'One sentence, where it failed or waits.' })),
  settledAt: Type.Optional(time),
});
export type Outcome = Static<typeof Outcome>;

/** One change of an Application in one Environment: who, what, why, and what became of it. */
export const ChangeView = Type.Object({
  organization: Type.String(),
  environment: Type.String(),
  application: Type.String(),
  revision: Type.String(),
  parents: Type.Array(Type.String()),
  /** As Git has it: whatever the author's client wrote. */
  author: Type.Object({ name: Type.String(), email: Type.String() }),
  /** As the server knows it; absent for commits that came along with a later tip. */
  pusher: Type.Optional(Type.Object({ id: Type.String(), name: Type.String(), surface: Type.String() })),
  time,
  message: Type.String(),
  baseTree: Type.Optional(Type.String({ description: 'Equal ids are equal `base/`.' })),
  blueprint: Type.Optional(Type.Object({ name: Type.String(), version: Type.String() })),
  planId: Type.Optional(Type.String()),
  pullRequest: Type.Optional(Type.Integer()),
  outcome: Type.Optional(Outcome),
  rollback: Type.Optional(
    Type.Object({
      possible: Type.Boolean({ description: 'Whether `base/` can be brought back.' }),
      whyNot: Type.Optional(Type.String()),
      settings: Type.Optional(
        Type.Object(
          { possible: Type.Boolean(), whyNot: Type.Optional(Type.String()) },
          { description: 'Whether what this Environment alone sets can be restored (`configure.valuesOf`).' },
        ),
      ),
    }),
  ),
});
export type ChangeView = Static<typeof ChangeView>;

/** `GET …/history`, newest first. */
export const ChangeList = Type.Object({
  items: Type.Array(ChangeView),
  continue: Type.Optional(Type.String({ description: 'Opaque; absent on the last page.' })),
});
export type ChangeList = Static<typeof ChangeList>;

/** `GET …/applications/{application}/compare?from=&to=`: two revisions of one Environment's branch. */
export const Comparison = Type.Object({
  from: Type.String(),
  to: Type.String(),
  files: Type.Array(FileChange),
  objects: Type.Array(ObjectChange),
  problems: Type.Array(Type.String(), { description: 'Why one of them cannot be rendered any more.' }),
});
export type Comparison = Static<typeof Comparison>;

/** `GET …/applications/{application}/history/{revision}/plan`: the plan at the time. */
export const PlanAtTheTime = Type.Object({
  planId: Type.String(),
  madeAt: time,
  madeBy: Type.String(),
  action: Type.String(),
  consequences: Type.Array(Type.String()),
  applications: Type.Array(
    Type.Object({
      application: Type.String(),
      change: Type.String(),
      objects: Type.Array(ObjectChange),
    }),
  ),
});
export type PlanAtTheTime = Static<typeof PlanAtTheTime>;
