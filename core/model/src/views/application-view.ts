import { type Static, Type } from 'typebox';
import { EnvironmentSize } from '../resources/organization.ts';

const optional = Type.Optional;

/** The states of a card (spec/surfaces-and-personas.md section 6), with the words that people see. */
export const ApplicationState = Type.Union([
  Type.Literal('Running'),
  Type.Literal('Installing'),
  Type.Literal('Updating'),
  Type.Literal('Degraded'),
  Type.Literal('Failed'),
  Type.Literal('Paused'),
  Type.Literal('Pending approval'),
  Type.Literal('Waiting'),
  Type.Literal('Unknown'),
]);
export type ApplicationState = Static<typeof ApplicationState>;

/** One sentence: why the Application is not (yet) what was asked for, until when, and who can act. */
export const Why = Type.Object({
  reason: Type.String({ description: 'PascalCase constant.' }),
  message: Type.String({ description: 'One sentence for people.' }),
  waitingFor: optional(Type.Array(Type.String())),
  actor: optional(Type.String({ description: 'Who can act, when somebody must.' })),
});
export type Why = Static<typeof Why>;

/** One Pod of an Application as observed. */
export const PodView = Type.Object({
  name: Type.String(),
  component: Type.String({ description: 'Name of the Deployment, StatefulSet or Job.' }),
  phase: Type.String(),
  ready: Type.Boolean(),
  restarts: Type.Integer(),
  startedAt: optional(Type.String()),
  message: optional(Type.String()),
  containers: Type.Array(
    Type.Object({
      name: Type.String(),
      image: Type.String(),
      init: Type.Boolean(),
      state: Type.String({ description: 'waiting, running or terminated' }),
      reason: optional(Type.String()),
      exitCode: optional(Type.Integer()),
      restarts: Type.Integer(),
      lastExitCode: optional(Type.Integer()),
      lastReason: optional(Type.String()),
    }),
  ),
});
export type PodView = Static<typeof PodView>;

/** The card of an Application in one Environment, and the head of its page. Written by the projector only. */
export const ApplicationView = Type.Object({
  organization: Type.String(),
  environment: Type.String(),
  name: Type.String(),
  displayName: optional(Type.String()),
  blueprint: Type.Object({ name: Type.String(), version: Type.String(), digest: Type.String() }),
  state: ApplicationState,
  why: optional(Why),
  paused: Type.Boolean(),
  holds: optional(
    Type.Array(
      Type.Object({
        reason: Type.String(),
        by: optional(Type.String()),
        at: optional(Type.String()),
        message: Type.String({ description: 'One sentence: who holds it, since when and why.' }),
      }),
      {
        description:
          'While there is one, `base/` of this branch does not change; absent where there is none.',
      },
    ),
  ),
  pods: Type.Object({ ready: Type.Integer(), desired: Type.Integer() }),
  hosts: Type.Array(Type.String()),
  url: optional(Type.String({ description: 'Where `Open` leads; absent without an Ingress.' })),
  dependencies: Type.Array(
    Type.Object({ alias: Type.String(), blueprint: Type.String(), application: Type.String() }),
  ),
  usedBy: Type.Array(Type.String(), {
    description: 'Applications of the Environment that are bound to this one.',
  }),
  revision: Type.String({ description: 'Commit that the branch is at.' }),
  appliedRevision: optional(Type.String()),
  lastChange: optional(
    Type.Object({ by: Type.String(), surface: Type.String(), at: Type.String(), message: Type.String() }),
  ),
  instances: Type.Array(PodView),
  notEnforced: Type.Array(Type.String(), {
    description: 'Objects that are accepted and not enforced on this machine, as `Kind/name`.',
  }),
});
export type ApplicationView = Static<typeof ApplicationView>;

/** An Environment as people see it. */
export const EnvironmentView = Type.Object({
  name: Type.String(),
  organization: Type.String(),
  envType: Type.String(),
  displayName: optional(Type.String()),
  size: optional(EnvironmentSize),
  branch: Type.String(),
  applications: Type.Record(Type.String(), Type.Integer(), {
    description: 'How many Applications are in each state.',
  }),
});
export type EnvironmentView = Static<typeof EnvironmentView>;

/** An Organization as its members see it. */
export const OrganizationView = Type.Object({
  name: Type.String(),
  displayName: optional(Type.String()),
  environments: Type.Array(Type.String()),
  role: optional(Type.String({ description: 'Role of the caller in it.' })),
});
export type OrganizationView = Static<typeof OrganizationView>;
