import { retryDelayMs } from '@catalyst/model/webhook/retry-schedule.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Mail, MailOutcome } from '../../ports/mail.ts';
import type { Access } from '../access/access.ts';
import { type MailRow, mailTable, notificationSettingsTable } from './tables.ts';

const everyMs = 5_000;
const afterCommitMs = 50;
const mostAtOnce = 4;
const pageSize = 100;
const keptMs = 7 * 24 * 3_600_000;
const pruneEveryMs = 600_000;
/** A server that is not there yet keeps what waits, but not for ever: after this nobody wants to be told any more. */
const tooOldMs = 2 * 24 * 3_600_000;

/** What sending needs. */
export interface MailDispatcherDeps {
  readonly database: Database;
  readonly mail: Mail;
  readonly identity: Pick<Identity, 'findUser'>;
  readonly access: Pick<Access, 'members'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0 to 1, for the jitter. */
  readonly random: () => number;
}

/**
 * Sends e-mails that are due, four at once, again and again for about a day where that may help. Everything it knows is in rows: one that
 * was under way when the process ended is sent again, under the same id. Who has left the Organization meanwhile, or switched e-mail off, gets none.
 */
export function createMailDispatcher(deps: MailDispatcherDeps) {
  const { database, clock, logger } = deps;
  const rows = database.table(mailTable);
  const stopping = new AbortController();
  let nap = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  let prunedAt = Number.NEGATIVE_INFINITY;

  /** The address; or why nothing is sent. */
  async function receiverOf(row: MailRow): Promise<{ name: string; address: string } | string> {
    const [user, chosen, members] = await Promise.all([
      deps.identity.findUser(row.user),
      database.table(notificationSettingsTable).get(row.user),
      deps.access.members(row.organization),
    ]);
    if (!user?.active) return 'The person is not here any more.';
    if (chosen?.mail === 'none') return 'The person has switched e-mail off.';
    if (!user.sovereignAdmin && !members.some((member) => member.user.id === row.user))
      return 'The person is not in the Organization any more.';
    return { name: user.name, address: user.email };
  }

  async function attempt(row: MailRow): Promise<void> {
    if (clock.now() - Date.parse(row.createdAt) > tooOldMs)
      return finish(row, { error: 'It is too old to be sent.' });
    const to = await receiverOf(row);
    if (typeof to === 'string') return finish(row, { error: to });
    const outcome = await deps.mail.send({ id: row.id, to, subject: row.subject, text: row.text });
    await record(row, outcome);
  }

  async function record(row: MailRow, outcome: MailOutcome): Promise<void> {
    const attempts = row.attempts + 1;
    const about = { mail: row.id, user: row.user, attempts };
    if (outcome.ok) {
      logger.info(about, 'an e-mail was taken by the mail server');
      return finish({ ...row, attempts }, { sentAt: new Date(clock.now()).toISOString() });
    }
    const delay = outcome.retry === 'later' ? retryDelayMs(attempts, deps.random()) : undefined;
    const { code, message } = outcome;
    if (delay === undefined) {
      logger.warn({ ...about, code, reason: message }, 'an e-mail is given up');
      return finish({ ...row, attempts }, { error: message });
    }
    logger.info({ ...about, code, reason: message, delayMs: delay }, 'an e-mail waits to be tried again');
    await rows.put({ ...row, attempts, dueAt: clock.now() + delay, error: message });
  }

  async function finish(row: MailRow, what: Pick<MailRow, 'sentAt' | 'error'>): Promise<void> {
    const { error: _before, ...rest } = row;
    await rows.put({ ...rest, ...what, pending: false });
  }

  /** Everything that is due; when the next one is. */
  async function sendDue(): Promise<number> {
    const now = clock.now();
    // Rows whose turn is first come first; the page is refilled as they are done.
    for (;;) {
      const found = await rows.list({ where: { pending: true }, orderBy: 'dueAt', limit: pageSize });
      const due = found.filter(({ dueAt }) => dueAt <= now);
      if (due.length === 0) return found[0]?.dueAt ?? now + everyMs;
      for (let at = 0; at < due.length; at += mostAtOnce) {
        if (stopping.signal.aborted) return now;
        await Promise.all(due.slice(at, at + mostAtOnce).map(attempt));
      }
    }
  }

  async function prune(): Promise<void> {
    if (clock.now() - prunedAt < pruneEveryMs) return;
    prunedAt = clock.now();
    const before = new Date(clock.now() - keptMs).toISOString();
    for (;;) {
      const old = await rows.list({ where: { pending: false }, orderBy: 'createdAt', limit: pageSize });
      const gone = old.filter(({ createdAt }) => createdAt < before);
      for (const { id } of gone) await rows.delete(id);
      if (gone.length < pageSize || stopping.signal.aborted) return;
    }
  }

  async function round(): Promise<number> {
    await prune();
    // Without a server nothing is tried: what waits is sent when there is one, if it is not too old then.
    return deps.mail.status().configured ? sendDue() : clock.now() + everyMs;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      nap = new AbortController();
      const next = await round().catch((error: unknown) => {
        logger.error({ err: error }, 'e-mails could not be looked after; this is tried again');
        return clock.now() + everyMs;
      });
      const pause = Math.min(Math.max(next - clock.now(), 1), everyMs);
      await clock.sleep(pause, AbortSignal.any([nap.signal, stopping.signal]));
    }
  }

  return {
    start(): void {
      const status = deps.mail.status();
      if (!status.configured) logger.info({ reason: status.message }, 'no e-mail is sent');
      loop = run();
    },
    async stop(): Promise<void> {
      stopping.abort();
      await loop;
    },
    /** Says that e-mails were written; a transaction commits a moment later. */
    added(): void {
      setTimeout(() => nap.abort(), afterCommitMs).unref();
    },
  };
}
