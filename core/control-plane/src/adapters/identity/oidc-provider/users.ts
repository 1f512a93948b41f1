import { createHash, randomBytes } from 'node:crypto';
import { checkEmail, checkPersonName, normaliseEmail } from '@catalyst/model/person.ts';
import { ok, type Result, refused } from '@catalyst/model/problem.ts';
import { ulid } from 'ulid';
import type { Clock } from '../../../ports/clock.ts';
import type { Database, TableDefinition, Transaction } from '../../../ports/database.ts';
import type { Identity, User } from '../../../ports/identity.ts';
import type { Passwords } from './passwords.ts';
import { checkPassword } from './rules.ts';

interface UserRow extends User {
  readonly passwordHash?: string;
}

interface LinkRow {
  /** SHA-256 of the token; the token itself is never stored. */
  readonly hash: string;
  /** `invitation` was for an account; such links are not followed any more (docs/adr/0021). */
  readonly kind: 'setup' | 'invitation';
  /** Milliseconds since the epoch. */
  readonly expires: number;
  readonly used: boolean;
}

const users: TableDefinition<UserRow> = {
  name: 'users',
  key: 'id',
  indexes: ['email', 'sovereignAdmin', 'createdAt'],
};
const links: TableDefinition<LinkRow> = {
  name: 'user_links',
  key: 'hash',
  indexes: ['kind', 'expires'],
};

const setupLinkMs = 24 * 3_600_000;
/** How long a link that cannot be used any more is still told apart from one that never was. */
const keptMs = 30 * 24 * 3_600_000;

/** The users' half of the `Identity` port, plus the check of a password. */
export interface Users
  extends Pick<
    Identity,
    'findUser' | 'findUserByEmail' | 'sovereignAdmins' | 'createUser' | 'accept' | 'setupLink' | 'setupNeeded'
  > {
  /** The active user with this e-mail and password; takes the same time for an unknown account. */
  verify(email: string, password: string): Promise<User | undefined>;
}

/** Users and the single-use set-up link, in the tables `users` and `user_links`. */
export function createUsers(deps: { database: Database; clock: Clock; passwords: Passwords }): Users {
  const { database, clock, passwords } = deps;

  async function newSetupLink(tables: Transaction) {
    const table = tables.table(links);
    for (const row of await table.list({ where: { kind: 'setup' } })) await table.delete(row.hash);
    for (const row of await table.list({ orderBy: 'expires', limit: 100 }))
      if (row.expires + keptMs < clock.now()) await table.delete(row.hash);
    const token = randomBytes(32).toString('base64url');
    const expires = clock.now() + setupLinkMs;
    await table.put({ hash: hashToken(token), kind: 'setup', expires, used: false });
    return { path: `/setup?token=${token}`, expiresAt: new Date(expires).toISOString() };
  }

  async function newUser(
    tables: Transaction,
    person: Pick<User, 'name' | 'email' | 'sovereignAdmin'> & { readonly passwordHash: string },
  ): Promise<User> {
    const createdAt = new Date(clock.now()).toISOString();
    const user: UserRow = { id: ulid(clock.now()), ...person, createdAt, active: true };
    await tables.table(users).put(user);
    return toUser(user) ?? user;
  }

  const findByEmail = async (tables: Transaction, email: string) =>
    (await tables.table(users).list({ where: { email: normaliseEmail(email) }, limit: 1 }))[0];

  return {
    findUser: async (id) => toUser(await database.table(users).get(id)),
    findUserByEmail: async (email) => toUser(await findByEmail(database, email)),
    setupNeeded: async () => !(await hasAdmin(database)),
    sovereignAdmins: async () =>
      (await activeAdmins(database))
        .toSorted((left, right) => (left.createdAt < right.createdAt ? -1 : 1))
        .flatMap((row) => toUser(row) ?? []),
    setupLink: () =>
      database.transaction(async (tables) => ((await hasAdmin(tables)) ? undefined : newSetupLink(tables))),

    async createUser(input) {
      const person = checkPerson(input);
      if (!person.ok) return person;
      const passwordHash = await passwords.hash(input.password);
      return database.transaction(async (tables) => {
        const known = await findByEmail(tables, person.value.email);
        if (known?.active || known?.sovereignAdmin) return emailTaken();
        // A new id: nothing that was given to an account that nobody proved to own comes along.
        if (known) await tables.table(users).delete(known.id);
        return ok(await newUser(tables, { ...person.value, sovereignAdmin: false, passwordHash }));
      });
    },

    async accept(token, input) {
      const hash = /^[A-Za-z0-9_-]{43}$/.test(token) ? hashToken(token) : '';
      const before = checkLink(await database.table(links).get(hash), clock.now());
      if (!before.ok) return before;
      const person = checkPerson(input);
      if (!person.ok) return person;
      const passwordHash = await passwords.hash(input.password);
      return database.transaction(async (tables) => {
        // Again, because hashing took a while and the link is single-use.
        const link = checkLink(await tables.table(links).get(hash), clock.now());
        if (!link.ok) return link;
        if (await findByEmail(tables, person.value.email)) return emailTaken();
        if (await hasAdmin(tables)) return linkUsed();
        const user = await newUser(tables, { ...person.value, sovereignAdmin: true, passwordHash });
        await tables.table(links).put({ ...link.value, used: true });
        return ok(user);
      });
    },

    async verify(email, password) {
      const row = await findByEmail(database, email);
      const right = await passwords.verify(password, row?.active ? row.passwordHash : undefined);
      return right ? toUser(row) : undefined;
    },
  };
}

async function hasAdmin(tables: Transaction): Promise<boolean> {
  return (await activeAdmins(tables)).length > 0;
}

async function activeAdmins(tables: Transaction): Promise<UserRow[]> {
  const admins = await tables.table(users).list({ where: { sovereignAdmin: true } });
  return admins.filter((user) => user.active);
}

function checkPerson(input: {
  name: string;
  email: string;
  password: string;
}): Result<{ name: string; email: string }> {
  const name = checkPersonName(input.name);
  if (!name.ok) return name;
  const email = checkEmail(input.email);
  if (!email.ok) return email;
  const password = checkPassword(input.password, [email.value, name.value]);
  return password.ok ? ok({ name: name.value, email: email.value }) : password;
}

function checkLink(row: LinkRow | undefined, now: number): Result<LinkRow> {
  if (row?.kind !== 'setup')
    return refused({
      code: 'LinkUnknown',
      field: 'token',
      message: 'This link is not known. Use the whole link; a newer link replaces those before it.',
    });
  if (row.used) return linkUsed();
  if (row.expires <= now)
    return refused({
      code: 'LinkExpired',
      field: 'token',
      message: `This link has expired on ${new Date(row.expires).toISOString()}. Ask for a new one.`,
    });
  return ok(row);
}

const linkUsed = () =>
  refused({
    code: 'LinkUsed',
    field: 'token',
    message: 'This link has been used already. Sign in with the password that was set then.',
  });
const emailTaken = () =>
  refused({ code: 'Conflict', field: 'email', message: 'Somebody already has this e-mail address here.' });

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function toUser(row: UserRow | undefined): User | undefined {
  if (!row) return undefined;
  const { id, name, email, sovereignAdmin, createdAt, active } = row;
  return { id, name, email, sovereignAdmin, createdAt, active };
}
