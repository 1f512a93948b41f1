import { createHash } from 'node:crypto';
import type {
  NotificationList,
  NotificationSettings,
  NotificationSettingsView,
  NotificationView,
} from '@catalyst/model/api/people.ts';
import type { Actor } from '@catalyst/model/authorization.ts';
import { toHeaderText } from '@catalyst/model/notification/header-text.ts';
import { type Notice, notificationKinds } from '@catalyst/model/notification/kinds.ts';
import { toMail } from '@catalyst/model/notification/to-mail.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Transaction } from '../../ports/database.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Mail } from '../../ports/mail.ts';
import {
  type MailRow,
  mailTable,
  type NotificationRow,
  notificationSettingsTable,
  notificationsTable,
} from './tables.ts';

/** Newest notifications that a person keeps. */
const mostPerUser = 500;
/** E-mails that may wait for one person; a flood is told in the console alone. */
const mostMailPerUser = 100;
/** What is older when it is told, as after days without Catalyst, is in the console alone. */
const mailForMs = 24 * 3_600_000;
const mostTitle = 200;
const mostMessage = 1_000;

/**
 * What people are told, durable until 500 newer ones are there. Nobody sees what is of an Organization that he is not in any more.
 * What is told twice under one id is one notification.
 */
export interface Notifications {
  /**
   * Tells people: durable when it resolves, or with the transaction whose tables are given. By e-mail too where the kind needs them,
   * they have not switched that off, and this Sovereign sends e-mail. `to` are ids of users.
   */
  notify(notice: Notice & { readonly to: readonly string[] }, tables?: Transaction): Promise<void>;
  list(
    actor: Actor,
    request: { readonly limit: number; readonly unread?: boolean },
  ): Promise<NotificationList>;
  unread(actor: Actor): Promise<number>;
  /** All of them unless told; ids of others are passed over. */
  markRead(actor: Actor, ids?: readonly string[]): Promise<void>;
  settings(actor: Actor): Promise<NotificationSettingsView>;
  choose(actor: Actor, settings: NotificationSettings): Promise<NotificationSettingsView>;
}

/** What notifications need. */
export interface NotificationsDeps {
  readonly database: Database;
  readonly mail: Pick<Mail, 'status'>;
  readonly pageUrl: (path: string) => string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told soon after e-mails were written. */
  readonly mailAdded: () => void;
}

/** Keeps them as rows. */
export function createNotifications(deps: NotificationsDeps): Notifications {
  const { database, mail, clock } = deps;

  async function wantsMail(tables: Transaction, user: string): Promise<boolean> {
    const chosen = await tables.table(notificationSettingsTable).get(user);
    return chosen?.mail !== 'none';
  }

  async function tell(tables: Transaction, notice: Notice, user: string): Promise<void> {
    const row: NotificationRow = {
      id: idOf(notice.id, user),
      user,
      kind: notice.kind,
      organization: notice.organization,
      title: toHeaderText(notice.title, mostTitle),
      message: toHeaderText(notice.message, mostMessage),
      path: notice.path,
      at: notice.at,
      read: false,
    };
    const rows = tables.table(notificationsTable);
    if (!(await rows.insert(row))) return;
    await prune(tables, user);
    if (!notificationKinds[notice.kind].needsYou || !mail.status().configured) return;
    if (clock.now() - Date.parse(notice.at) > mailForMs) return;
    if (!(await wantsMail(tables, user))) return;
    const messages = tables.table(mailTable);
    if ((await messages.count({ user, pending: true })) >= mostMailPerUser) {
      deps.logger.warn({ user, kind: notice.kind }, 'too much e-mail waits for a person; one is left out');
      return;
    }
    const message: MailRow = {
      id: row.id,
      user,
      organization: notice.organization,
      ...toMail(notice, deps.pageUrl),
      createdAt: new Date(clock.now()).toISOString(),
      attempts: 0,
      pending: true,
      dueAt: clock.now(),
    };
    await messages.put(message);
  }

  async function prune(tables: Transaction, user: string): Promise<void> {
    const rows = tables.table(notificationsTable);
    const surplus = (await rows.count({ user })) - mostPerUser;
    if (surplus <= 0) return;
    for (const { id } of await rows.list({ where: { user }, orderBy: 'at', limit: surplus }))
      await rows.delete(id);
  }

  async function visible(actor: Actor, where: Partial<NotificationRow>): Promise<NotificationRow[]> {
    const rows = await database.table(notificationsTable).list({
      where: { ...where, user: actor.id },
      orderBy: 'at',
      descending: true,
      limit: mostPerUser,
    });
    const mine = new Set(actor.memberships.map(({ organization }) => organization));
    return actor.sovereignAdmin ? rows : rows.filter(({ organization }) => mine.has(organization));
  }

  const unread = async (actor: Actor) => (await visible(actor, { read: false })).length;

  async function settings(actor: Actor): Promise<NotificationSettingsView> {
    const status = mail.status();
    return {
      mail: (await wantsMail(database, actor.id)) ? 'needs-you' : 'none',
      mailAvailable: status.configured,
      mailMessage: status.configured
        ? `What needs you is sent to ${actor.email}.`
        : `This Sovereign sends no e-mail: ${status.message}`,
    };
  }

  return {
    async notify({ to, ...notice }, tables) {
      const work = async (given: Transaction) => {
        for (const user of new Set(to)) await tell(given, notice, user);
      };
      await (tables ? work(tables) : database.transaction(work));
      deps.mailAdded();
    },
    async list(actor, { limit, unread: only }) {
      const rows = await visible(actor, only ? { read: false } : {});
      return { items: rows.slice(0, limit).map(toView), unread: await unread(actor) };
    },
    unread,
    markRead: (actor, ids) =>
      database.transaction(async (tables) => {
        const rows = tables.table(notificationsTable);
        const found = ids
          ? await Promise.all(ids.map((id) => rows.get(id)))
          : await rows.list({ where: { user: actor.id, read: false }, limit: mostPerUser });
        for (const row of found)
          if (row && row.user === actor.id && !row.read) await rows.put({ ...row, read: true });
      }),
    settings,
    async choose(actor, chosen) {
      await database.table(notificationSettingsTable).put({ user: actor.id, mail: chosen.mail });
      return settings(actor);
    },
  };
}

function idOf(notice: string, user: string): string {
  return `ntf_${createHash('sha256').update(`${user}\n${notice}`).digest('base64url').slice(0, 27)}`;
}

function toView({ user: _user, kind, ...row }: NotificationRow): NotificationView {
  return { ...row, kind, label: notificationKinds[kind].label };
}
