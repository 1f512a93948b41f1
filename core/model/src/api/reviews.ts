import { type Static, Type } from 'typebox';
import { FileChange, GateVerdict, PlannedApplication } from '../views/plan.ts';

const closed = { additionalProperties: false };
const time = Type.String({ format: 'date-time' });
const revision = Type.String({ pattern: '^[0-9a-f]{40}$' });
/** What was read, as the pull request shows it. */
const content = Type.String({
  minLength: 1,
  maxLength: 64,
  description: '`content` of the pull request as it was read; for a promotion it must be given.',
});

/** A person as everybody who may see the pull request sees him. */
export const PersonView = Type.Object({ id: Type.String(), name: Type.String() });
export type PersonView = Static<typeof PersonView>;

const state = Type.Union([Type.Literal('open'), Type.Literal('merged'), Type.Literal('closed')]);

/** One line of a list of pull requests. */
export const PullRequestSummary = Type.Object({
  organization: Type.String(),
  application: Type.String({ description: 'The repository.' }),
  number: Type.Integer({ minimum: 1 }),
  title: Type.String(),
  state,
  environment: Type.String(),
  source: Type.Optional(Type.String()),
  destination: Type.String(),
  promotedFrom: Type.Optional(
    Type.String({ description: 'Of a promotion: the Environment that it comes from.' }),
  ),
  head: Type.String(),
  content: Type.String({
    description:
      'Names what merging it writes. Of a promotion it changes with what is decided and planned at the same head; of any other it is the head. Opaque.',
  }),
  openedBy: PersonView,
  openedOn: Type.String({ description: 'console, api or git' }),
  openedAt: time,
  updatedAt: time,
  set: Type.Optional(Type.Object({ id: Type.String(), order: Type.Integer() })),
});
export type PullRequestSummary = Static<typeof PullRequestSummary>;

/** `GET …/pull-requests` */
export const PullRequestList = Type.Object({ items: Type.Array(PullRequestSummary) });

/** One person's verdict; `stale` when the head has moved since. */
export const ReviewView = Type.Object({
  by: PersonView,
  verdict: Type.Union([Type.Literal('approve'), Type.Literal('request-changes')]),
  revision: Type.String(),
  stale: Type.Boolean(),
  comment: Type.Optional(Type.String()),
  at: time,
});

/** One contribution to the discussion. */
export const CommentView = Type.Object({
  id: Type.String(),
  by: PersonView,
  text: Type.String(),
  file: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
  at: time,
});

/** A named external result. */
export const CheckView = Type.Object({
  name: Type.String(),
  revision: Type.String(),
  status: Type.Union([Type.Literal('pending'), Type.Literal('success'), Type.Literal('failure')]),
  summary: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
  token: Type.Optional(Type.String({ description: 'Name of the token that posted it.' })),
  by: Type.String({ description: 'The token’s owner.' }),
  at: time,
});

const take = Type.Union([Type.Literal('source'), Type.Literal('destination')]);
const carriedPath = Type.String({ minLength: 1, maxLength: 500 });

/** What makes a pull request a promotion, and what its content waits for. */
export const PromotionView = Type.Object({
  from: Type.String({ description: 'Environment that it comes from.' }),
  revision: Type.String({ description: 'Commit of the source; it stays when the branch moves on.' }),
  first: Type.Boolean({ description: 'It brings the overlay of the destination, or changes its bindings.' }),
  undecided: Type.Array(Type.Object({ path: Type.String(), conflict: Type.Boolean() }), {
    description:
      'Paths that the destination changed for itself: decide for each whether it stays as it is there (`destination`) or becomes what the source has.',
  }),
  differences: Type.Array(FileChange, {
    description:
      'Of what is undecided: `before` is what the destination has now, `after` what the source has.',
  }),
  decided: Type.Array(Type.Object({ path: Type.String(), take, by: PersonView, at: time })),
  changed: Type.Optional(
    Type.Object(
      {
        by: PersonView,
        at: time,
        how: Type.Union([Type.Literal('planned'), Type.Literal('decided')]),
      },
      { description: 'Who changed its content last since it was opened: planned it anew, or decided.' },
    ),
  ),
});
export type PromotionView = Static<typeof PromotionView>;

/** `POST …/{number}/decisions` */
export const DecidePromotion = Type.Object(
  {
    revision,
    content: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: '`content` as it was read: refused where it is another one.',
      }),
    ),
    decisions: Type.Record(carriedPath, take, { minProperties: 1, maxProperties: 500 }),
  },
  closed,
);
export type DecidePromotion = Static<typeof DecidePromotion>;
/** A pull request that is merged by itself as soon as its gates are open. */
const AutoMergeView = Type.Object({
  by: PersonView,
  at: time,
  waits: Type.String({ description: 'One sentence: what it waits for.' }),
  until: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it is merged, where nobody has to act.' }),
  ),
});

/** What became of a merge that has to come to run in its time, or goes back by itself. */
export const RollbackWatchView = Type.Object({
  state: Type.Union([
    Type.Literal('watching'),
    Type.Literal('rolling-back'),
    Type.Literal('healthy'),
    Type.Literal('superseded'),
    Type.Literal('unwanted'),
    Type.Literal('rolled-back'),
    Type.Literal('not-rolled-back'),
  ]),
  pullRequest: Type.Integer(),
  revision: Type.String({ description: 'The merge.' }),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'While it is watched.' })),
  at: Type.Optional(Type.String({ format: 'date-time', description: 'When the watch ended.' })),
  message: Type.String({ description: 'One sentence.' }),
  rolledBackTo: Type.Optional(Type.String()),
  rollbackRevision: Type.Optional(Type.String()),
});
export type RollbackWatchView = Static<typeof RollbackWatchView>;

