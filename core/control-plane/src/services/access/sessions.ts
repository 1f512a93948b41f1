import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Database, TableDefinition } from '../../ports/database.ts';

interface SessionRow {
  readonly hash: string;
  readonly user: string;
  /** Milliseconds since the epoch, like all times here. */
  readonly expires: number;
  readonly seen: number;
}

const sessions: TableDefinition<SessionRow> = {
  name: 'sessions',
  key: 'hash',
  indexes: ['user', 'expires'],
};

const absoluteMs = 30 * 24 * 3_600_000;
const idleMs = 12 * 3_600_000;
/** Writing at every request would cost a disk flush each; a session may be judged idle this much too early. */
const touchMs = 5 * 60_000;
const perUser = 20;
const sweepRows = 200;

/** Sessions of browsers. The identifier is stored as SHA-256 only. */
export interface Sessions {
  begin(user: string): Promise<{ cookie: string; expiresAt: string }>;
  end(cookie: string): Promise<void>;
  /** The user of a session that holds now. */
  find(cookie: string): Promise<string | undefined>;
}

/** At most 20 sessions per user; a further one ends the one that expires first. */
export function createSessions({ database, clock }: { database: Database; clock: Clock }): Sessions {
  const table = database.table(sessions);
  return {
    async begin(user) {
      const cookie = randomBytes(32).toString('base64url');
      const now = clock.now();
      const expires = now + absoluteMs;
      await database.transaction(async (tables) => {
        const rows = tables.table(sessions);
        for (const row of await rows.list({ orderBy: 'expires', limit: sweepRows }))
          if (row.expires <= now || row.seen + idleMs <= now) await rows.delete(row.hash);
        const own = (await rows.list({ where: { user } })).sort((a, b) => a.expires - b.expires);
        for (const row of own.slice(0, Math.max(0, own.length - perUser + 1))) await rows.delete(row.hash);
        await rows.insert({ hash: hashOf(cookie), user, expires, seen: now });
      });
      return { cookie, expiresAt: new Date(expires).toISOString() };
    },
    async end(cookie) {
      if (isWellFormed(cookie)) await table.delete(hashOf(cookie));
    },
    async find(cookie) {
      if (!isWellFormed(cookie)) return undefined;
      const row = await table.get(hashOf(cookie));
      const now = clock.now();
      if (!row || row.expires <= now || row.seen + idleMs <= now) return undefined;
      if (row.seen + touchMs <= now)
        await database.transaction(async (tables) => {
          // Read again: a sign-out meanwhile must not be undone.
          if (await tables.table(sessions).get(row.hash))
            await tables.table(sessions).put({ ...row, seen: now });
        });
      return row.user;
    },
  };
}

function isWellFormed(cookie: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(cookie);
}

function hashOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}
