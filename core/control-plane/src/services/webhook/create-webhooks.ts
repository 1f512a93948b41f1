import type { DeliveryView } from '@catalyst/model/api/webhooks.ts';
import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import { toBody } from '@catalyst/model/webhook/notices.ts';
import type { EventSpine } from '../../events/event-spine.ts';
import { createDispatcher, type DispatcherDeps } from './dispatcher.ts';
import { createIntake } from './intake.ts';
import { createRegistry, noWebhook, type RegistryDeps, toView } from './registry.ts';
import { createRetention } from './retention.ts';
import { type AttemptRow, attemptsTable, type MessageRow, messagesTable, type WebhookRow } from './tables.ts';
import type { Webhooks } from './webhooks.ts';

/** What webhooks need. */
export type WebhooksDeps = RegistryDeps &
  Omit<DispatcherDeps, 'registry'> & { readonly spine: Pick<EventSpine, 'subscribeBatches'> };

/** Creates the outgoing webhooks of the Organizations. */
export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const { database, logger, clock } = deps;
  const registry = createRegistry(deps);
  const dispatcher = createDispatcher({ ...deps, registry });
  const intake = createIntake({ ...deps, registry, dispatcher });
  const retention = createRetention({ database, clock, logger, webhooks: () => registry.ids() });

  async function attemptNow(row: MessageRow, webhook: WebhookRow): Promise<Result<DeliveryView>> {
    const done = await dispatcher.now(row, webhook);
    return done
      ? ok(toDelivery(done))
      : refused({
          code: 'TooMany',
          message: 'Deliveries of this webhook are under way. Try again in some seconds.',
        });
  }

  return {
    async start() {
      await registry.start();
      await dispatcher.start();
      await intake.start();
      retention.start();
    },
    async stop() {
      await intake.stop();
      await retention.stop();
      await dispatcher.stop();
    },
    list: (organization) => registry.of(organization).map(toView),
    find(organization, id) {
      const row = registry.find(organization, id);
      return row && toView(row);
    },
    create: registry.create,
    change: registry.change,
    remove: registry.remove,
    async deliveries(organization, id, limit) {
      const row = registry.find(organization, id);
      if (!row) return undefined;
      const attempts = database.table(attemptsTable);
      const rows = await attempts.list({ where: { webhook: id }, orderBy: 'at', descending: true, limit });
      return rows.map(toDelivery);
    },
    async redeliver(organization, id, message) {
      const webhook = registry.find(organization, id);
      if (!webhook) return refused(noWebhook);
      const row = await database.table(messagesTable).get(`${id}/${message}`);
      if (!row)
        return refused({
          code: 'NotFound',
          message: 'This delivery is not kept any more; the log goes back seven days.',
        });
      return attemptNow(row, webhook);
    },
    async ping(organization, id) {
      const webhook = registry.find(organization, id);
      if (!webhook) return refused(noWebhook);
      const message = `msg_${deps.createId()}`;
      const createdAt = new Date(clock.now()).toISOString();
      const body = toBody('ping', createdAt, { organization, webhook: id });
      const row = { id: `${id}/${message}`, webhook: id, message, event: 'ping', body, createdAt } as const;
      return attemptNow({ ...row, attempts: 0, pending: false, dueAt: 0 }, webhook);
    },
    async removeOrganization(organization) {
      await registry.removeOrganization(organization);
      intake.forget(organization);
    },
  };
}

function toDelivery(row: AttemptRow): DeliveryView {
  const { id: _id, webhook: _webhook, message, ...rest } = row;
  return { id: message, ...rest };
}
