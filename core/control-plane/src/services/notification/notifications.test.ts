import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Actor } from '@catalyst/model/authorization.ts';
import type { Notice } from '@catalyst/model/notification/kinds.ts';
import { createSqliteDatabase } from '../../adapters/database/sqlite/sqlite-database.ts';
import { createMailSettings } from '../../adapters/mail/smtp/mail-settings.ts';
import { createSmtpMail } from '../../adapters/mail/smtp/smtp-mail.ts';
import { startSmtpKit } from '../../adapters/mail/smtp/testing/smtp-kit.ts';
import { testClock } from '../../events/testing/nats-kit.ts';
import type { Logger } from '../../ports/logger.ts';
import { createMailDispatcher } from './mail-dispatcher.ts';
import { createNotifications } from './notifications.ts';
import { mailTable, notificationsTable } from './tables.ts';

const lines: string[] = [];
const logger: Logger = {
  debug: (fields, message) => void lines.push(JSON.stringify([fields, message])),
  info: (fields, message) => logger.debug(fields, message),
  warn: (fields, message) => logger.debug(fields, message),
  error: (fields, message) => logger.debug(fields, message),
  child: () => logger,
};
const people: Readonly<Record<string, { name: string; email: string }>> = {
  ada: { name: 'Ada', email: 'ada@example.org' },
  ben: { name: 'Ben', email: 'later@example.org' },
  eve: { name: 'Eve', email: 'never@example.org' },
  gone: { name: 'Gone', email: 'gone@example.org' },
};
const toUser = (id: string) =>
  people[id] && { id, ...people[id], sovereignAdmin: false, createdAt: '2026-01-01T00:00:00Z', active: true };
const actorOf = (id: string, organization = 'acme'): Actor => ({
  id,
  ...(people[id] ?? { name: id, email: id }),
  sovereignAdmin: false,
  memberships: [{ organization, role: 'org-developer' }],
  surface: 'console',
});
const notice = (id: string, more: Partial<Notice> = {}): Notice => ({
  id,
  kind: 'review-needed',
  organization: 'acme',
  title: `shop #1: ${id}`,
  message: 'It needs an approval that you can give.',
  path: '/organizations/acme/pull-requests/shop/1',
  at: new Date(1_800_000_000_000 + lines.length).toISOString(),
  ...more,
});

/** Tries until it holds. */
async function eventually(holds: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 10_000; ; await testClock.sleep(10))
    try {
      return await holds();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
}

const closing: (() => Promise<void>)[] = [];
let ahead = 0;
const clock = {
  now: () => Date.now() + ahead,
  sleep: (ms: number, signal?: AbortSignal) => testClock.sleep(Math.min(ms, 20), signal),
};
let folder: string;
let smtp: Awaited<ReturnType<typeof startSmtpKit>>;

async function open({ mailFile = 'mail.yaml', members = ['ada', 'ben', 'eve'] } = {}) {
  const database = createSqliteDatabase({ path: join(folder, 'database.sqlite') });
  const mail = createSmtpMail({ settings: createMailSettings(join(smtp.directory, mailFile)) });
  const access = {
    members: async () =>
      members.map((id) => ({
        user: { id, name: id, email: id, active: true },
        role: 'org-developer' as const,
      })),
  };
  const dispatcher = createMailDispatcher({
    database,
    mail,
    identity: { findUser: async (id) => toUser(id) },
    access,
    clock,
    logger,
    random: () => 0.5,
  });
  const notifications = createNotifications({
    database,
    mail,
    pageUrl: (path) => `http://localhost${path}`,
    clock,
    logger,
    mailAdded: () => dispatcher.added(),
  });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await dispatcher.stop();
    await database.close();
  };
  closing.push(close);
  return {
    database,
    dispatcher,
    notifications,
    mails: () => database.table(mailTable).list({ limit: 1_000 }),
    close,
  };
}

