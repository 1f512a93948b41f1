import type {
  CreatedWebhook,
  CreateWebhook,
  DeliveryView,
  UpdateWebhook,
  WebhookView,
} from '@catalyst/model/api/webhooks.ts';
import { queryOptions } from '@tanstack/react-query';
import type { Static } from 'typebox';
import { pathOf, request } from '../api/client.ts';

const path = (organization: string, ...more: readonly string[]) =>
  pathOf('organizations', organization, 'webhooks', ...more);

/** Every call about outgoing webhooks. */
export const webhooksApi = {
  create: (organization: string, body: CreateWebhook) =>
    request<Static<typeof CreatedWebhook>>('POST', path(organization), { body }),
  change: (organization: string, id: string, body: UpdateWebhook) =>
    request<WebhookView>('PATCH', path(organization, id), { body }),
  remove: (organization: string, id: string) => request<void>('DELETE', path(organization, id)),
  ping: (organization: string, id: string) => request<DeliveryView>('POST', path(organization, id, 'ping')),
  redeliver: (organization: string, id: string, delivery: string) =>
    request<DeliveryView>('POST', path(organization, id, 'deliveries', delivery, 'redeliver')),
};

/** The questions about outgoing webhooks. */
export const webhookQueries = {
  list: (organization: string) =>
    queryOptions({
      queryKey: ['organizations', organization, 'webhooks'],
      queryFn: ({ signal }) => request<{ items: WebhookView[] }>('GET', path(organization), { signal }),
      // One that fails too often is switched off by itself.
      refetchInterval: 30_000,
    }),
  deliveries: (organization: string, id: string) =>
    queryOptions({
      queryKey: ['organizations', organization, 'webhooks', id, 'deliveries'],
      queryFn: ({ signal }) =>
        request<{ items: DeliveryView[] }>('GET', path(organization, id, 'deliveries'), { signal }),
      refetchInterval: 5_000,
    }),
};
