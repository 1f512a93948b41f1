import { type Static, Type } from 'typebox';
import { applicationNamePattern } from '../names.ts';
import { blueprintNamePattern } from '../resources/blueprint.ts';

const closed = { additionalProperties: false };
const name = Type.String({ pattern: applicationNamePattern });
const values = Type.Record(Type.String(), Type.Unknown());

/** How one dependency is to be met. */
export const DependencyChoice = Type.Union([
  Type.Object({ use: Type.Literal('existing'), application: name }, closed),
  Type.Object({ use: Type.Literal('new'), name: Type.Optional(name), values: Type.Optional(values) }, closed),
]);
export type DependencyChoice = Static<typeof DependencyChoice>;

const revision = Type.String({ pattern: '^[0-9a-f]{40}$' });
const reason = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'For the people who read the history: one line.',
});

/** What somebody wants to change in one Environment. */
export const PlanRequest = Type.Union([
  Type.Object(
    {
      action: Type.Literal('install'),
      application: name,
      blueprint: Type.String({ pattern: blueprintNamePattern }),
      version: Type.Optional(Type.String({ maxLength: 64 })),
      values,
      dependencies: Type.Optional(
        Type.Record(Type.String({ maxLength: 400 }), DependencyChoice, {
          description: 'By path of aliases from the installed Application down, joined by dots.',
        }),
      ),
    },
    closed,
  ),
  Type.Object(
    {
      action: Type.Literal('configure'),
      application: name,
      values: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), {
          description:
            'The whole merged configuration that is wanted; what differs from base goes to the overlay.',
        }),
      ),
      valuesOf: Type.Optional(
        Type.String({
          ...revision,
          description:
            'Instead of `values`: what this Environment alone sets becomes what it was at this earlier revision, byte for byte. Not together with `values`, `basedOn`, `version` or `paused`.',
        }),
      ),
      version: Type.Optional(Type.String({ maxLength: 64, description: 'Another version is an upgrade.' })),
      paused: Type.Optional(Type.Boolean()),
      reason: Type.Optional(reason),
      basedOn: Type.Optional(
        Type.String({
          pattern: '^[0-9a-f]{40}$',
          description:
            'Revision that `values` were edited from; what the branch changed since is merged field by field.',
        }),
      ),
      dependencies: Type.Optional(
        Type.Record(Type.String({ maxLength: 400 }), DependencyChoice, {
          description: 'For dependencies that the new version or configuration asks for.',
        }),
      ),
    },
    closed,
  ),
  Type.Object({ action: Type.Literal('restart'), application: name, reason: Type.Optional(reason) }, closed),
  Type.Object(
    {
      action: Type.Literal('uninstall'),
      application: name,
      deleteVolumes: Type.Optional(
        Type.Array(Type.String({ maxLength: 253 }), {
          maxItems: 100,
          description: 'Claims whose data is deleted for good, by name.',
        }),
      ),
    },
    closed,
  ),
  Type.Object(
    {
      action: Type.Literal('rebind'),
      application: name,
      alias: Type.String({ maxLength: 31 }),
      to: DependencyChoice,
    },
    closed,
  ),
  Type.Object(
    {
      action: Type.Literal('rollback'),
      application: name,
      revision: Type.String({ ...revision, description: 'Whose `base/` is to be restored.' }),
      reason,
    },
    closed,
  ),
  Type.Object({ action: Type.Literal('hold'), application: name, reason }, closed),
  Type.Object({ action: Type.Literal('release'), application: name, reason }, closed),
  Type.Object(
    {
      action: Type.Literal('promote'),
      application: name,
      from: Type.Optional(
        Type.String({
          maxLength: 40,
          description:
            'Environment that it comes from; the one before in the order of promotion unless told.',
        }),
      ),
      revision: Type.Optional(
        Type.String({ ...revision, description: 'Of the source’s branch; its head unless told.' }),
      ),
      values: Type.Optional(values),
      together: Type.Optional(
        Type.Array(name, {
          maxItems: 19,
          uniqueItems: true,
          description:
            'Other Applications of the same source, promoted with it as one set. Paths of aliases then begin with the name of the Application.',
        }),
      ),
      dependencies: Type.Optional(
        Type.Record(Type.String({ maxLength: 400 }), DependencyChoice, {
          description:
            'By path of aliases: an Application that is there, or `new` for the one that the source is bound to, promoted before it.',
        }),
      ),
    },
    {
      ...closed,
      description:
        'Into the Environment of the plan. It is proposed, never applied. `values` are what differs there, for a first promotion.',
    },
  ),
  Type.Object(
    {
      action: Type.Literal('undo'),
      plan: Type.String({
        maxLength: 64,
        description: 'An applied plan; everything that it did is taken back.',
      }),
    },
    closed,
  ),
]);
export type PlanRequest = Static<typeof PlanRequest>;

const problem = Type.Object({
  code: Type.String(),
  message: Type.String(),
  file: Type.Optional(Type.String()),
  field: Type.Optional(Type.String()),
});

/** What is asked of the machine: limits, or requests where there are none, times replicas; storage of its claims. */
export const Resources = Type.Object({
  cpuMillis: Type.Integer(),
  memoryBytes: Type.Integer(),
  storageBytes: Type.Integer(),
});
export type Resources = Static<typeof Resources>;

/** One field of a rendered object that differs. Values of Secrets are never given. */
export const FieldChange = Type.Object({
  path: Type.String({ description: 'As `spec.template.spec.containers[web].image`.' }),
  before: Type.Optional(Type.Unknown()),
  after: Type.Optional(Type.Unknown()),
});
export type FieldChange = Static<typeof FieldChange>;

