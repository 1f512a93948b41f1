import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false };
const time = Type.String({ format: 'date-time' });

/** What a webhook can be told of. */
export const webhookEvents = [
  'application.changed',
  'application.running',
  'application.degraded',
  'application.failed',
  'application.removed',
  'pull-request.opened',
  'pull-request.updated',
  'pull-request.reviewed',
  'pull-request.merged',
  'pull-request.closed',
  'break-glass.opened',
  'break-glass.closed',
  'ping',
] as const;
/** Kind of an outgoing event. */
export type WebhookEvent = (typeof webhookEvents)[number];

const events = Type.Array(Type.Enum([...webhookEvents]), {
  minItems: 1,
  maxItems: webhookEvents.length,
  uniqueItems: true,
});

/** `POST /v1/organizations/{organization}/webhooks` */
export const CreateWebhook = Type.Object(
  {
    url: Type.String({ maxLength: 1000, pattern: '^https?://' }),
    events,
    description: Type.Optional(Type.String({ maxLength: 200 })),
  },
  closed,
);
export type CreateWebhook = Static<typeof CreateWebhook>;

/** `PATCH …/webhooks/{webhook}` */
export const UpdateWebhook = Type.Object(
  {
    ...Type.Partial(CreateWebhook).properties,
    active: Type.Optional(
      Type.Boolean({
        description: 'True switches one on again that was switched off; what was dropped stays so.',
      }),
    ),
  },
  { ...closed, minProperties: 1 },
);
export type UpdateWebhook = Static<typeof UpdateWebhook>;

/** An outgoing webhook; its secret is given once, when it is made. */
export const WebhookView = Type.Object({
  id: Type.String(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  description: Type.Optional(Type.String()),
  active: Type.Boolean(),
  createdBy: Type.String(),
  createdAt: time,
  /** Why it was switched off, where Catalyst did. */
  disabledReason: Type.Optional(Type.String()),
});
export type WebhookView = Static<typeof WebhookView>;

/** Answer to `POST …/webhooks`. */
export const CreatedWebhook = Type.Object({
  ...WebhookView.properties,
  secret: Type.String({ description: 'For the signature; shown once.' }),
});
export type CreatedWebhook = Static<typeof CreatedWebhook>;

/** `GET …/webhooks` */
export const WebhookList = Type.Object({ items: Type.Array(WebhookView) });

/** One attempt to deliver one event. */
export const DeliveryView = Type.Object({
  id: Type.String({ description: 'Of the message; the same for each attempt.' }),
  event: Type.String(),
  attempt: Type.Integer(),
  at: time,
  status: Type.Optional(Type.Integer({ description: 'HTTP status that was answered.' })),
  durationMs: Type.Integer(),
  delivered: Type.Boolean(),
  error: Type.Optional(Type.String()),
  nextAttemptAt: Type.Optional(time),
});
export type DeliveryView = Static<typeof DeliveryView>;

/** `GET …/webhooks/{webhook}/deliveries`, newest first. */
export const DeliveryList = Type.Object({ items: Type.Array(DeliveryView) });