describe('notifications', { timeout: 60_000 }, () => {
  before(async () => {
    smtp = await startSmtpKit();
    smtp.settingsFile();
  });
  after(() => smtp.stop());
  const law = (what: string, work: () => Promise<void>) =>
    it(what, async () => {
      folder = mkdtempSync(join(tmpdir(), 'catalyst-notifications-'));
      ahead = 0;
      try {
        await work();
      } finally {
        for (const close of closing.splice(0)) await close();
        rmSync(folder, { recursive: true, force: true });
      }
    });

  law('are kept, told once, read once, and seen by nobody else', async () => {
    let opened = await open();
    await opened.notifications.notify({ ...notice('one'), to: ['ada', 'ben', 'ada'] });
    await opened.notifications.notify({ ...notice('one'), to: ['ada'] });
    await opened.notifications.notify({ ...notice('two', { kind: 'approved' }), to: ['ada'] });
    await opened.close();
    opened = await open();
    const { notifications } = opened;
    const { items, unread } = await notifications.list(actorOf('ada'), { limit: 50 });
    assert.deepEqual(items.map(({ label }) => label).sort(), ['Approved', 'Needs your review']);
    assert.equal(unread, 2);
    const [theirs] = (await notifications.list(actorOf('ben'), { limit: 50 })).items;
    assert.ok(theirs && items.every(({ id }) => id !== theirs.id));
    await notifications.markRead(actorOf('ada'), [theirs.id, items[0]?.id ?? '', 'nothing']);
    assert.equal(await notifications.unread(actorOf('ada')), 1);
    assert.equal(await notifications.unread(actorOf('ben')), 1, 'what is another’s stays unread');
    await notifications.markRead(actorOf('ada'));
    assert.equal(await notifications.unread(actorOf('ada')), 0);
    assert.equal((await notifications.list(actorOf('ada', 'globex'), { limit: 50 })).items.length, 0);
    await opened.close();
  });

  law('go with the transaction of the fact', async () => {
    const { database, notifications, mails, close } = await open();
    const broken = database.transaction(async (tables) => {
      await notifications.notify({ ...notice('one'), to: ['ada'] }, tables);
      throw new Error('the process ends');
    });
    await assert.rejects(broken);
    assert.equal(await notifications.unread(actorOf('ada')), 0);
    assert.deepEqual(await mails(), []);
    await close();
  });

  law('are bounded: the newest 500 stay', async () => {
    const { database, notifications, close } = await open({ mailFile: 'none.yaml' });
    await database.transaction(async (tables) => {
      for (let at = 0; at < 520; at += 1)
        await notifications.notify(
          { ...notice(`n${at}`, { at: new Date(1_800_000_000_000 + at).toISOString() }), to: ['ada'] },
          tables,
        );
    });
    assert.equal(await database.table(notificationsTable).count({ user: 'ada' }), 500);
    const { items } = await notifications.list(actorOf('ada'), { limit: 1 });
    assert.equal(items[0]?.title, 'shop #1: n519');
    await close();
  });

  law('leave by e-mail where they need the person, once, also after the process ended', async () => {
    const had = smtp.taken().length;
    let opened = await open();
    const title = 'shop #1: x\r\nBcc: eve@example.org';
    await opened.notifications.notify({ ...notice('one', { title }), to: ['ada'] });
    await opened.notifications.notify({ ...notice('two', { kind: 'approved' }), to: ['ada'] });
    // It ends before anything was sent.
    await opened.close();
    opened = await open();
    opened.dispatcher.start();
    await smtp.untilTaken(had + 1);
    await eventually(async () => assert.ok((await opened.mails())[0]?.sentAt));
    await opened.close();
    opened = await open();
    opened.dispatcher.start();
    await testClock.sleep(200);
    await opened.close();
    const came = smtp.taken().slice(had);
    assert.equal(came.length, 1);
    assert.deepEqual(came[0]?.to, ['ada@example.org']);
    assert.match(came[0]?.message ?? '', /^Subject: \[acme\] Needs your review: shop #1: x Bcc:/m);
    const text = (came[0]?.message ?? '').replaceAll('=\r\n', '');
    assert.match(text, /http:\/\/localhost\/organizations\/acme\/pull-requests\/shop\/1/);
  });

  law(
    'are tried again where that may help, given up where not, and logged without what they say',
    async () => {
      const opened = await open();
      lines.length = 0;
      await opened.notifications.notify({ ...notice('one', { title: 'hidden words' }), to: ['ben', 'eve'] });
      opened.dispatcher.start();
      const of = async (user: string) => (await opened.mails()).find((row) => row.user === user);
      await eventually(async () => assert.equal((await of('eve'))?.pending, false));
      await eventually(async () => assert.equal((await of('ben'))?.attempts, 1));
      assert.match((await of('eve'))?.error ?? '', /for good \(550\)/);
      ahead += 10_000;
      await eventually(async () => assert.equal((await of('ben'))?.attempts, 2));
      assert.equal((await of('ben'))?.pending, true);
      for (let round = 0; round < 12 && (await of('ben'))?.pending; round += 1) {
        const before = (await of('ben'))?.attempts;
        ahead += 8 * 3_600_000;
        await eventually(async () => {
          const now = await of('ben');
          assert.ok(now && (now.attempts !== before || !now.pending));
        });
      }
      assert.equal((await of('ben'))?.pending, false, 'after a day or so it is over');
      assert.match(lines.join('\n'), /given up/);
      assert.doesNotMatch(lines.join('\n'), /hidden words|@example\.org/);
      await opened.close();
    },
  );

  law(
    'do not leave where the person switched them off, left the Organization, or there is no server',
    async () => {
      const had = smtp.taken().length;
      const opened = await open({ members: ['ada'] });
      const { notifications } = opened;
      await notifications.notify({ ...notice('one'), to: ['ada', 'gone'] });
      await notifications.choose(actorOf('ada'), { mail: 'none' });
      await notifications.notify({ ...notice('two'), to: ['ada'] });
      const old = new Date(Date.now() - 25 * 3_600_000).toISOString();
      await notifications.notify({ ...notice('old', { at: old }), to: ['ben'] });
      assert.equal((await opened.mails()).length, 2, 'neither the third nor the old one was even written');
      opened.dispatcher.start();
      await eventually(async () => assert.ok((await opened.mails()).every(({ pending }) => !pending)));
      assert.match((await opened.mails()).map(({ error }) => error).join(' '), /switched.*|Organization/);
      assert.equal(smtp.taken().length, had);
      assert.equal((await notifications.settings(actorOf('ada'))).mail, 'none');
      await opened.close();
      const without = await open({ mailFile: 'none.yaml' });
      await without.notifications.choose(actorOf('ada'), { mail: 'needs-you' });
      const before = (await without.mails()).length;
      await without.notifications.notify({ ...notice('three'), to: ['ada'] });
      assert.equal((await without.mails()).length, before);
      const said = await without.notifications.settings(actorOf('ada'));
      assert.equal(said.mailAvailable, false);
      assert.match(said.mailMessage, /sends no e-mail.*mail\.yaml/);
      await without.close();
    },
  );
});
