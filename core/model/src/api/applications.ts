import { type Static, Type } from 'typebox';
import { ApplicationView } from '../views/application-view.ts';
import { RollbackWatchView } from './reviews.ts';
import { UpgradePath } from './upgrades.ts';

const values = Type.Record(Type.String(), Type.Unknown());

/** `GET …/applications` of one Environment. */
export const ApplicationList = Type.Object({ items: Type.Array(ApplicationView) });

/** `GET /v1/applications`: one page. */
export const ApplicationPage = Type.Object({
  items: Type.Array(ApplicationView),
  continue: Type.Optional(Type.String({ description: 'Opaque; absent on the last page.' })),
});
export type ApplicationPage = Static<typeof ApplicationPage>;

/** A data volume, in use or kept. */
export const VolumeView = Type.Object({
  environment: Type.String(),
  application: Type.String(),
  claim: Type.String(),
  sizeBytes: Type.Integer(),
  requestedBytes: Type.Integer(),
  inUse: Type.Boolean({ description: 'True while an installed Application uses it.' }),
});
export type VolumeView = Static<typeof VolumeView>;

/** `GET …/volumes` */
export const VolumeList = Type.Object({ items: Type.Array(VolumeView) });

/** A plan that is begun and neither finished nor taken back. */
export const UnfinishedPlan = Type.Object({
  planId: Type.String(),
  action: Type.String({ description: 'As in the request that the plan was made for.' }),
  by: Type.Object(
    { id: Type.String(), name: Type.String() },
    { description: 'Who applied it, and may apply it again once it is set aside.' },
  ),
  begunAt: Type.String({ format: 'date-time' }),
  state: Type.Union([Type.Literal('going-on'), Type.Literal('taking-back'), Type.Literal('set-aside')], {
    description: '`set-aside` waits for a person; the others are tried again by themselves.',
  }),
  done: Type.Array(Type.String(), { description: 'Applications whose step is committed.' }),
  left: Type.Array(Type.String(), { description: 'Applications whose step is not.' }),
  message: Type.String({ description: 'Why it is not finished, what happens next, and who can act.' }),
});
export type UnfinishedPlan = Static<typeof UnfinishedPlan>;

/** `GET …/unfinished-plans` */
export const UnfinishedPlanList = Type.Object({ items: Type.Array(UnfinishedPlan) });

/** `GET …/applications/{application}` */
export const ApplicationDetail = Type.Object({
  ...ApplicationView.properties,
  values: Type.Record(Type.String(), Type.Unknown(), {
    description: 'Merged: defaults of the Blueprint, base, overlay.',
  }),
  baseValues: values,
  overlayValues: values,
  configSchema: values,
  repository: Type.Object({ cloneUrl: Type.String(), branch: Type.String() }),
  versions: Type.Array(Type.String(), { description: 'Of its Blueprint, newest first.' }),
  upgrades: Type.Optional(
    Type.Array(UpgradePath, { description: 'The way from its version to each other one, newest first.' }),
  ),
  volumes: Type.Array(VolumeView),
  watch: Type.Optional(
    Type.Object(
      { ...RollbackWatchView.properties },
      { description: 'Of what was merged last, while it matters: watched, or gone back by itself.' },
    ),
  ),
});
export type ApplicationDetail = Static<typeof ApplicationDetail>;

/** One line of a log, as NDJSON or as data of an SSE event. */
export const LogLineView = Type.Object({
  at: Type.String(),
  stream: Type.Union([Type.Literal('stdout'), Type.Literal('stderr')]),
  line: Type.String(),
});
export type LogLineView = Static<typeof LogLineView>;

/** `GET …/manifests` */
export const Manifests = Type.Object({
  files: Type.Array(Type.Object({ path: Type.String(), content: Type.String() })),
  objects: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
    description: 'Of the applied revision, values of Secrets removed.',
  }),
});
export type Manifests = Static<typeof Manifests>;

/** Answer to an applied plan: the commits are durable. */
export const AppliedPlan = Type.Object({
  planId: Type.String(),
  commits: Type.Array(
    Type.Object({
      application: Type.String(),
      repository: Type.String(),
      branch: Type.String(),
      revision: Type.String(),
    }),
  ),
});
export type AppliedPlan = Static<typeof AppliedPlan>;