/** `GET /v1/organizations/{organization}/pull-requests/{application}/{number}` */
export const PullRequestDetail = Type.Object({
  ...PullRequestSummary.properties,
  description: Type.String(),
  commits: Type.Array(
    Type.Object({
      revision: Type.String(),
      author: Type.Object({ name: Type.String(), email: Type.String() }),
      pusher: Type.Optional(Type.String()),
      time,
      message: Type.String(),
    }),
  ),
  files: Type.Array(FileChange, {
    description: 'Against the destination’s head, as the merge would leave it.',
  }),
  conflicts: Type.Array(Type.String(), { description: 'Paths that must be decided in the source first.' }),
  promotion: Type.Optional(PromotionView),
  plan: Type.Optional(
    Type.Object(
      {
        application: Type.Optional(PlannedApplication),
        problems: Type.Array(
          Type.Object({
            code: Type.String(),
            message: Type.String(),
            file: Type.Optional(Type.String()),
            field: Type.Optional(Type.String()),
          }),
        ),
        consequences: Type.Array(Type.String()),
      },
      { description: 'What merging it now would do.' },
    ),
  ),
  gates: Type.Array(GateVerdict),
  mergeable: Type.Boolean({ description: 'No conflict, no problem, every gate open.' }),
  why: Type.String({ description: 'One sentence: why it is or is not merged, and who can act.' }),
  reviews: Type.Array(ReviewView),
  owners: Type.Array(Type.String(), {
    description: 'CODEOWNERS of what it changes, at the destination’s head.',
  }),
  checks: Type.Array(CheckView),
  comments: Type.Array(CommentView),
  members: Type.Optional(
    Type.Array(PullRequestSummary, { description: 'The other pull requests of its set, in order.' }),
  ),
  breakGlass: Type.Optional(
    Type.Object(
      { by: PersonView, reason: Type.String(), until: time },
      {
        description: 'The caller has broken the glass: the gates of the policy do not hold for their merges.',
      },
    ),
  ),
  mergedBy: Type.Optional(PersonView),
  mergedAt: Type.Optional(time),
  mergeRevision: Type.Optional(Type.String()),
  autoMerge: Type.Optional(AutoMergeView),
  watch: Type.Optional(RollbackWatchView),
  may: Type.Object(
    {
      approve: Type.Boolean(),
      approveWhyNot: Type.Optional(Type.String()),
      merge: Type.Boolean(),
      autoMerge: Type.Boolean({ description: 'Ask for a merge as soon as the gates are open.' }),
      stopAutoMerge: Type.Boolean(),
      close: Type.Boolean(),
      comment: Type.Boolean(),
      breakGlass: Type.Optional(
        Type.Boolean({ description: 'Closed gates are in the way, and the caller may break the glass.' }),
      ),
    },
    { description: 'What the caller can do now.' },
  ),
});
export type PullRequestDetail = Static<typeof PullRequestDetail>;

/** `POST /v1/organizations/{organization}/pull-requests`: from a branch that was pushed. */
export const OpenPullRequest = Type.Object(
  {
    application: Type.String({ maxLength: 40 }),
    source: Type.String({ minLength: 1, maxLength: 200 }),
    destination: Type.String({ minLength: 1, maxLength: 200, description: 'Branch of an Environment.' }),
    title: Type.String({ minLength: 1, maxLength: 200 }),
    description: Type.Optional(Type.String({ maxLength: 20_000 })),
  },
  closed,
);
export type OpenPullRequest = Static<typeof OpenPullRequest>;

/** `POST …/plans/{plan}/propose` */
export const ProposePlan = Type.Object(
  {
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    description: Type.Optional(Type.String({ maxLength: 20_000 })),
  },
  closed,
);
export type ProposePlan = Static<typeof ProposePlan>;

/** Answer to a proposed plan. */
export const ProposedPlan = Type.Object({
  planId: Type.String(),
  pullRequests: Type.Array(PullRequestSummary),
});

/** `POST …/{number}/reviews`; the verdict is on exactly the content that was read. */
export const GiveReview = Type.Object(
  {
    verdict: Type.Union([Type.Literal('approve'), Type.Literal('request-changes')]),
    revision,
    content: Type.Optional(content),
    comment: Type.Optional(Type.String({ maxLength: 10_000 })),
  },
  closed,
);
export type GiveReview = Static<typeof GiveReview>;

/** `POST …/{number}/comments` */
export const WriteComment = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 10_000 }),
    file: Type.Optional(Type.String({ maxLength: 500 })),
    line: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
);
export type WriteComment = Static<typeof WriteComment>;

/** `POST …/{number}/merge` */
export const MergePullRequest = Type.Object(
  {
    expectedHead: revision,
    content: Type.Optional(content),
    message: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  closed,
);

/** `PUT …/{number}/auto-merge`: of exactly the content that was read; another one ends it. */
export const AskAutoMerge = Type.Object({ expectedHead: revision, content: Type.Optional(content) }, closed);
export type AskAutoMerge = Static<typeof AskAutoMerge>;

/** `PATCH …/{number}` */
export const EditPullRequest = Type.Object(
  {
    title: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    description: Type.Optional(Type.String({ maxLength: 20_000 })),
    state: Type.Optional(Type.Literal('closed')),
  },
  closed,
);
export type EditPullRequest = Static<typeof EditPullRequest>;

/** `PUT …/{number}/checks/{name}` */
export const PostCheck = Type.Object(
  {
    revision,
    status: Type.Union([Type.Literal('pending'), Type.Literal('success'), Type.Literal('failure')]),
    summary: Type.Optional(Type.String({ maxLength: 2_000 })),
    url: Type.Optional(Type.String({ format: 'uri', maxLength: 500, pattern: '^https?://' })),
  },
  closed,
);
