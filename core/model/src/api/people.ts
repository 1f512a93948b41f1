import { type Static, Type } from 'typebox';
import { notificationKindNames } from '../notification/kinds.ts';
import { deploymentStages } from '../projection/why-not-deployed.ts';

const closed = { additionalProperties: false };
const time = Type.String({ format: 'date-time' });
const path = Type.String({ description: 'Path of a page of the console.' });
const optional = Type.Optional;

/** What a person may do at once with what waits for him. */
const InboxAction = Type.Union([
  Type.Literal('approve'),
  Type.Literal('request-changes'),
  Type.Literal('merge'),
  Type.Literal('open'),
]);

/** Something that waits for exactly this person. */
export const InboxEntry = Type.Object({
  id: Type.String({ description: 'Stays the same while it waits.' }),
  kind: Type.String({
    description:
      'review, merge, changes-requested, conflict, decision, problem, or what another source adds.',
  }),
  organization: Type.String(),
  environment: optional(Type.String()),
  application: optional(Type.String()),
  number: optional(Type.Integer({ description: 'Of the pull request.' })),
  title: Type.String(),
  by: optional(Type.String({ description: 'Name of who brought it.' })),
  revision: optional(Type.String({ description: 'Head that a verdict or a merge must name.' })),
  content: optional(
    Type.String({ description: 'Content that a verdict or a merge must name; it changes with the head.' }),
  ),
  since: Type.String({ format: 'date-time', description: 'When it began to wait, as far as is known.' }),
  why: Type.String({ description: 'Why it waits for this person.' }),
  path,
  may: Type.Array(InboxAction),
});
export type InboxEntry = Static<typeof InboxEntry>;

/** `GET /v1/inbox` */
export const Inbox = Type.Object({
  items: Type.Array(InboxEntry, { description: 'What has waited longest comes first.' }),
  more: Type.Integer({ description: 'How many wait beyond those.' }),
  pending: Type.Integer({ description: 'Pull requests that are still being looked at; ask again soon.' }),
  unread: Type.Integer({ description: 'Notifications that were not read.' }),
});
export type Inbox = Static<typeof Inbox>;

/** One notification. */
export const NotificationView = Type.Object({
  id: Type.String(),
  kind: Type.Enum([...notificationKindNames]),
  label: Type.String({ description: 'The kind in words.' }),
  organization: Type.String(),
  title: Type.String(),
  message: Type.String(),
  path,
  at: time,
  read: Type.Boolean(),
});
export type NotificationView = Static<typeof NotificationView>;

/** `GET /v1/notifications`: newest first. */
export const NotificationList = Type.Object({ items: Type.Array(NotificationView), unread: Type.Integer() });
export type NotificationList = Static<typeof NotificationList>;

/** `POST /v1/notifications/read` */
export const MarkRead = Type.Object(
  {
    ids: optional(
      Type.Array(Type.String({ maxLength: 64 }), { maxItems: 500, description: 'All of them unless told.' }),
    ),
  },
  closed,
);

/** What a person chose. */
export const NotificationSettings = Type.Object(
  {
    mail: Type.Union([Type.Literal('needs-you'), Type.Literal('none')], {
      description: 'What is sent by e-mail: what needs the person, or nothing.',
    }),
  },
  closed,
);
export type NotificationSettings = Static<typeof NotificationSettings>;

/** `GET /v1/notifications/settings` */
export const NotificationSettingsView = Type.Object({
  ...NotificationSettings.properties,
  mailAvailable: Type.Boolean(),
  mailMessage: Type.String({ description: 'Whether this Sovereign sends e-mail, in a sentence.' }),
});
export type NotificationSettingsView = Static<typeof NotificationSettingsView>;

/** What keeps a change from running. */
const BlockerView = Type.Object({
  stage: Type.Enum([...deploymentStages]),
  reason: Type.String({ description: 'PascalCase constant, or the kind of the closed gate.' }),
  message: Type.String({ description: 'One sentence.' }),
  actor: Type.String({ description: 'Who can act.' }),
  until: optional(Type.String({ description: 'RFC 3339: when it goes on by itself.' })),
  pullRequest: optional(Type.Object({ number: Type.Integer(), title: Type.String(), path })),
});

/** `GET …/applications/{application}/why` */
export const WhyNotDeployed = Type.Object({
  state: Type.String({ description: 'A state of a card, or `Not installed`.' }),
  deployed: Type.Boolean({ description: 'The newest of what was asked for runs, and nothing waits.' }),
  message: Type.String({ description: 'One sentence over Git, gates, dependency, render and runtime.' }),
  blockers: Type.Array(BlockerView, { description: 'In the order of the stages.' }),
});
export type WhyNotDeployed = Static<typeof WhyNotDeployed>;

/** `GET /v1/environments/{environment}/waiting`: what waits to reach the Environment, by Application. */
export const WaitingChanges = Type.Object({
  items: Type.Array(Type.Object({ application: Type.String(), ...BlockerView.properties })),
});
export type WaitingChanges = Static<typeof WaitingChanges>;
