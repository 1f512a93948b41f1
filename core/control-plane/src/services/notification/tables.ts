import type { NotificationKind } from '@catalyst/model/notification/kinds.ts';
import type { TableDefinition } from '../../ports/database.ts';

/** What one person was told. Times are RFC 3339, UTC. */
export interface NotificationRow {
  /** Of the person and the fact, so that the same is told once. */
  readonly id: string;
  readonly user: string;
  readonly kind: NotificationKind;
  readonly organization: string;
  readonly title: string;
  readonly message: string;
  readonly path: string;
  readonly at: string;
  readonly read: boolean;
}

/** An e-mail that is or was to be sent; its text is as it was written. The address is looked up when it is sent. */
export interface MailRow {
  /** That of the notification. */
  readonly id: string;
  readonly user: string;
  readonly organization: string;
  readonly subject: string;
  readonly text: string;
  readonly createdAt: string;
  readonly attempts: number;
  /** Whether more are to come. */
  readonly pending: boolean;
  /** Milliseconds since the Unix epoch; of the next attempt. */
  readonly dueAt: number;
  readonly sentAt?: string;
  /** Why the last attempt failed, or why there was none. */
  readonly error?: string;
}

/** What a person chose; who has no row has the defaults. */
export interface NotificationSettingsRow {
  readonly user: string;
  readonly mail: 'needs-you' | 'none';
}

export const notificationsTable: TableDefinition<NotificationRow> = {
  name: 'notifications',
  key: 'id',
  indexes: ['user', 'read', 'at'],
};
export const mailTable: TableDefinition<MailRow> = {
  name: 'mail_messages',
  key: 'id',
  indexes: ['user', 'pending', 'createdAt', 'dueAt'],
};
export const notificationSettingsTable: TableDefinition<NotificationSettingsRow> = {
  name: 'notification_settings',
  key: 'user',
};
