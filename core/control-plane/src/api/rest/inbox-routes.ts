import {
  Inbox,
  MarkRead,
  NotificationList,
  NotificationSettings,
  NotificationSettingsView,
} from '@catalyst/model/api/people.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { CatalystError } from '@catalyst/model/problem.ts';
import { Type } from 'typebox';
import { actorOf } from '../http/guard.ts';
import type { ApiDeps } from './api-deps.ts';
import { type ApiApp, answers, noContent } from './routes.ts';

const tags = ['inbox'];
const config = { access: 'user' } as const;
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 }));

/** What waits for the person who asks, and what he was told. */
export function inboxRoutes(app: ApiApp, deps: ApiDeps): void {
  app.get(
    '/v1/inbox',
    {
      config,
      schema: {
        operationId: 'getInbox',
        tags,
        description:
          'What waits for the caller, across all Organizations; what has waited longest comes first.',
        querystring: Type.Object({ limit }),
        response: answers({ 200: Inbox }),
      },
    },
    async (request) => deps.inbox.of(actorOf(request), request.query.limit ?? 50),
  );
  notificationRoutes(app, deps);
}

/** A token that only reads changes nothing, not even what is its own. */
function writerOf(actor: Actor): Actor {
  if (actor.readOnly) throw new CatalystError('Denied', 'This token only reads. Use one that may write.');
  return actor;
}

function notificationRoutes(app: ApiApp, { notifications }: ApiDeps): void {
  app.get(
    '/v1/notifications',
    {
      config,
      schema: {
        operationId: 'listNotifications',
        tags,
        description: 'Newest first; the newest 500 are kept.',
        querystring: Type.Object({ limit, unread: Type.Optional(Type.Boolean()) }),
        response: answers({ 200: NotificationList }),
      },
    },
    async (request) => {
      const { limit: most = 50, unread } = request.query;
      return notifications.list(actorOf(request), { limit: most, ...(unread ? { unread } : {}) });
    },
  );

  app.post(
    '/v1/notifications/read',
    {
      config,
      schema: {
        operationId: 'markNotificationsRead',
        tags,
        body: MarkRead,
        response: answers({ 204: noContent }),
      },
    },
    async (request, reply) => {
      await notifications.markRead(writerOf(actorOf(request)), request.body.ids);
      return reply.code(204).send();
    },
  );

  app.get(
    '/v1/notifications/settings',
    {
      config,
      schema: {
        operationId: 'getNotificationSettings',
        tags,
        response: answers({ 200: NotificationSettingsView }),
      },
    },
    async (request) => notifications.settings(actorOf(request)),
  );

  app.put(
    '/v1/notifications/settings',
    {
      config,
      schema: {
        operationId: 'putNotificationSettings',
        tags,
        body: NotificationSettings,
        response: answers({ 200: NotificationSettingsView }),
      },
    },
    async (request) => notifications.choose(writerOf(actorOf(request)), request.body),
  );
}
