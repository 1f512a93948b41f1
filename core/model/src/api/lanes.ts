import { type Static, Type } from 'typebox';
import { ApplicationState, Why } from '../views/application-view.ts';
import { FieldChange, GateVerdict } from '../views/plan.ts';
import { PersonView } from './reviews.ts';

const closed = { additionalProperties: false };
const optional = Type.Optional;
const time = Type.String({ format: 'date-time' });
const environment = Type.String({ maxLength: 40, description: 'Name of an Environment.' });
const fingerprint = Type.String({
  pattern: '^[0-9a-f]{32}$',
  description: 'Equal ones are the same change of content.',
});

/** One Environment of a lane. */
export const LaneEnvironment = Type.Object({
  name: Type.String(),
  envType: Type.String(),
  displayName: optional(Type.String()),
  branch: Type.String(),
  head: optional(Type.String({ description: 'Absent where the branch is not there yet.' })),
  installed: Type.Boolean(),
  blueprint: optional(Type.Object({ name: Type.String(), version: Type.String() })),
  since: optional(
    Type.String({
      format: 'date-time',
      description: 'Since when the branch has this version and shared configuration (`base/`).',
    }),
  ),
  observed: optional(
    Type.Object(
      {
        state: ApplicationState,
        why: optional(Why),
        url: optional(Type.String()),
        revision: Type.String({ description: 'Commit that the state was observed at.' }),
        stateSince: optional(time),
      },
      { description: 'As the Application’s card; absent where nothing was observed.' },
    ),
  ),
  holds: Type.Array(
    Type.Object({
      reason: Type.String(),
      by: optional(Type.String()),
      at: optional(Type.String()),
      message: Type.String(),
    }),
  ),
});
export type LaneEnvironment = Static<typeof LaneEnvironment>;

/** A value that two overlays set, side by side; absent where one does not set it. */
export const OverlayValue = Type.Object({
  path: Type.String(),
  from: optional(Type.Unknown()),
  to: optional(Type.Unknown()),
});
export type OverlayValue = Static<typeof OverlayValue>;

/** What lies between two neighbours of a lane. */
export const LaneStep = Type.Object({
  from: Type.String(),
  to: Type.String(),
  promotable: Type.Boolean({ description: 'A promotion would carry something now.' }),
  why: Type.String({
    description: 'One sentence: what a promotion would do now, or why it would do nothing.',
  }),
  commits: Type.Integer({
    description: 'Commits that a promotion would carry; 500 stands for that many or more.',
  }),
  files: Type.Array(
    Type.Object({
      path: Type.String(),
      change: Type.Union([Type.Literal('create'), Type.Literal('change'), Type.Literal('delete')]),
    }),
    { description: 'At most 200.' },
  ),
  fileCount: Type.Integer(),
  own: Type.Array(Type.String(), {
    description: 'Paths that the destination changed for itself and the source lacks; at most 200.',
  }),
  conflicts: Type.Array(Type.String(), { description: 'Paths that both changed; at most 200.' }),
  settings: Type.Object({
    base: Type.Array(FieldChange, {
      description: 'Shared values that differ: `before` in the destination, `after` in the source.',
    }),
    overlays: Type.Array(OverlayValue, { description: 'What each of the two sets for itself.' }),
  }),
  pullRequest: optional(
    Type.Object(
      {
        number: Type.Integer(),
        title: Type.String(),
        openedBy: PersonView,
        openedAt: time,
        revision: Type.String({ description: 'Commit of the source that it promotes.' }),
        behind: Type.Boolean({ description: 'The source has moved on since.' }),
        waitsFor: optional(GateVerdict),
      },
      { description: 'The promotion that is open; without `waitsFor` every gate is open.' },
    ),
  ),
});
export type LaneStep = Static<typeof LaneStep>;

/** A change made first in a higher Environment that a lower one lacks. */
export const BackflowOffer = Type.Object({
  application: Type.String(),
  from: Type.String(),
  to: Type.String(),
  fingerprint,
  files: Type.Array(Type.String(), { description: 'Paths that would change in `to`; at most 200.' }),
  conflicts: Type.Array(Type.String(), {
    description: 'Paths that both changed: while there is one, the offer cannot be accepted.',
  }),
  commits: Type.Array(
    Type.Object({
      revision: Type.String(),
      subject: Type.String(),
      by: Type.String(),
      time: Type.String(),
    }),
    { description: 'Commits that made it, newest first; at most 10.' },
  ),
  pullRequest: optional(Type.Integer({ description: 'It is proposed already.' })),
  declined: optional(Type.Object({ by: PersonView, at: time, reason: Type.String() })),
});
export type BackflowOffer = Static<typeof BackflowOffer>;

/** `GET /v1/organizations/{organization}/applications/{application}/lane` */
export const Lane = Type.Object({
  organization: Type.String(),
  application: Type.String(),
  environments: Type.Array(LaneEnvironment, { description: 'In the order of promotion.' }),
  steps: Type.Array(LaneStep, { description: 'Between neighbours, in the same order.' }),
  backflow: Type.Array(BackflowOffer),
});
export type Lane = Static<typeof Lane>;

/** `POST …/lane/backflow` */
export const AcceptBackflow = Type.Object({ from: environment, to: environment }, closed);
export type AcceptBackflow = Static<typeof AcceptBackflow>;

/** `POST …/lane/backflow/decline` */
export const DeclineBackflow = Type.Object(
  {
    from: environment,
    to: environment,
    fingerprint,
    reason: Type.String({ minLength: 1, maxLength: 500, description: 'For the people who ask later.' }),
  },
  closed,
);
export type DeclineBackflow = Static<typeof DeclineBackflow>;

/** `GET /v1/organizations/{organization}/blueprints/{blueprint}/applications` */
export const BlueprintMatrix = Type.Object({
  organization: Type.String(),
  blueprint: Type.String(),
  newest: optional(Type.String({ description: 'Newest version of the catalog.' })),
  environments: Type.Array(Type.String(), { description: 'Columns, in the order of promotion.' }),
  applications: Type.Array(
    Type.Object({
      name: Type.String(),
      displayName: optional(Type.String()),
      cells: Type.Array(
        Type.Object({
          environment: Type.String(),
          version: Type.String(),
          newest: Type.Boolean(),
          state: ApplicationState,
          why: optional(Why),
        }),
        { description: 'Where it is installed.' },
      ),
    }),
    { description: 'By name, at most 200.' },
  ),
  continue: optional(Type.String({ description: 'Name to go on after; absent on the last page.' })),
});
export type BlueprintMatrix = Static<typeof BlueprintMatrix>;