/** One rendered object that is added, changed or removed. */
export const ObjectChange = Type.Object({
  change: Type.Union([Type.Literal('create'), Type.Literal('change'), Type.Literal('remove')]),
  kind: Type.String(),
  name: Type.String(),
  enforced: Type.Boolean(),
  fields: Type.Optional(Type.Array(FieldChange, { description: 'Of a changed object, at most 200.' })),
});
export type ObjectChange = Static<typeof ObjectChange>;

/** One file that a plan or a pull request changes. */
export const FileChange = Type.Object({
  path: Type.String(),
  change: Type.String({ description: 'create, change or delete' }),
  before: Type.Optional(Type.String()),
  after: Type.Optional(Type.String()),
});
export type FileChange = Static<typeof FileChange>;

/** What happens to Pods that run. */
export const PlannedRestart = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  how: Type.Union([Type.Literal('rolling'), Type.Literal('in-place'), Type.Literal('stopped')]),
  interruption: Type.Boolean({ description: 'Whether visitors notice.' }),
  reason: Type.String(),
});

/** Data that the change may cost, and what to do about it. */
export const DataRisk = Type.Object({
  what: Type.String({ description: 'The claim, or what holds the data.' }),
  message: Type.String(),
  severity: Type.Union([Type.Literal('notice'), Type.Literal('warning'), Type.Literal('loss')]),
});

/** What runs and is not what the branch says. */
export const Drift = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  message: Type.String(),
});

/** One Application that a plan touches. */
export const PlannedApplication = Type.Object({
  application: Type.String(),
  change: Type.Union([
    Type.Literal('create'),
    Type.Literal('change'),
    Type.Literal('remove'),
    Type.Literal('use'),
  ]),
  blueprint: Type.String(),
  version: Type.String(),
  versionBefore: Type.Optional(Type.String()),
  alias: Type.Optional(Type.String({ description: 'The dependency that it meets.' })),
  repository: Type.String({ description: '<organization>/<repository>' }),
  branch: Type.String(),
  files: Type.Array(FileChange),
  objects: Type.Array(ObjectChange),
  resources: Type.Object({ ...Resources.properties }, { description: 'After the change.' }),
  resourcesBefore: Type.Optional(Resources),
  restarts: Type.Optional(Type.Array(PlannedRestart)),
  dataRisks: Type.Optional(Type.Array(DataRisk)),
  drift: Type.Optional(Type.Array(Drift)),
  undecided: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Of a promotion: paths that somebody must decide about on its pull request.',
    }),
  ),
  dependsOn: Type.Optional(
    Type.Array(Type.Object({ alias: Type.String(), application: Type.String() }), {
      description: 'What it is bound to once the plan is carried out.',
    }),
  ),
  usedBy: Type.Optional(
    Type.Array(Type.String(), { description: 'Applications that are bound to it and may notice.' }),
  ),
});
export type PlannedApplication = Static<typeof PlannedApplication>;

/** One gate of the Environment's policy, and what it says of this change. */
export const GateVerdict = Type.Object({
  rule: Type.String({ description: 'Kind of the rule.' }),
  allowed: Type.Boolean(),
  severity: Type.Optional(
    Type.Literal('warning', { description: 'It is open, and what it says is worth a look.' }),
  ),
  reason: Type.String({ description: 'One sentence.' }),
  until: Type.Optional(Type.String({ description: 'RFC 3339: when it opens by itself.' })),
  needs: Type.Optional(Type.Array(Type.String(), { description: 'Who can act.' })),
});
export type GateVerdict = Static<typeof GateVerdict>;

/** What the policy says of a change that would be made now. */
export const PolicyVerdict = Type.Object({
  protected: Type.Boolean({ description: 'Only pull requests change this Environment.' }),
  allowed: Type.Boolean({ description: 'Whether it may be applied directly.' }),
  gates: Type.Array(GateVerdict),
});
export type PolicyVerdict = Static<typeof PolicyVerdict>;

/** What will happen, before anything does. Pinned to heads and digests; applying a stale one is refused. */
export const Plan = Type.Object({
  id: Type.String(),
  environment: Type.String(),
  action: Type.String(),
  createdAt: Type.String(),
  expiresAt: Type.String(),
  applications: Type.Array(PlannedApplication, { description: 'In the order in which they are made.' }),
  problems: Type.Array(problem, { description: 'What forbids it. Empty: it can be applied or proposed.' }),
  consequences: Type.Array(Type.String(), {
    description: 'What happens to people and data, a sentence each.',
  }),
  /** Choices that the caller has, by path of aliases. */
  choices: Type.Array(
    Type.Object({
      alias: Type.String({ description: 'Path of aliases from the installed Application, joined by dots.' }),
      blueprint: Type.String(),
      version: Type.String({ description: 'Range that is asked for.' }),
      existing: Type.Array(Type.String(), { description: 'Applications that fit.' }),
      newName: Type.String(),
      chosen: DependencyChoice,
    }),
  ),
  pins: Type.Optional(
    Type.Array(
      Type.Object({
        repository: Type.String(),
        branch: Type.String(),
        head: Type.Union([Type.String(), Type.Null()]),
      }),
      { description: 'What the plan was made from.' },
    ),
  ),
  resources: Type.Optional(
    Type.Object(
      { before: Resources, after: Resources },
      { description: 'Of everything that the plan touches.' },
    ),
  ),
  policy: Type.Optional(PolicyVerdict),
});
export type Plan = Static<typeof Plan>;
