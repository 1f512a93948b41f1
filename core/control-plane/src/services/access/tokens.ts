import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Actor, type CheckRight, mayGiveChecks } from '@catalyst/model/authorization.ts';
import { checkNamesProblem } from '@catalyst/model/policy/check-rights.ts';
import { ok, type Problem, type Result, refused } from '@catalyst/model/problem.ts';
import { ulid } from 'ulid';
import type { Clock } from '../../ports/clock.ts';
import type { Database, TableDefinition, Transaction } from '../../ports/database.ts';
import type { TokenInfo, TokenInput } from './access.ts';
import { membershipsTable } from './membership-rows.ts';

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
  /** Where it may post checks. */
  readonly organization?: string;
  /** Names of the checks that it may post there. */
  readonly checks?: readonly string[];
}

const tokens: TableDefinition<TokenRow> = {
  name: 'access_tokens',
  key: 'hash',
  indexes: ['id', 'user', 'organization'],
};

const perUser = 50;
const noOrganization = 'There is no such Organization, or you may not see it.';
const tooMany: Problem = {
  code: 'TooMany',
  message: `You have ${perUser} tokens already. Delete one that you do not use.`,
};
const dayMs = 24 * 3_600_000;
const usedPrecisionMs = 3_600_000;

/** Personal access tokens of all users. */
export interface Tokens {
  create(actor: Actor, input: TokenInput): Promise<Result<TokenInfo & { token: string }>>;
  list(actor: Actor): Promise<TokenInfo[]>;
  delete(user: string, id: string): Promise<boolean>;
  find(token: string): Promise<FoundToken | undefined>;
}

/** A token that is valid now. */
export interface FoundToken {
  readonly user: string;
  readonly id: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly checkRight?: CheckRight;
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
      const { checks } = input;
      const wrong = checks && checkNamesProblem(checks.names);
      if (wrong) return refused(wrong);
      const token = newToken();
      const now = clock.now();
      const row: TokenRow = {
        hash: hashOf(token),
        id: ulid(now),
        user: actor.id,
        name: input.name,
        readOnly: input.readOnly ?? checks !== undefined,
        created: now,
        expires: now + input.expiresInDays * dayMs,
        ...(checks ? { organization: checks.organization, checks: [...checks.names] } : {}),
      };
      return database.transaction(async (tables) => {
        const problem = checks && (await whyNotGive(tables, actor, checks.organization));
        if (problem) return refused(problem);
        const rows = tables.table(tokens);
        let live = 0;
        for (const other of await rows.list({ where: { user: actor.id } }))
          if (other.expires <= now) await rows.delete(other.hash);
          else live += 1;
        return live < perUser && (await rows.insert(row))
          ? ok({ ...toInfo(actor)(row), token })
          : refused(tooMany);
      });
    },
    async list(actor) {
      const rows = await table.list({ where: { user: actor.id } });
      return rows
        .filter((row) => row.expires > clock.now())
        .sort((a, b) => b.created - a.created || b.id.localeCompare(a.id))
        .map(toInfo(actor));
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
      const { user, id, name, readOnly } = row;
      const checkRight = toCheckRight(row);
      return { user, id, name, readOnly, ...(checkRight ? { checkRight } : {}) };
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

function toCheckRight({ organization, checks }: TokenRow): CheckRight | undefined {
  return organization !== undefined && checks ? { organization, names: checks } : undefined;
}

/** As its owner sees it. */
const toInfo =
  (owner: Actor) =>
  (row: TokenRow): TokenInfo => {
    const right = toCheckRight(row);
    return {
      id: row.id,
      name: row.name,
      readOnly: row.readOnly,
      createdAt: new Date(row.created).toISOString(),
      expiresAt: new Date(row.expires).toISOString(),
      ...(row.used === undefined ? {} : { lastUsedAt: new Date(row.used).toISOString() }),
      ...(right
        ? {
            checks: {
              organization: right.organization,
              names: [...right.names],
              holds: mayGiveChecks(owner, right.organization),
            },
          }
        : {}),
    };
  };

/** Asked inside the transaction that makes the token; who does not belong there does not learn whether it exists. */
async function whyNotGive(
  tables: Transaction,
  actor: Actor,
  organization: string,
): Promise<Problem | undefined> {
  if (actor.sovereignAdmin) return undefined;
  const own = await tables.table(membershipsTable).get(`${organization}/${actor.id}`);
  if (!own) return { code: 'NotFound', field: 'checks.organization', message: noOrganization };
  return own.role === 'org-admin'
    ? undefined
    : {
        code: 'Denied',
        field: 'checks.organization',
        message: `Only an org-admin of ${organization} or a sovereign-admin gives a token the right to post checks there.`,
      };
}

/** Takes the right to post checks of an Organization that is going, so that a namesake inherits none; the tokens stay. */
export async function forgetCheckRights(tables: Transaction, organization: string): Promise<void> {
  const rows = tables.table(tokens);
  for (;;) {
    const some = await rows.list({ where: { organization } });
    if (some.length === 0) return;
    for (const { organization: _organization, checks: _checks, ...row } of some) await rows.put(row);
  }
}
