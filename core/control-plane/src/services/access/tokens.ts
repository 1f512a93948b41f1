import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Actor } from '@catalyst/model/authorization.ts';
import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import { ulid } from 'ulid';
import type { Clock } from '../../ports/clock.ts';
import type { Database, TableDefinition } from '../../ports/database.ts';
import type { TokenInfo } from './access.ts';

interface TokenRow {
  readonly hash: string;
  readonly id: string;
  readonly user: string;
  readonly name: string;
  readonly readOnly: boolean;
  /** Milliseconds since the epoch, like all times here. */
  readonly created: number;
  readonly expires: number;
  readonly used?: number;
}

const tokens: TableDefinition<TokenRow> = {
  name: 'access_tokens',
  key: 'hash',
  indexes: ['id', 'user'],
};

const perUser = 50;
const dayMs = 24 * 3_600_000;
const usedPrecisionMs = 3_600_000;

/** Personal access tokens of all users. */
export interface Tokens {
  create(
    actor: Actor,
    input: { name: string; expiresInDays: number; readOnly?: boolean },
  ): Promise<Result<TokenInfo & { token: string }>>;
  list(user: string): Promise<TokenInfo[]>;
  delete(user: string, id: string): Promise<boolean>;
  find(token: string): Promise<{ user: string; readOnly: boolean } | undefined>;
}

/** Tokens are `cat_`, 40 hexadecimal characters of chance and 8 of their CRC-32; only the SHA-256 is stored. */
export function createTokens({ database, clock }: { database: Database; clock: Clock }): Tokens {
  const table = database.table(tokens);
  return {
    async create(actor, input) {
      if (actor.surface !== 'console')
        return refused({
          code: 'Denied',
          message: 'A token cannot make another. Sign in to the console to make one.',
        });
      const token = newToken();
      const now = clock.now();
      const row: TokenRow = {
        hash: hashOf(token),
        id: ulid(now),
        user: actor.id,
        name: input.name,
        readOnly: input.readOnly ?? false,
        created: now,
        expires: now + input.expiresInDays * dayMs,
      };
      const stored = await database.transaction(async (tables) => {
        const rows = tables.table(tokens);
        let live = 0;
        for (const other of await rows.list({ where: { user: actor.id } }))
          if (other.expires <= now) await rows.delete(other.hash);
          else live += 1;
        return live < perUser && (await rows.insert(row));
      });
      return stored
        ? ok({ ...toInfo(row), token })
        : refused({
            code: 'TooMany',
            message: `You have ${perUser} tokens already. Delete one that you do not use.`,
          });
    },
    async list(user) {
      const rows = await table.list({ where: { user } });
      return rows
        .filter((row) => row.expires > clock.now())
        .sort((a, b) => b.created - a.created || b.id.localeCompare(a.id))
        .map(toInfo);
    },
    async delete(user, id) {
      const [row] = await table.list({ where: { id, user }, limit: 1 });
      return row ? table.delete(row.hash) : false;
    },
    async find(token) {
      if (!isWellFormed(token)) return undefined;
      const row = await table.get(hashOf(token));
      const now = clock.now();
      if (!row || row.expires <= now) return undefined;
      if ((row.used ?? 0) + usedPrecisionMs <= now)
        await database.transaction(async (tables) => {
          // Read again: a token deleted meanwhile must stay deleted.
          if (await tables.table(tokens).get(row.hash)) await tables.table(tokens).put({ ...row, used: now });
        });
      return { user: row.user, readOnly: row.readOnly };
    },
  };
}

function newToken(): string {
  const random = randomBytes(20).toString('hex');
  return `cat_${random}${checksum(random)}`;
}

function isWellFormed(token: string): boolean {
  const match = /^cat_([0-9a-f]{40})([0-9a-f]{8})$/.exec(token);
  return match !== null && checksum(match[1] ?? '') === match[2];
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function toInfo(row: TokenRow): TokenInfo {
  return {
    id: row.id,
    name: row.name,
    readOnly: row.readOnly,
    createdAt: new Date(row.created).toISOString(),
    expiresAt: new Date(row.expires).toISOString(),
    ...(row.used === undefined ? {} : { lastUsedAt: new Date(row.used).toISOString() }),
  };
}
