import {
  CreatedWebhook,
  CreateWebhook,
  DeliveryList,
  DeliveryView,
  UpdateWebhook,
  WebhookList,
  WebhookView,
} from '@catalyst/model/api/webhooks.ts';
import { Type } from 'typebox';
import { actorOf } from '../http/guard.ts';
import { answerOf } from '../http/problem-response.ts';
import { notFound } from '../http/route-access.ts';
import type { ApiDeps } from './api-deps.ts';
import { organizationOf } from './lookups.ts';
import { type ApiApp, answers, noContent, params } from './routes.ts';

const tags = ['webhooks'];
const path = '/v1/organizations/:organization/webhooks';
// Addresses of webhooks often are secrets themselves, so reading takes the same right as writing.
const config = { access: { permission: 'webhooks.write', scope: 'organization' } } as const;
const webhookParams = Type.Object({
  ...params.organization.properties,
  webhook: Type.String({ maxLength: 64, description: 'Id of the webhook.' }),
});
const deliveryParams = Type.Object({
  ...webhookParams.properties,
  delivery: Type.String({ maxLength: 64, pattern: '^[A-Za-z0-9_-]+$', description: 'Id of the message.' }),
});
const noSuchWebhook = () => notFound('There is no such webhook in this Organization.');

/** Outgoing webhooks of an Organization, for its org-admins. */
export function webhookRoutes(app: ApiApp, deps: ApiDeps): void {
  collectionRoutes(app, deps);
  webhookItemRoutes(app, deps);
  deliveryRoutes(app, deps);
}

function collectionRoutes(app: ApiApp, deps: ApiDeps): void {
  const { webhooks } = deps;
  app.get(
    path,
    {
      config,
      schema: {
        operationId: 'listWebhooks',
        tags,
        params: params.organization,
        response: answers({ 200: WebhookList }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      return { items: [...webhooks.list(metadata.name)] };
    },
  );

  app.post(
    path,
    {
      config: { ...config, rateLimit: { max: 30, timeWindow: 60_000 } },
      schema: {
        operationId: 'createWebhook',
        tags,
        description:
          'Deliveries are signed as the Standard Webhooks specification says. The secret is in this answer and never again.',
        params: params.organization,
        body: CreateWebhook,
        response: answers({ 201: CreatedWebhook }),
      },
    },
    async (request, reply) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const created = answerOf(await webhooks.create(actorOf(request), metadata.name, request.body));
      return reply.code(201).header('cache-control', 'no-store').send(created);
    },
  );
}

function webhookItemRoutes(app: ApiApp, deps: ApiDeps): void {
  const { webhooks } = deps;
  app.get(
    `${path}/:webhook`,
    {
      config,
      schema: {
        operationId: 'getWebhook',
        tags,
        params: webhookParams,
        response: answers({ 200: WebhookView }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const found = webhooks.find(metadata.name, request.params.webhook);
      if (!found) throw noSuchWebhook();
      return found;
    },
  );

  app.patch(
    `${path}/:webhook`,
    {
      config,
      schema: {
        operationId: 'changeWebhook',
        tags,
        params: webhookParams,
        body: UpdateWebhook,
        response: answers({ 200: WebhookView }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      return answerOf(await webhooks.change(metadata.name, request.params.webhook, request.body));
    },
  );

  app.delete(
    `${path}/:webhook`,
    {
      config,
      schema: {
        operationId: 'deleteWebhook',
        tags,
        params: webhookParams,
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      if (!(await webhooks.remove(metadata.name, request.params.webhook))) throw noSuchWebhook();
      return reply.code(204).send();
    },
  );
}

function deliveryRoutes(app: ApiApp, deps: ApiDeps): void {
  const { webhooks } = deps;
  // Each waits for somebody else's server.
  const waiting = { ...config, rateLimit: { max: 20, timeWindow: 60_000 } };
  app.post(
    `${path}/:webhook/ping`,
    {
      config: waiting,
      schema: {
        operationId: 'pingWebhook',
        tags,
        description: 'Sends one `ping` now and says what came of it.',
        params: webhookParams,
        response: answers({ 200: DeliveryView }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      return answerOf(await webhooks.ping(metadata.name, request.params.webhook));
    },
  );

  app.get(
    `${path}/:webhook/deliveries`,
    {
      config,
      schema: {
        operationId: 'listDeliveries',
        tags,
        description: 'Attempts of the last seven days, newest first.',
        params: webhookParams,
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
        }),
        response: answers({ 200: DeliveryList }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const { webhook } = request.params;
      const found = await webhooks.deliveries(metadata.name, webhook, request.query.limit ?? 50);
      if (!found) throw noSuchWebhook();
      return { items: [...found] };
    },
  );

  app.post(
    `${path}/:webhook/deliveries/:delivery/redeliver`,
    {
      config: waiting,
      schema: {
        operationId: 'redeliverDelivery',
        tags,
        description: 'Sends a message of the log once more, now, and says what came of it.',
        params: deliveryParams,
        response: answers({ 200: DeliveryView }),
      },
    },
    async (request) => {
      const { metadata } = await organizationOf(deps, request.params.organization);
      const { webhook, delivery } = request.params;
      return answerOf(await webhooks.redeliver(metadata.name, webhook, delivery));
    },
  );
}
