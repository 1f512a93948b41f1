import type { DeliveryView, WebhookView } from '@catalyst/model/api/webhooks.ts';
import { ok, refused } from '@catalyst/model/problem.ts';
import type { ApiDeps } from '../rest/api-deps.ts';

const at = '2026-01-01T00:00:00.000Z';
const webhook: WebhookView = {
  id: 'wh_1',
  url: 'https://example.org/hook',
  events: ['ping'],
  active: true,
  createdBy: 'Ada',
  createdAt: at,
};
const delivery: DeliveryView = { id: 'msg_1', event: 'ping', attempt: 1, at, durationMs: 1, delivered: true };
const none = { code: 'NotFound', message: 'There is no such webhook in this Organization.' };

/** One webhook, `wh_1`, in `acme`. */
export function createWebhookDoubles(): ApiDeps['webhooks'] {
  const has = (organization: string, id: string) => organization === 'acme' && id === webhook.id;
  return {
    list: (organization) => (organization === 'acme' ? [webhook] : []),
    find: (organization, id) => (has(organization, id) ? webhook : undefined),
    create: async () => ok({ ...webhook, secret: 'whsec_x' }),
    change: async (organization, id) => (has(organization, id) ? ok(webhook) : refused(none)),
    remove: async (organization, id) => has(organization, id),
    deliveries: async (organization, id) => (has(organization, id) ? [delivery] : undefined),
    redeliver: async (organization, id) => (has(organization, id) ? ok(delivery) : refused(none)),
    ping: async (organization, id) => (has(organization, id) ? ok(delivery) : refused(none)),
  };
}
