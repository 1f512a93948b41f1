import type { NotificationSettingsView } from '@catalyst/model/api/people.ts';
import type { ApiDeps } from '../rest/api-deps.ts';

const settings: NotificationSettingsView = {
  mail: 'needs-you',
  mailAvailable: false,
  mailMessage: 'This Sovereign sends no e-mail.',
};

/** Nothing waits, and nobody was told anything. */
export function createPeopleDoubles(): Pick<ApiDeps, 'inbox' | 'notifications' | 'waiting'> {
  return {
    inbox: { of: async () => ({ items: [], more: 0, pending: 0, unread: 0 }) },
    notifications: {
      list: async () => ({ items: [], unread: 0 }),
      markRead: async () => {},
      settings: async () => settings,
      choose: async (_actor, { mail }) => ({ ...settings, mail }),
    },
    waiting: {
      list: async () => ({ items: [] }),
      why: async (_environment, application) =>
        application === 'shop'
          ? { state: 'Running', deployed: true, message: 'It runs what was asked for.', blockers: [] }
          : undefined,
    },
  };
}
